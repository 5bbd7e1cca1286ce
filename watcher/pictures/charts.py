"""Counts and shares in, charts as SVG out.

Colours and sizes of type are the style sheet's, by class; every word is escaped. A chart has a name for who
cannot see it, and a table beside it says the same in words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape

from markupsafe import Markup

from watcher.delivery.render import one_line

_WIDTH, _LEFT, _ROW, _TOP = 880, 190, 24, 26
_NAME, _LONGEST = 24, 200
_TALL = 120
_MOST_LABELS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar of parts one after another, each of a kind, with a label before it and words behind it."""

    label: str
    parts: Mapping[str, int]
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareInterval:
    """A share from 0 to 1 with the interval it lies in."""

    label: str
    share: float
    low: float
    high: float
    words: str


def grid(rows: Sequence[tuple[str, Sequence[int]]], columns: Sequence[str], name: str) -> Markup:
    """Return counts as cells, the darker the more: a row for each thing, a column for each time."""
    most = max((count for _, counts in rows for count in counts), default=0)
    wide = (_WIDTH - _LEFT) / max(1, len(columns))
    every = -(-len(columns) // _MOST_LABELS)
    parts = [
        f'<text class="tick" x="{_LEFT + wide * place + 2:.1f}" y="{_TOP - 8}">{_words(column)}</text>'
        for place, column in enumerate(columns)
        if place % every == 0
    ]
    for number, (label, counts) in enumerate(rows):
        y = _TOP + _ROW * number
        parts.append(_label(label, y))
        for place, (column, count) in enumerate(zip(columns, counts, strict=True)):
            x, shade = _LEFT + wide * place, 0.25 + 0.75 * count / most if count else 0.0
            told = f"<title>{_words(f'{label}, {column}: {count}')}</title>"
            parts.append(
                f'<rect class="cell" x="{x + 1:.1f}" y="{y + 1}" width="{max(1, wide - 2):.1f}" '
                f'height="{_ROW - 2}" fill-opacity="{shade:.2f}">{told}</rect>'
            )
            if count:
                parts.append(
                    f'<text class="{"on" if shade > 0.8 else "in"}" x="{x + wide / 2:.1f}" y="{y + 16}" '
                    f'text-anchor="middle">{count}</text>'
                )
    return _chart(parts, name, _TOP + _ROW * len(rows) + 4)


def bars(found: Sequence[Bar], name: str) -> Markup:
    """Return horizontal bars on one scale."""
    most = max((sum(bar.parts.values()) for bar in found), default=0) or 1
    scale, parts = (_WIDTH - _LEFT - 170) / most, []
    for number, bar in enumerate(found):
        y, x = _ROW * number, float(_LEFT)
        parts.append(_label(bar.label, y))
        for kind, count in bar.parts.items():
            told = f"<title>{_words(f'{bar.label}, {kind}: {count}')}</title>"
            parts.append(
                f'<rect class="{escape(kind)}" x="{x:.1f}" y="{y + 4}" width="{count * scale:.1f}" '
                f'height="{_ROW - 8}">{told}</rect>'
            )
            x += count * scale
        words = _words(bar.words or str(sum(bar.parts.values())))
        parts.append(f'<text class="tick" x="{x + 6:.1f}" y="{y + 16}">{words}</text>')
    return _chart(parts, name, _ROW * len(found) + 4)


def columns(days: Sequence[tuple[date, int]], marks: Mapping[date, str], name: str) -> Markup:
    """Return a column for each day, one after another, with a mark under days that have a name."""
    most = max((count for _, count in days), default=0) or 1
    wide, left, bottom = (_WIDTH - 30) / max(1, len(days)), 24, _TALL + 8
    every = -(-len(days) // _MOST_LABELS)
    parts = [f'<line class="lane" x1="{left}" x2="{_WIDTH}" y1="{bottom}" y2="{bottom}"/>']
    parts.append(f'<text class="tick" x="{left - 4}" y="16" text-anchor="end">{most}</text>')
    for place, (day, count) in enumerate(days):
        x, tall = left + wide * place, _TALL * count / most
        if count:
            told = f"<title>{day}: {count}</title>"
            parts.append(
                f'<rect class="alerts" x="{x:.1f}" y="{bottom - tall:.1f}" width="{max(1, wide - 1):.1f}" '
                f'height="{tall:.1f}">{told}</rect>'
            )
        if day in marks:
            told = f"<title>{_words(f'{day}: {marks[day]}')}</title>"
            middle = x + wide / 2
            parts.append(f'<path class="mark" d="M{middle:.1f} {bottom + 4} l5 9 l-10 0 z">{told}</path>')
        if place % every == 0:
            parts.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 28}">{day:%-d %b}</text>')
    return _chart(parts, name, bottom + 34)


def intervals(found: Sequence[ShareInterval], name: str) -> Markup:
    """Return shares as dots between 0 and 1, each with its interval as a line."""
    wide, bottom = _WIDTH - _LEFT - 190, _TOP + _ROW * len(found)
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = _LEFT + wide * share
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 4}" y2="{bottom}"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{_TOP - 10}" text-anchor="middle">{share:g}</text>')
    for number, each in enumerate(found):
        y = _TOP + _ROW * number
        low, middle, high = (_LEFT + wide * share for share in (each.low, each.share, each.high))
        parts.append(_label(each.label, y))
        parts.append(f'<line class="reach" x1="{low:.1f}" x2="{high:.1f}" y1="{y + 12}" y2="{y + 12}"/>')
        parts.append(f'<circle class="share" cx="{middle:.1f}" cy="{y + 12}" r="5"/>')
        words = _words(each.words)
        parts.append(f'<text class="tick" x="{_LEFT + wide + 12}" y="{y + 16}">{words}</text>')
    return _chart(parts, name, bottom + 6)


def _label(label: str, y: int) -> str:
    words = escape(one_line(label, _NAME))
    return f'<text class="name" x="{_LEFT - 8}" y="{y + 16}" text-anchor="end">{words}</text>'


def _words(words: str) -> str:
    return escape(one_line(words, _LONGEST))


def _chart(parts: Sequence[str], name: str, height: int) -> Markup:
    return Markup(  # noqa: S704  every word in it is escaped or ours
        f'<svg class="chart" role="img" aria-label="{_words(name)}" viewBox="0 0 {_WIDTH} {height}" '
        f'width="{_WIDTH}" height="{height}">{"".join(parts)}</svg>'
    )
