"""Programs that read calls, each run as a child process with its job as one argument of JSON.

Each prints one line of JSON at its end: how many records it read and what else it has to tell.
"""
