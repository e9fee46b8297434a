"""The demo: a spreadsheet page around the real sidebar, and every process that it needs."""
