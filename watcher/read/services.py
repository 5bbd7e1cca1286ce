"""A feed as written in, what in it is no news out: errors sent as items, readers' comments, boilerplate."""

import re
from collections import Counter

from watcher.errors import ReadError
from watcher.read.raw import RawEntry, RawFeed

_BRIDGE = re.compile(r"RSS-?(?:Bridge|Hub)", re.IGNORECASE)
_BRIDGE_LINK = re.compile(r"[?&]bridge=\w", re.IGNORECASE)
_FAILED = re.compile(
    r"(?:\w*Bridge (?:returned|encountered|failed|threw)\b.{0,40}\b(?:error|exception)|Error \d{3}\b)",
    re.IGNORECASE,
)
_NO_NEWS = re.compile(r"RSS reader not yet whitelist", re.IGNORECASE)
"""What a service lists in place of news where it turns a reader away."""
_COMMENT_LINK = re.compile(r"#comment-\d+$|[?&]showComment=\d|#c\d{6,}$")
_COMMENTS = re.compile(r"comments (?:for|on:?) ", re.IGNORECASE)
_COMMENT = re.compile(r"(?:comment on .+ by |by: |re: )", re.IGNORECASE)
_A_SENTENCE = 20
"""Characters of a line that may say something."""
_FOOTER = re.compile(
    r"\s*(?:\bThe post .{1,300}? (?:appeared first|first appeared) on [^.]{1,100}"
    r"|投稿 .{1,300}? は .{1,100} に最初に表示されました"
    r"|〈.{1,300}〉這篇文章最早發佈於.{1,100}"
    r"|Сообщение .{1,300}? появились сначала на [^.]{1,100}) ?[.。]?$"
)
"""What plug-ins of WordPress write under a post, which names the blog."""
_FOOTERS = ("appeared", "表示されました", "最早發佈於", "появились сначала на")
"""Of these, a text with such a footer has one."""
_NOTE = re.compile(r"\s*\[contains quote post or other embedded content\]")


def refuse_no_news(raw: RawFeed) -> None:
    """Let a feed pass that holds news.

    Raises:
        ReadError: it reports a bridge's own failure, or holds what readers say under articles.
    """
    if not raw.entries:
        return
    if all(_NO_NEWS.match(each.title) for each in raw.entries):
        raise ReadError("refused", f"the service blocks readers: {raw.entries[0].title[:200]}")
    by_bridge = bool(_BRIDGE.search(raw.generator) or raw.title.endswith("Bridge"))
    if all(
        _FAILED.match(each.title) and (by_bridge or _BRIDGE_LINK.search(each.link)) for each in raw.entries
    ):
        raise ReadError("refused", f"the bridge reports an error in an item: {raw.entries[0].title[:200]}")
    linked = all(_COMMENT_LINK.search(each.link) for each in raw.entries)
    titled = _COMMENTS.match(raw.title) and all(_COMMENT.match(each.title) for each in raw.entries)
    if linked or titled:
        what = "readers' comments, not news; subscribe to the feed of the articles"
        raise ReadError("refused", what)


def is_bridge(raw: RawFeed) -> bool:
    """Say whether a bridge made a feed; it knows less of its language than whoever lists the feed."""
    return bool(_BRIDGE.search(raw.generator))


def boilerplate(raw: RawFeed) -> frozenset[str]:
    """Return the texts, and lines of text, that most summaries share under different titles."""
    said = {(line, each.title) for each in raw.entries for line in _lines(each.summary)}
    titles = Counter(line for line, _ in said)
    most = sum(bool(each.summary) for each in raw.entries) / 2
    return frozenset(line for line, count in titles.items() if count > max(1, most))


def _lines(summary: str) -> list[str]:
    """Return a summary and, where it is plain text, its lines that are long enough to say something."""
    lines = [] if "<" in summary else [line.strip() for line in summary.splitlines()]
    return [*filter(None, (summary,)), *(line for line in lines if len(line) >= _A_SENTENCE)]


def without_note(text: str) -> str:
    """Return a text without what services add to it: that a post holds something else, where it appeared."""
    if "[contains quote post" in text:
        text = _NOTE.sub("", text)
    return _FOOTER.sub("", text) if any(words in text for words in _FOOTERS) else text


def summary_of(entry: RawEntry, shared: frozenset[str]) -> tuple[str, str]:
    """Return the summary of an entry, still markup, and a note if any of it is left out."""
    if not entry.title or shared.isdisjoint(_lines(entry.summary)):
        return entry.summary, ""
    if entry.summary in shared:
        return "", "summary left out: most items have the same one"
    own = (line for line in entry.summary.splitlines() if line.strip() not in shared)
    return "\n".join(own), "lines of the summary left out: most items have the same ones one"
