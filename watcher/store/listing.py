"""What was recorded, as the page lists it: incidents by filters, and what was decided and done last.

The filters are answered from one index, and a body is read only for the incidents of the page that is asked
for. Whose reports an incident holds, and which words, is asked of the indexes of its hits.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from watcher.model.alerts import Decision, IncidentId, Reason
from watcher.model.language import Claim, Directness, IndicatorId
from watcher.model.listing import (
    HitBrief,
    IncidentBrief,
    IncidentQuery,
    IncidentState,
    ListedIncident,
    ListPlace,
)
from watcher.model.news import Item
from watcher.model.review import Action, ActionKind, Review
from watcher.ports import Listing
from watcher.store import rows, search
from watcher.store.connection import Connected
from watcher.store.values import from_json, moment, stamp, storable, to_json

# The last acknowledgement of an incident is the one that was stored last.
# The words of the index `actions_answers` are said again, so that it is used.
_ANSWERED = """(
    EXISTS (
        SELECT 1 FROM actions INDEXED BY actions_verdicts WHERE target = incidents.id AND kind = 'verdict'
    )
    OR coalesce((
        SELECT at FROM actions INDEXED BY actions_answers
        WHERE target = incidents.id AND kind = 'acknowledge' AND kind IN ('acknowledge', 'verdict')
        ORDER BY seq DESC LIMIT 1
    ) >= listed, false)
)"""
_MUTED = "(id IN (SELECT value FROM json_each(:muted)) OR indicator IN (SELECT value FROM json_each(:muted)))"
_OF_STATE = {
    IncidentState.NEW: f"NOT {_MUTED} AND NOT {_ANSWERED}",
    IncidentState.ACKNOWLEDGED: f"NOT {_MUTED} AND {_ANSWERED}",
    IncidentState.MUTED: _MUTED,
    IncidentState.CLOSED: "closed IS NOT NULL",
}
# Of a few hits their incidents are looked up. Beside many, the list goes on being read in its order from its
# index, and each incident is asked for such a hit.
_OF_HITS = "FROM hits INDEXED BY hits_by_{column} WHERE {column} = :{column} AND incident IS NOT NULL"
_WITH_FEW = "id IN (SELECT incident {of_hits})"
_WITH_MANY = "EXISTS (SELECT 1 {of_hits} AND incident = incidents.id)"
_COUNTED_HITS = "SELECT count(*) AS found FROM (SELECT 1 {of_hits} LIMIT :most) AS these"
_FEW = 100
_HOLDING_INCIDENTS = """
    SELECT DISTINCT incident FROM {words} CROSS JOIN hits INDEXED BY hits_by_doc ON hits.doc = {words}.rowid
    WHERE {condition} AND incident IS NOT NULL
"""
_IF_ASKED = {
    "only": "id = :only",
    "claim": "claim = :claim",
}
_BY_HITS = {column: _OF_HITS.format(column=column) for column in ("owner", "feed", "language")}
_PAGE = """
    SELECT id, body, (SELECT count(*) FROM alerts WHERE alerts.incident = incidents.id) AS alerts
    FROM incidents WHERE {wanted} ORDER BY listed DESC, id DESC LIMIT :limit
"""
# What must hold is asked once, and each incident is then told apart; those not muted are new or acknowledged.
_COUNTED = {state: what for state, what in _OF_STATE.items() if state is not IncidentState.ACKNOWLEDGED}
_BY_STATE = f"""
    WITH found AS MATERIALIZED (SELECT id, indicator, listed, closed FROM incidents WHERE {{wanted}})
    SELECT count(*) AS "all", {
    ", ".join(f'count(*) FILTER (WHERE {what}) AS "{state}"' for state, what in _COUNTED.items())
}
    FROM found AS incidents
"""  # noqa: S608  our own words only
_BY_INDICATOR = "SELECT indicator, count(*) FROM incidents WHERE {wanted} GROUP BY indicator"
# Only hits of incidents that were updated since can be of items seen since: the others are not looked at.
_HITS_BY_DAY = """
    SELECT substr(seen, 1, 10), count(DISTINCT item) FROM hits CROSS JOIN items ON items.id = hits.item
    WHERE indicator = :indicator AND incident IN (SELECT id FROM incidents WHERE updated >= :since)
        AND seen >= :since GROUP BY 1
"""
_ALERTS_BY_DAY = """
    SELECT substr(at, 1, 10), count(*) FROM alerts
    WHERE indicator = :indicator AND at >= :since AND kind = 'incident' GROUP BY 1
