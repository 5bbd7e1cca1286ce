"""Markup in, the text a person would read out: no tags, no entities, no invisible controls, single spaces.

Feeds escape their text once, twice or not at all and rarely say which, so what looks like markup after one
reading is read again. Block elements part words and inline ones do not. Words in angle brackets that are no
elements ("<Hwasong-18>", "<ICBM>") are text, and the readings of names (`<ruby>`) are left out.
"""

import re
from collections.abc import Set as AbstractSet

from selectolax.lexbor import LexborHTMLParser

_READINGS = 3
_PARTING = re.compile(
    r"</?(?:address|article|aside|blockquote|br|center|dd|div|dl|dt|figcaption|figure|footer|form|h[1-6]|header|hr|li|main|nav|ol|"
    r"option|p|pre|section|table|tbody|td|tfoot|th|thead|title|tr|ul)(?=[\s/>])",
    re.IGNORECASE,
)
_TAG = re.compile(r"<(/?)([a-z][\w:.-]*)([^<>]*)>?", re.IGNORECASE)
_ELEMENTS = frozenset(
    re.findall(
        r"\w+",
        """
        a abbr acronym address article aside b bdi bdo big blink blockquote body br caption center cite code
        col colgroup dd del details dfn div dl dt em embed fieldset figcaption figure font footer form frame
        frameset h1 h2 h3 h4 h5 h6 head header hr html i iframe img input ins kbd li link main marquee math
        meta nav nobr noframes noscript object ol option p param pre q rb rp rt rtc ruby s samp script section
        select small span strike strong style sub sup svg table tbody td textarea tfoot th thead tr tt u ul
        var wbr xml
        """,
    )
)
"""Elements that stand in feeds without attributes and without an end."""
_BARE = re.compile(
    r"(?:\s+(?:allowfullscreen|async|autoplay|checked|compact|controls|defer|disabled|hidden|loop|muted|noshade"
    r"|nowrap|selected))*\s*/?\s*",
    re.IGNORECASE,
)
"""What stands in the tag of an element without values; `<Q&A>` and `<A Korean view>` are no tags."""
_NAMED_NAMESPACE = re.compile(r"\w+:\w")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff]"
)
"""Controls (but no white space), bidirectional overrides and isolates, lone surrogates, noncharacters."""
_MARK = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_HEAP_OF_MARKS = re.compile(f"({_MARK}{{4}}){_MARK}+")


def plain(markup: str, *, keep_code: bool = False, is_text: bool = False) -> str:
    """Return the text of some markup; what is declared to be text is no markup.

    `keep_code` keeps the words of scripts and styles: nothing of a headline may get lost.
    """
    text = _seen(markup)
    for _ in range(0 if is_text else _READINGS):
        if "<" not in text and "&" not in text:
            break
        once = _seen(_text_of(text, keep_code=keep_code))
        if once == text:
            break
        text = once
    return " ".join((text if text.isascii() else _HEAP_OF_MARKS.sub(r"\1", text)).split())


def beginning(markup: str, limit: int) -> str:
    """Return the first characters of some markup, without the tag or entity that the cut goes through."""
    if len(markup) <= limit:
        return markup
    kept = markup[:limit]
    tag = kept.rfind("<")
    return kept[:tag] if tag > kept.rfind(">") else kept


def _seen(text: str) -> str:
    """Return a text without what nobody sees; none of that counts as printable."""
    return text if text.isprintable() else _UNSEEN.sub("", text)


def _text_of(markup: str, *, keep_code: bool) -> str:
    closed = markup.rfind(">") + 1
    # A tag that never ends is no tag: "range <N Korea says".
    markup = markup[:closed] + markup[closed:].replace("<", "&lt;")
    ended = {name.lower() for slash, name, _ in _TAG.findall(markup) if slash}
    markup = _TAG.sub(lambda tag: tag[0] if _is_markup(tag, ended) else f"&lt;{tag[0][1:]}", markup)
    tree = LexborHTMLParser(_PARTING.sub(r" \g<0>", markup))
    if not keep_code:
        tree.strip_tags(["script", "style"])
    if "<ruby" in markup:
        tree.strip_tags(["rt", "rp", "rtc"])
    return tree.root.text() if tree.root else ""


def _is_markup(tag: re.Match[str], ended: AbstractSet[str]) -> bool:
    """Say whether a tag is one: its element is a usual one, has an end or attributes, or has a namespace."""
    name, rest = tag[2].lower(), tag[3]
    usual = name in _ELEMENTS and bool(tag[1] or _BARE.fullmatch(rest))
    known = usual or name in ended or bool(_NAMED_NAMESPACE.match(name))
    return known or "=" in rest or rest.endswith("/")
