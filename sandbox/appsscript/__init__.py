"""Stand-ins of Google's Apps Script services that run the real files of appsscript/."""
