"""The query of an address in, which incidents it asks for out; and the same as an address again.

What makes no sense is left out, and said: an address is typed, saved and sent on, and must never be an error.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import urlencode

from watcher.alerting.review import muted_names
from watcher.config.durations import duration
from watcher.errors import UsageError
from watcher.model.alerts import IncidentId
from watcher.model.language import Category, Claim, Indicator, IndicatorId, Severity
from watcher.model.listing import IncidentQuery, IncidentState, ListedIncident, ListPlace
from watcher.model.review import Action
from watcher.read.dates import parse_date

FilterValue = TypeVar("FilterValue")
NoFilter = TypeVar("NoFilter")

FILTERS = (
    "state", "severity", "indicator", "category", "claim", "feed", "owner", "language", "since", "text",
    "alerts",
)  # fmt: skip
"""The words that an address may have, in the order of the form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address asks for: the query, from which place on, and the words that made no sense."""

    query: IncidentQuery
    given: Mapping[str, str]
    after: ListPlace | None = None
    strange: tuple[str, ...] = ()

    def address(self, **changes: str) -> str:
        """Return the query of an address that asks for the same but for some words; empty is without."""
        kept = {name: value for name, value in {**self.given, **changes}.items() if value}
        return f"?{urlencode(kept)}" if kept else "?"

    def next_page(self, last: ListedIncident) -> str:
        """Return the query of an address that asks for what comes after the last one shown."""
        return self.address(after=f"{last.at.isoformat()}~{last.incident.id}")


def asked_of(
    given: Mapping[str, str],
    indicators: Mapping[IndicatorId, Indicator],
    muted: Mapping[str, Action],
    now: datetime,
) -> Asked:
    """Return what the query of an address asks for.

    `muted` is what is muted now, by target: incidents, indicators and categories.
    """
    words = {name: given[name].strip() for name in FILTERS if given.get(name, "").strip()}
    strange = []

    def read(name: str, reader: Callable[[str], FilterValue], empty: NoFilter) -> FilterValue | NoFilter:
        if name not in words:
            return empty
        try:
            return reader(words[name])
        except (ValueError, KeyError):
            strange.append(f"{name}={words.pop(name)}")
            return empty

    chosen = read("indicator", lambda name: frozenset({IndicatorId(name)}), None)
    category = read("category", Category, None)
    if category:
        of_category = frozenset(each.id for each in indicators.values() if each.category is category)
        chosen = of_category & chosen if chosen else of_category
    query = IncidentQuery(
        muted=muted_names(muted, indicators.values()),
        state=read("state", IncidentState, None),
        alerted=read("alerts", {"yes": True, "no": False, "any": None}.__getitem__, True),
        least=read("severity", lambda name: Severity[name.upper()], Severity.INFO),
        indicators=chosen,
        claim=read("claim", Claim, None),
        feed=words.get("feed", ""),
        owner=words.get("owner", ""),
        language=words.get("language", ""),
        since=read("since", lambda typed: _moment(typed, now), None),
    )
    return Asked(query=query, given=words, after=_place(given.get("after", "")), strange=tuple(strange))


def looked_up(asked: Asked, holding: Callable[[str], frozenset[IncidentId]]) -> Asked:
    """Return the same, asking only for incidents that hold its words; words that are none are left out."""
    words = asked.given.get("text", "")
    if not words:
        return asked
    try:
        return replace(asked, query=replace(asked.query, among=holding(words)))
    except UsageError:
        given = {name: value for name, value in asked.given.items() if name != "text"}
        return replace(asked, given=given, strange=(*asked.strange, f"text={words}"))


def moment_of(text: str) -> datetime | None:
    """Return the moment that an address or a cookie holds; None if it is none, or no time that UTC has."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _moment(typed: str, now: datetime) -> datetime:
    """Return a day, a time, or how long ago (`12h`)."""
    try:
        return now - duration(typed)
    except (ValueError, OverflowError):
        found = parse_date(typed)
        if found is None:
            raise ValueError(typed) from None
        return found


def _place(text: str) -> ListPlace | None:
    at, _, incident = text.partition("~")
    moment = moment_of(at)
    return ListPlace(at=moment, incident=IncidentId(incident)) if moment else None
