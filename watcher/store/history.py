"""What decisions go by: open and held incidents, past alerts and firings, actions in force, and the board."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache, partial

from watcher.model.alerts import NAMED, Firing, Incident, IncidentId
from watcher.model.board import LevelChange, Sign
from watcher.model.language import IndicatorId, Severity
from watcher.model.parts import part_of
from watcher.model.review import Action, TrackRecord, Verdict
from watcher.ports import Board, History, Pending
from watcher.store import rows
from watcher.store.connection import Connected
from watcher.store.engine import Engine
from watcher.store.kept import Kept
from watcher.store.values import from_json, moment, stamp, storable, to_json

_HELD = "SELECT body FROM incidents WHERE held IS NOT NULL ORDER BY opened, id"
_UNCLOSED = "SELECT body FROM incidents WHERE closed IS NULL AND updated < ? ORDER BY opened, id"
_JOINS = """
    SELECT * FROM actions INDEXED BY actions_joins WHERE kind IN ('merge', 'split')
        AND seq > coalesce((SELECT seq FROM actions WHERE id = ?), 0) ORDER BY seq
"""
_BY_SEVERITY = "SELECT severity, count(*) FROM alerts WHERE kind = 'incident' AND at >= ? GROUP BY severity"
_FIRST_ALERT = "SELECT min(at) AS first FROM alerts WHERE at >= ?"
_OPENINGS = """
    SELECT indicator, count(*) AS openings, max(at) AS last FROM alerts
    WHERE kind = 'incident' AND reason = 'new' AND at >= ? GROUP BY indicator
"""
# The last word of the reviewers about each incident, counted for the indicator that opened it.
_VERDICTS = """
    SELECT indicator, value, count(*) AS count
    FROM (SELECT max(seq) AS seq FROM actions WHERE kind = 'verdict' GROUP BY target) AS newest
    JOIN actions AS verdicts ON verdicts.seq = newest.seq
    JOIN alerts ON alerts.incident = verdicts.target
        AND alerts.kind = 'incident' AND alerts.reason = 'new' AND alerts.at >= ?
    GROUP BY indicator, value
"""
_FIRINGS = """
    SELECT fired.indicator, incidents.id, incidents.opened, json_extract(incidents.body, '$.title') AS title
    FROM (
        SELECT DISTINCT indicator, incident FROM hits
        WHERE indicator IN (SELECT value FROM json_each(?)) AND claim = 'occurred' AND score >= ?
    ) AS fired JOIN incidents ON incidents.id = fired.incident
    WHERE incidents.opened >= ?
    ORDER BY incidents.opened, incidents.id, fired.indicator
"""
# The last word about a target is the one that was stored last. A mute that was lifted, or anything that has
# run out, holds no more; it is needed only beside what was said of the same target since, because a clock
# that was set back may have stored it later than that.
_IN_FORCE = """
    SELECT * FROM actions INDEXED BY actions_by_time WHERE at >= :since
    UNION ALL
    SELECT * FROM actions WHERE seq IN (
        SELECT max(seq) FROM actions INDEXED BY actions_that_last
        WHERE kind IN ('mute', 'unmute', 'override') AND at < :since GROUP BY kind = 'override', target
    ) AND (
        (kind <> 'unmute' AND (until IS NULL OR until > :since))
        OR target IN (SELECT target FROM actions INDEXED BY actions_by_time WHERE at >= :since)
    ) ORDER BY seq
