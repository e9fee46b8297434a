"""What we keep in Redis: the only folder that knows its keys."""
