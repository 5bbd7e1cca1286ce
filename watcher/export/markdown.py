"""Words of feeds and people in, the same words out as Markdown shows them: none of them is markup."""

import re

from watcher.delivery.render import one_line

_MARKUP = re.compile(r"([\\`*_\[\]<>|&~#])")


def markdown_text(words: str, limit: int) -> str:
    """Return words on one line of at most `limit` characters, before those are escaped."""
    return _MARKUP.sub(r"\\\1", one_line(words, limit))
