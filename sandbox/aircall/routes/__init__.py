"""The endpoints of the Aircall API, one module for each noun."""
