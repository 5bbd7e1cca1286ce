"""Hits in, incidents out: which hits are about the same event, what it is, who reports it, and when it is over."""
