"""Callsheet: brings Aircall data into Google Sheets and keeps it right."""
