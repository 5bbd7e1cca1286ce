"""Text for people in, the same text out as a chat takes it: a headline calls nobody and draws nothing."""

import re
from collections.abc import Callable

_ADDRESS = re.compile(r"(https?://\S+)", re.IGNORECASE)
_MENTION = re.compile(r"@(?=\S)")
_MARK = re.compile(r"[\\`*_~|>#\[\]()<]|(?<!\S)[-+=]")
_ACTS_IN_AN_ADDRESS = re.compile(r"[@`*~|<>\[\]()\\]")


def uncalling(words: str) -> str:
    """Return words that call nobody: an invisible space follows every @ that has a name after it."""
    return _apart(words, lambda between: _MENTION.sub("@\u200b", between))


def unmarked(words: str) -> str:
    """Return words that call nobody and that a chat which draws Markdown shows as they are."""
    return _apart(words, lambda between: _MENTION.sub("@\u200b", _MARK.sub(r"\\\g<0>", between)))


def _apart(words: str, change: Callable[[str], str]) -> str:
    """Change what stands between addresses; what would act in an address is percent-encoded."""
    between_and_addresses = enumerate(_ADDRESS.split(words))
    return "".join(_address(part) if place % 2 else change(part) for place, part in between_and_addresses)


def _address(url: str) -> str:
    return _ACTS_IN_AN_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", url)
