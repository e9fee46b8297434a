"""The web edge: HTTP in, JSON out, never slow."""