"""
_DAYS_HEARD = "SELECT day FROM heard WHERE indicator = ? ORDER BY day"
_BOARD = "SELECT body FROM levels WHERE seq IN (SELECT max(seq) FROM levels GROUP BY subject) ORDER BY seq"
_LEVELS = "SELECT body FROM levels WHERE since >= ? ORDER BY seq"


class HistoryTables(Connected, History, Pending, Board):
    """What decisions go by."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self._incidents = Kept(Incident, lambda incident: incident, engine.seen)
        self._signs = Kept(Sign, partial(part_of, Sign), engine.seen)
        self._board_at: object = None
        self._board = list[LevelChange]()

    def open_incidents(self, since: datetime) -> Sequence[Incident]:
        with self._reading() as connection:
            return self._incidents.since(connection, since)

    def _keep(self, written: Iterable[tuple[Incident, str]]) -> None:
        """Know incidents that were just written, each with its body as written; the transaction is over."""
        written = tuple(written)
        self._incidents.keep(written)
        self._signs.keep(written)

    def _forget(self) -> None:
        """Know no incident: some were deleted."""
        self._incidents.forget()
        self._signs.forget()

    def held_incidents(self) -> Sequence[Incident]:
        return [from_json(Incident, row["body"]) for row in self._rows(_HELD)]

    def unclosed_incidents(self, before: datetime) -> Sequence[Incident]:
        return [from_json(Incident, row["body"]) for row in self._rows(_UNCLOSED, (stamp(before),))]

    def joins_asked(self, after: str) -> Sequence[Action]:
        return [rows.ACTION.value(row) for row in self._rows(_JOINS, (storable(after),))]

    def alerts_by_severity(self, since: datetime) -> Mapping[Severity, int]:
        return {Severity(severity): count for severity, count in self._rows(_BY_SEVERITY, (stamp(since),))}

    def track_records(self, since: datetime) -> Mapping[IndicatorId, TrackRecord]:
        earliest = (stamp(since),)
        with self._reading() as connection:
            (first,) = connection.execute(_FIRST_ALERT, earliest).fetchone()
            found = connection.execute(_VERDICTS, earliest)
            verdicts = Counter({(row["indicator"], row["value"]): row["count"] for row in found})
            return {
                IndicatorId(row["indicator"]): TrackRecord(
                    since=moment(first),
                    openings=row["openings"],
                    last=moment(row["last"]),
                    useful=verdicts[row["indicator"], Verdict.USEFUL],
                    noise=verdicts[row["indicator"], Verdict.NOISE],
                )
                for row in connection.execute(_OPENINGS, earliest)
            }

    def firings(self, indicators: Sequence[IndicatorId], since: datetime) -> Sequence[Firing]:
        found = self._rows(_FIRINGS, (to_json(tuple(indicators)), NAMED, stamp(since)))
        return [
            Firing(
                indicator=IndicatorId(row["indicator"]),
                incident=IncidentId(row["id"]),
                at=moment(row["opened"]),
                title=row["title"],
            )
            for row in found
        ]

    def actions_in_force(self, since: datetime) -> Sequence[Action]:
        return [rows.ACTION.value(row) for row in self._rows(_IN_FORCE, {"since": stamp(since)})]

    def days_heard(self, indicator: IndicatorId) -> Sequence[date]:
        return _days(tuple(day for (day,) in self._rows(_DAYS_HEARD, (storable(indicator),))))

    def signs(self, since: datetime) -> Sequence[Sign]:
        with self._reading() as connection:
            return self._signs.since(connection, since)

    def board(self) -> Sequence[LevelChange]:
        """Return it as it was when it last changed or others wrote, because every round of polls asks.

        Others may have given a level another name.
        """
        with self._reading() as connection:
            (newest,) = connection.execute("SELECT coalesce(max(seq), 0) FROM levels").fetchone()
            at = (newest, self._engine.seen(connection)) if self._engine.seen else None
            if at is None or at != self._board_at:
                self._board = [_level(row["body"]) for row in connection.execute(_BOARD)]
                self._board_at = at
            return tuple(self._board)

    def levels(self, since: datetime) -> Sequence[LevelChange]:
        return [from_json(LevelChange, row["body"]) for row in self._rows(_LEVELS, (stamp(since),))]


@lru_cache(maxsize=1024)  # of the board, which is decoded once however often it is read
def _level(body: str) -> LevelChange:
    return from_json(LevelChange, body)


@lru_cache(maxsize=256)  # the same days are read at every poll, and change once a day
def _days(days: tuple[str, ...]) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, days))
