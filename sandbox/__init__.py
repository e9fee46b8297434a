"""Stand-ins of Aircall and Google over HTTP, and the demo; for the demo command and tests."""
