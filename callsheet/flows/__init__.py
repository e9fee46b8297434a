"""The rules of data flows: made, changed, paused, copied, removed, started, kept in a file.

The API and the command line both go through here, so that they do the same.
"""