"""
# Each hit is looked at once; its item is as it was then, or an earlier wording is.
_HITS_IN_BRIEF = """
    SELECT item, hits.revision AS revision, coalesce(items.seen, revisions.seen) AS seen,
        coalesce(items.owner, revisions.owner) AS owner, coalesce(items.title, revisions.title) AS title,
        claim, directness
    FROM hits LEFT JOIN items ON items.id = item AND items.revision = hits.revision
    LEFT JOIN revisions ON items.id IS NULL AND revisions.id = item AND revisions.revision = hits.revision
    WHERE incident = :incident AND coalesce(items.id, revisions.id) IS NOT NULL
    ORDER BY seen, item, revision, indicator
"""
_LAST_STORED = """
    SELECT coalesce(max(doc), 0), (SELECT coalesce(max(rowid), 0) FROM revisions) FROM texts
"""
_NEWEST = "SELECT * FROM items WHERE seen = (SELECT max(seen) FROM items) ORDER BY id DESC LIMIT 1"
_SEEN = "SELECT * FROM items WHERE seen >= ? ORDER BY seen DESC"
_FIRST_SINCE = """
    SELECT coalesce(min(doc), 0) FROM items INDEXED BY items_by_time JOIN texts ON texts.item = items.id
    WHERE seen >= ?
"""
_HOLDING = """
    SELECT items.* FROM words JOIN texts ON texts.doc = words.rowid JOIN items ON items.id = texts.item
    WHERE {condition} AND words.rowid >= :first AND seen >= :since ORDER BY words.rowid DESC
"""
_ACTIONS_ON = "SELECT * FROM actions WHERE target IN (SELECT value FROM json_each(?)) ORDER BY seq"
_DECISIONS = """
    SELECT * FROM decisions
    WHERE at <= :at AND (at, incident, item, reason) < (:at, :incident, :item, :reason)
    AND reason IN (SELECT value FROM json_each(:reasons))
    ORDER BY at DESC, incident DESC, item DESC, reason DESC LIMIT :limit
