"""Stand-ins of Aircall and Google over HTTP, and the demo: used by the demo command and tests only."""
