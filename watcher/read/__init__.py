"""Feed bytes in, a document of items out: `document.read`.

This package itself imports nothing, so that `dates` and `identity` serve processes that must never load a
feed parser.
"""
