"""Values in, SVG out: the days of a level as a sparkline, the course of an incident as a picture.

Colours and sizes of type are the style sheet's, by class; every word is escaped. A picture has a name for who
cannot see it, and the page beside it says the same in words.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from itertools import starmap

from markupsafe import Markup

from watcher.delivery.render import one_line
from watcher.model.alerts import Level

_LEVELS = tuple(Level)
_BAR, _HEIGHT = 3, 24
_LONGEST = 400
_LANE, _LEFT, _WIDTH, _TOP = 22, 150, 880, 34
_RADIUS = 5
_STEPS = tuple(
    timedelta(minutes=minutes)
    for minutes in (5, 15, 30, 60, 180, 360, 720, 1440, 2880, 7200, 14400, 43200, 129600, 525600)
)


def sparkline(days: Sequence[Level], name: str) -> Markup:
    """Return the highest level of each day as bars, the last one today."""
    bars = starmap(_bar, enumerate(days))
    width = len(days) * _BAR
    return Markup(  # noqa: S704  every word in it is escaped or ours
        f'<svg class="spark" role="img" aria-label="{escape(name)}" viewBox="0 0 {width} {_HEIGHT}" '
        f'width="{width}" height="{_HEIGHT}">{"".join(bars)}</svg>'
    )


@cache  # a board has a thousand bars, most of them alike
def _bar(place: int, level: Level) -> str:
    tall = 3 + 7 * _LEVELS.index(level)
    return (
        f'<rect class="{level.value}" x="{place * _BAR}" y="{_HEIGHT - tall}" '
        f'width="{_BAR - 1}" height="{tall}"/>'
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """Something at a moment, on a lane: a report of a publisher, or an alert."""

    at: datetime
    lane: str
    kind: str
    words: str


def course(dots: Sequence[Dot], name: str) -> Markup:
    """Return the course of an incident: a lane for each publisher, one for the alerts; time to the right."""
    if not dots:
        return Markup("")
    lanes = {lane: place for place, lane in enumerate(dict.fromkeys(dot.lane for dot in dots))}
    first, last = min(dot.at for dot in dots), max(dot.at for dot in dots)
    span = max(last - first, timedelta(minutes=10))
    bottom = _TOP + _LANE * len(lanes)

    def x_of(at: datetime) -> float:
        return _LEFT + (at - first) / span * (_WIDTH - _LEFT - 30) + 10

    parts = []
    for at in _ticks(first, first + span):
        x = x_of(at)
        label = f"{at:%H:%M}" if span < timedelta(days=2) else f"{at:%d %b}"
        parts.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 8}" y2="{bottom}"/>')
        parts.append(f'<text class="tick" x="{x:.1f}" y="{_TOP - 14}" text-anchor="middle">{label}</text>')
    for lane, place in lanes.items():
        y = _TOP + _LANE * place + _LANE // 2
        parts.append(f'<line class="lane" x1="{_LEFT}" x2="{_WIDTH}" y1="{y}" y2="{y}"/>')
        parts.append(
            f'<text class="name" x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">'
            f"{escape(one_line(lane, 20))}</text>"
        )
    for dot, hidden in _uncovered(dots, x_of):
        x, y = x_of(dot.at), _TOP + _LANE * lanes[dot.lane] + _LANE // 2
        when = dot.at.replace(tzinfo=None).isoformat(" ", "minutes")  # a tenth of `strftime`
        more = f" (and {hidden} more of them soon after)" if hidden else ""
        words = one_line(f"{when} UTC: {dot.words}", _LONGEST) + more
        told = f"<title>{escape(words)}</title>"
        if dot.kind == "alert":
            parts.append(f'<path class="alert" d="M{x:.1f} {y - 7} l7 7 l-7 7 l-7 -7 z">{told}</path>')
        else:
            parts.append(f'<circle class="{dot.kind}" cx="{x:.1f}" cy="{y}" r="{_RADIUS}">{told}</circle>')
    return Markup(  # noqa: S704  every word in it is escaped or ours
        f'<svg class="course" role="img" aria-label="{escape(name)}" viewBox="0 0 {_WIDTH} {bottom + 6}" '
        f'width="{_WIDTH}" height="{bottom + 6}">{"".join(parts)}</svg>'
    )


def _uncovered(dots: Iterable[Dot], x_of: Callable[[datetime], float]) -> list[tuple[Dot, int]]:
    """Return the dots that are to be seen, each with how many more of its lane and kind it stands for.

    Of dots that would cover each other there is the first. An alert is always there.
    """
    seen = list[tuple[Dot, int]]()
    latest: dict[tuple[str, str], int] = {}
    for dot in sorted(dots, key=lambda dot: dot.at):
        place = None if dot.kind == "alert" else latest.get((dot.lane, dot.kind))
        if place is not None and x_of(dot.at) - x_of(seen[place][0].at) < _RADIUS:
            first, hidden = seen[place]
            seen[place] = (first, hidden + 1)
        else:
            latest[dot.lane, dot.kind] = len(seen)
            seen.append((dot, 0))
    return seen


def _ticks(first: datetime, last: datetime) -> list[datetime]:
    """Return at most eight round moments between two."""
    step = next((each for each in _STEPS if (last - first) / each <= 8), _STEPS[-1])
    midnight = first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    count = int((last - midnight) / step) + 1
    found = [midnight + step * number for number in range(count + 1)]
    return [at for at in found if first <= at <= last]
