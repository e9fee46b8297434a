"""Google Sheets as the destination: the only importer of gspread, requests, google-auth."""
