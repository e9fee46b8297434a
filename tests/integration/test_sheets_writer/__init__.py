"""The writer against the Google stand-in over HTTP."""