"""


class ListingTables(Connected, Listing):
    """What was recorded, a part at a time."""

    def incidents(
        self, asked: IncidentQuery, *, after: ListPlace | None = None, limit: int = 50
    ) -> Sequence[ListedIncident]:
        wanted = self._wanted(asked)
        values = _values(asked) | {"limit": limit}
        if after:
            wanted.append("(listed, id) < (:at, :after)")
            values |= {"at": stamp(after.at), "after": storable(after.incident)}
        found = self._rows(_PAGE.format(wanted=" AND ".join(wanted)), values)
        last = {(each.target, each.kind): each for each in self.actions_on([row["id"] for row in found])}
        return [
            ListedIncident(
                incident=from_json(IncidentBrief, row["body"]),
                review=Review(
                    acknowledgement=last.get((row["id"], ActionKind.ACKNOWLEDGE)),
                    verdict=last.get((row["id"], ActionKind.VERDICT)),
                ),
                alerts=row["alerts"],
            )
            for row in found
        ]

    def incidents_holding(self, words: str) -> frozenset[IncidentId]:
        table = self._engine.words.of_hits
        condition, asked = self._engine.words.condition(search.question_of(words), table)
        found = self._rows(_HOLDING_INCIDENTS.format(words=table, condition=condition), asked)
        return frozenset(IncidentId(row["incident"]) for row in found)

    def count_incidents(self, asked: IncidentQuery) -> int:
        query = f"SELECT count(*) FROM incidents WHERE {' AND '.join(self._wanted(asked))}"  # noqa: S608  our own words only
        (row,) = self._rows(query, _values(asked))
        return int(row[0])

    def count_by_indicator(self, asked: IncidentQuery) -> Mapping[IndicatorId, int]:
        query = _BY_INDICATOR.format(wanted=" AND ".join(self._wanted(asked)))
        return {IndicatorId(name): count for name, count in self._rows(query, _values(asked))}

    def hits_by_day(self, indicator: IndicatorId, since: datetime) -> Mapping[date, int]:
        return self._by_day(_HITS_BY_DAY, indicator, since)

    def alerts_by_day(self, indicator: IndicatorId, since: datetime) -> Mapping[date, int]:
        return self._by_day(_ALERTS_BY_DAY, indicator, since)

    def _wanted(self, asked: IncidentQuery) -> list[str]:
        """Return what must hold of an incident."""
        wanted, values = list(_wanted(asked)), _values(asked) | {"most": _FEW}
        for name, of_hits in _BY_HITS.items():
            if getattr(asked, name):
                (row,) = self._rows(_COUNTED_HITS.format(of_hits=of_hits), values)
                wanted.append((_WITH_FEW if row["found"] < _FEW else _WITH_MANY).format(of_hits=of_hits))
        return wanted

    def _by_day(self, query: str, indicator: IndicatorId, since: datetime) -> Mapping[date, int]:
        found = self._rows(query, {"indicator": storable(indicator), "since": stamp(since)})
        return {date.fromisoformat(day): count for day, count in found}

    def hits_in_brief(self, incident: IncidentId) -> Sequence[HitBrief]:
        return [
            HitBrief(
                item=item,
                revision=revision,
                seen=moment(seen),
                owner=owner,
                title=title,
                claim=Claim(claim),
                directness=Directness(directness),
            )
            for item, revision, seen, owner, title, claim, directness in self._rows(
                _HITS_IN_BRIEF, {"incident": storable(incident)}
            )
        ]

    def count_decisions(self, incident: IncidentId) -> int:
        (row,) = self._rows("SELECT count(*) FROM decisions WHERE incident = ?", (storable(incident),))
        return int(row[0])

    def newest(self) -> Item | None:
        row = self._row(_NEWEST)
        return rows.ITEM.value(row) if row else None

    def last_stored(self) -> tuple[int, int]:
        ((stored, revised),) = self._rows(_LAST_STORED)
        return stored, revised

    def items_holding(self, needed: Sequence[Collection[str]], since: datetime) -> Sequence[Item]:
        question = search.question_of_each(needed)
        if not question:
            return [rows.ITEM.value(row) for row in self._rows(_SEEN, (stamp(since),))]
        condition, asked = self._engine.words.condition(question)
        values = {**asked, "since": stamp(since), "first": self._first_since(since)}
        found = self._rows(_HOLDING.format(condition=condition), values)
        return [rows.ITEM.value(row) for row in found]

    def _first_since(self, since: datetime) -> int:
        """Return the lowest number in the search index of what was seen since a moment."""
        (row,) = self._rows(_FIRST_SINCE, (stamp(since),))
        return int(row[0])

    def count_by_state(self, asked: IncidentQuery) -> Mapping[str, int]:
        wanted = " AND ".join(self._wanted(replace(asked, state=None)))
        (row,) = self._rows(_BY_STATE.format(wanted=wanted), _values(asked))
        counts = {name: int(row[name]) for name in ("all", *_COUNTED)}
        others = counts[IncidentState.NEW] + counts[IncidentState.MUTED]
        return counts | {IncidentState.ACKNOWLEDGED: counts["all"] - others}

    def actions_on(self, targets: Sequence[str]) -> Sequence[Action]:
        return [rows.ACTION.value(row) for row in self._rows(_ACTIONS_ON, (to_json(tuple(targets)),))]

    def newest_actions(self, *, limit: int = 100) -> Sequence[Action]:
        found = self._rows("SELECT * FROM actions ORDER BY seq DESC LIMIT ?", (limit,))
        return [rows.ACTION.value(row) for row in found]

    def newest_decisions(
        self, reasons: Sequence[Reason], *, after: Decision | None = None, limit: int = 100
    ) -> Sequence[Decision]:
        asked = {"reasons": to_json(tuple(reasons)), "limit": limit, "at": stamp(after.at) if after else "~"}
        asked |= {
            "incident": storable(after.incident) if after else "",
            "item": storable(after.item) if after else "",
            "reason": after.reason.value if after else "",
        }
        return [rows.DECISION.value(row) for row in self._rows(_DECISIONS, asked)]


def _wanted(asked: IncidentQuery) -> Iterator[str]:
    """Yield what must hold of an incident itself, what is cheap to ask first."""
    yield "listed >= :since"  # also when it is empty: so the index is used, and no body is read
    yield "severity >= :least"
    if asked.alerted is not None:
        yield "told_at IS NOT NULL" if asked.alerted else "told_at IS NULL"
    if asked.indicators is not None:
        yield "indicator IN (SELECT value FROM json_each(:indicators))"
    if asked.among is not None:
        yield "+id IN (SELECT value FROM json_each(:among))"
    if asked.state:
        yield _OF_STATE[asked.state]
    for name, condition in _IF_ASKED.items():
        if getattr(asked, name):
            yield condition


def _values(asked: IncidentQuery) -> dict[str, object]:
    return {
        "only": storable(asked.only),
        "muted": to_json(asked.muted),
        "least": int(asked.least),
        "since": stamp(asked.since) if asked.since else "",
        "indicators": to_json(asked.indicators or ()),
        "claim": asked.claim or "",
        "among": to_json(asked.among or ()),
        "owner": storable(asked.owner),
        "feed": storable(asked.feed),
        "language": storable(asked.language),
    }
