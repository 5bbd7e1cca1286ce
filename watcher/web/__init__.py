"""The store in, pages and numbers over HTTP out: how the service is doing, what it said, and why.

It reads, and nothing more.
"""
