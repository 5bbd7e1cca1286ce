"""How a poll of a feed went in, what is usual for the feed and what is odd about it out.

A feed may answer and yet be dead, lose items between two polls, or turn into another feed. Each of these is a
notice, which `feeds` tells people of. What is usual is learned from the feed alone:

- Silence. The longest wait for news is kept for each day that brought some, so that nights, weekends and a
  monthly rhythm all count. A feed is silent when it has brought nothing for three times the wait that one
  such day in twenty reaches, and for at least a day. Time in which we did not poll does not count.
- Frozen. Publishers leave feeds standing when they move: all that they list is old, at the first poll too.
  After a week without a poll, a feed has another week to list something new.
- Overlap. A list whose items are all new has probably pushed some out unseen. A feed whose lists never
  overlap is reported once.
- Character. A format, a writing or (with not one item in common) a title that the feed never had.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from watcher.model.alerts import Reason
from watcher.model.news import Document, Feed, Item
from watcher.model.polling import FeedState, Habits, Notice
from watcher.polling import cadence
from watcher.text.durations import in_words

DAYS_KEPT = 60
"""Days with news whose longest silence is remembered."""

DAYS_NEEDED = 10
"""Days with news before anything is said about silence; two weekends are among them."""

SILENT_AT_LEAST = timedelta(days=1)

FROZEN_AFTER = timedelta(days=180)
"""A feed that lists nothing newer was left standing: a living quarterly lists something twice as new."""

_A_WEEK = timedelta(days=7)
"""After so long without a poll, a feed has as long to list something new before it counts as frozen."""

_TIMES_USUAL = 3
_ONE_DAY_IN = 20

_A_LIST = 3
"""A shorter list may turn over between two polls without losing anything to speak of."""

_TITLES_NEEDED, _LETTERS_NEEDED, _MOST = 5, 50, 0.8
_KNOWN_OF_A_KIND = 5
_NAME_LENGTH = 80
_FAMILY = re.compile("[a-z]+")
_WRITINGS = {
    "Latin": "[A-Za-z\u00c0-\u024f]",
    "Korean": "[\uac00-\ud7a3]",
    "Japanese": "[\u3040-\u30ff]",
    "Chinese": "[\u4e00-\u9fff]",
    "Cyrillic": "[\u0400-\u04ff]",
}


def after_poll(
    before: FeedState,
    after: FeedState,
    feed: Feed,
    document: Document | None,
    items: Sequence[Item],
    now: datetime,
) -> Habits:
    """Return what is usual for a feed, and odd about it, after a poll that worked.

    `document` is None when it is the one of last time.
    """
    away, missed = cadence.away(feed, before, now), after.last_missed == now
    habits = _silence(before.habits, now, news=bool(items), away=bool(away))
    gap = now - before.last_ok if before.last_ok else timedelta()
    habits = replace(habits, back=now) if gap > _A_WEEK else habits
    habits = _frozen(habits, newest_of(document.items) if document else None, now)
    if document is None:
        return habits
    habits, changes = _compared(habits, document, has_nothing_in_common=missed)
    if changes:
        return _noticed(habits, Reason.FEED_CHANGED, "; ".join(changes), now)
    notice, count = notice_of(habits, Reason.ITEMS_MISSED), len(document.items)
    if not missed:
        overlaps = items and notice and notice.over is None
        return with_notice(habits, replace(notice, over=now)) if overlaps and notice else habits
    if count < _A_LIST or (notice and notice.over is None):
        return habits
    advice = (
        "the watcher had not polled it for that long"
        if away
        else f"`every` is {in_words(feed.every)}; make it shorter"
    )
    after_what = in_words(gap) if before.last_ok else ""
    what = f"all {count} items were new after {after_what}; {advice}"
    return _noticed(habits, Reason.ITEMS_MISSED, what, now)


def longest_usual(habits: Habits) -> timedelta | None:
    """Return the longest silence that is usual, or None while too little is known."""
    if len(habits.gaps) < DAYS_NEEDED:
        return None
    ranked = sorted(habits.gaps)
    return timedelta(minutes=ranked[-1 - len(ranked) // _ONE_DAY_IN])


def newest_of(items: Sequence[Item]) -> datetime | None:
    """Return the newest date of items, or None when most of them have none that could tell."""
    dates = [item.published for item in items if item.published]
    return max(dates) if dates and 2 * len(dates) >= len(items) else None


def notice_of(habits: Habits, reason: Reason) -> Notice | None:
    """Return the notice of a reason, if there is one."""
    for notice in habits.notices:  # mostly there is none, and every poll asks for each reason
        if notice.reason is reason:
            return notice
    return None


def with_notice(habits: Habits, notice: Notice) -> Habits:
    """Return habits with a notice in the place of the one of its reason."""
    return replace(
        habits, notices=(*(each for each in habits.notices if each.reason is not notice.reason), notice)
    )


def without_notice(habits: Habits, *reasons: Reason) -> Habits:
    """Return habits without the notices of some reasons."""
    if all(each.reason not in reasons for each in habits.notices):
        return habits
    return replace(habits, notices=tuple(each for each in habits.notices if each.reason not in reasons))


def _silence(habits: Habits, now: datetime, *, news: bool, away: bool) -> Habits:
    """Return habits with the time since the last news, and the notice of a silence that began or ended.

    After a time `away`, in which we did not look, the silence is measured from now.
    """
    began = habits.since
    if began is None or away or began > now:
        habits = replace(habits, since=now)
    elif news:
        gap, gaps = int((now - began).total_seconds() // 60), habits.gaps
        if gaps and began.date() == now.date():
            gaps = (*gaps[:-1], max(gaps[-1], gap))
        else:
            gaps = (*gaps, gap)[-DAYS_KEPT:]
        habits = replace(habits, since=now, gaps=gaps)
    notice, usual = notice_of(habits, Reason.FEED_SILENT), longest_usual(habits)
    if news and notice:
        if notice.told is None:
            return without_notice(habits, notice.reason)
        return with_notice(habits, replace(notice, over=notice.over or now))
    if news or notice or usual is None or habits.since is None:
        return habits
    quiet = now - habits.since
    if quiet < max(SILENT_AT_LEAST, _TIMES_USUAL * usual):
        return habits
    what = f"nothing new for {in_words(quiet)}, where {in_words(usual)} is already long"
    return _noticed(habits, Reason.FEED_SILENT, what, now)


def _frozen(habits: Habits, listed: datetime | None, now: datetime) -> Habits:
    """Return habits with the newest date ever listed, and the notice of a feed that stands still."""
    is_back = habits.back is not None and timedelta(0) <= now - habits.back < _A_WEEK
    newest = max(filter(None, (habits.newest, listed)), default=None)
    habits = habits if newest == habits.newest else replace(habits, newest=newest)
    notice = notice_of(habits, Reason.FEED_FROZEN)
    if newest is not None and now - newest > FROZEN_AFTER:
        known = (notice and notice.over is None) or notice_of(habits, Reason.FEED_SILENT) or is_back
        what = f"its newest item is of {newest:%Y-%m-%d}"
        return habits if known else _noticed(habits, Reason.FEED_FROZEN, what, now)
    if notice is None or notice.told is None:
        return without_notice(habits, Reason.FEED_FROZEN)
    return with_notice(habits, replace(notice, over=notice.over or now))


def _compared(habits: Habits, document: Document, *, has_nothing_in_common: bool) -> tuple[Habits, list[str]]:
    """Return the habits with what the document is like, and how it differs from all before it.

    Its title counts only where it has not one item in common with them; the digits in a title may be a date.
    """
    title = " ".join(re.sub(r"\d+", "", document.title).split())[:_NAME_LENGTH]
    family = _FAMILY.match(document.format)
    found = {"format": family[0] if family else "", "writing": writing_of(document.items), "title": title}
    changes, known = [], habits.known
    for kind, value in found.items():
        if not value:
            continue
        mark = f"{kind}: "
        before = [name.removeprefix(mark) for name in known if name.startswith(mark)]
        if before and value not in before and (kind != "title" or has_nothing_in_common):
            changes.append(f"its {kind} was {before[-1]} and is {value}")
        latest = [*(each for each in before if each != value), value][-_KNOWN_OF_A_KIND:]
        known = (
            *(name for name in known if not name.startswith(mark)),
            *(f"{mark}{each}" for each in latest),
        )
    return replace(habits, known=known), changes


def writing_of(items: Sequence[Item]) -> str:
    """Return the script of most of the titles, or an empty string when there is none or too little text."""
    text = "".join(item.title for item in items)
    counts = {name: len(re.findall(letter, text)) for name, letter in _WRITINGS.items()}
    if counts["Japanese"] * 10 >= counts["Chinese"]:  # Japanese is written with both
        counts["Japanese"], counts["Chinese"] = counts["Japanese"] + counts["Chinese"], 0
    letters, (most, name) = sum(counts.values()), max((count, name) for name, count in counts.items())
    return (
        name
        if len(items) >= _TITLES_NEEDED and letters >= _LETTERS_NEEDED and most >= _MOST * letters
        else ""
    )


def _noticed(habits: Habits, reason: Reason, what: str, now: datetime) -> Habits:
    """Return habits with something found; when an alert last named the like of it is kept."""
    before = notice_of(habits, reason)
    return with_notice(
        habits, Notice(reason=reason, what=what, since=now, told=before.told if before else None)
    )
