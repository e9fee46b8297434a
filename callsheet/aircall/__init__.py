"""Reading from Aircall: the only folder that imports httpx."""
