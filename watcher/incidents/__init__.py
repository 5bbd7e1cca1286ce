"""Hits in, incidents out: which hits are about the same event, who reports it, and when it is over."""
