"""The Google stand-in over HTTP: Sheets v4, and the little of Drive v3 and OAuth that we need."""
