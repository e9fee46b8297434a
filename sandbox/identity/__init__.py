"""A stand-in of Google's issuer of identity tokens."""
