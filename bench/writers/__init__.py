"""One writer a module, each a process of its own that brings the same rows into a tab."""
