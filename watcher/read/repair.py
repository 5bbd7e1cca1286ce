"""The text of an answer in, the feed in it, fit for an XML parser, and what was repaired, out.

Only the part from the root element on is kept. So a document type is never seen by a parser, nothing it names
is fetched or expanded, and blanks or a PHP notice before the declaration do no harm. A document that declares
entities means something else than what is left, and is refused.
"""

import re
from collections import deque

from watcher.errors import ReadError

_ROOT = re.compile(r"<!--|<((?:[\w.-]+:)?(?:rss|feed|rdf|channel|html|svg))(?=[\s/>])", re.IGNORECASE)
_NO_FEED = {"html": "an HTML page", "svg": "a picture"}
_DECLARATION = re.compile(r"<[?!]")
_ENTITY = re.compile(r"<!entity", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")
_ENTRY = re.compile(r"<(/?)(?:[\w.-]+:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_BLANKS = "\ufeff \t\r\n"
_HIGHEST = 0x10FFFF
_DIGITS = len(str(_HIGHEST))


def root_of(text: str) -> tuple[str, tuple[str, ...]]:
    """Return a text from the root element of its feed on, and what was wrong with it until there.

    Raises:
        ReadError: there is no feed in it, or it declares entities.
    """
    _, start = _root(text)
    head = text[:start]
    refuse_entities(head)
    declared = _DECLARATION.search(head)
    is_clean = not head[: declared.start() if declared else None].strip(_BLANKS)
    return text[start:], () if is_clean else ("text before the XML declaration",)


def is_possible(body: str) -> bool:
    """Say whether a well-formed feed from its root element on is fit for any parser.

    An XML parser refuses characters that cannot be, and references to them, but it passes over a `CDATA`.
    """
    return "&#" not in body or _REFERENCE.sub(_possible, body) == body


def mend(body: str) -> tuple[str, tuple[str, ...]]:
    """Return a feed from its root element on, fit for an XML parser, and what was wrong with it."""
    root, _ = _root(body)
    allowed = _REFERENCE.sub(_possible, _CONTROL.sub("", body))
    whole = allowed
    if f"</{root}" not in allowed and (entries := deque(_ENTRY.finditer(allowed), maxlen=1)):
        # An entry that was begun and not ended goes: half a headline is not what was published.
        whole = allowed if entries[0][1] else allowed[: entries[0].start()]
    damage = {
        "control characters": allowed != body,
        "cut short: the last entry is left out": whole != allowed,
    }
    return whole, tuple(what for what, found in damage.items() if found)


def refuse_entities(text: str) -> None:
    """Let a text pass that declares no entities.

    Raises:
        ReadError: it does.
    """
    if _ENTITY.search(text):
        what = "the document declares entities (<!ENTITY); the watcher never expands or fetches them"
        raise ReadError("refused", what)


def _root(text: str) -> tuple[str, int]:
    """Return the name of the root element and where it begins, passing over comments."""
    at = 0
    while found := _ROOT.search(text, at):
        if found[1] is None:
            at = text.find("-->", found.end())
            if at < 0:
                break
            continue
        if kind := _NO_FEED.get(found[1].lower()):
            what = f"{kind}, not a feed; the address may have moved or may ask for a login"
            raise ReadError("not_a_feed", what)
        return found[1], found.start()
    raise ReadError("not_a_feed", f"not a feed: it begins with {text[:40]!a}")


def _possible(reference: re.Match[str]) -> str:
    """Keep a numeric reference when there is such a character; parsers give up on a document at others."""
    digits = (reference[1] or reference[2]).lstrip("0")
    number = int(digits or "0", 16 if reference[1] else 10) if len(digits) <= _DIGITS else _HIGHEST + 1
    return reference[0] if number <= _HIGHEST and not _CONTROL.match(chr(number)) else ""
