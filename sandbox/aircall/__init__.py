"""The Aircall stand-in: one invented contact centre behind the API's own shapes and habits."""
