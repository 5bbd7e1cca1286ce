"""How much of a document is kept. Whoever applies a cap says so in a note of the item or the document."""

MAX_ITEMS = 5_000
MAX_TITLE = 1_000
MAX_SUMMARY = 5_000
MAX_URL = 2_000
MAX_KEY = 500
MAX_MARKUP = 50_000
"""Characters of markup read for one text: nested elements take quadratic time (250 KB of `<div>`: 5 s)."""
