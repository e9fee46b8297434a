"""THE QUEUE EDGE: jobs in, runs out."""
