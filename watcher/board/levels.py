"""The levels until now and the pressures in, which levels change and the alert about it out.

A level rises at once, to what the pressure demands. It falls one step when the pressure is well below its
threshold (hysteresis) and the level has been held for a while (dwell). Whatever comes and goes, a subject
changes at most four times in such a while: it falls once and then rises at most to the top. An analyst may
set a level; when that ends, the level is what the pressure demands then. The first assessment sets the levels
without an alert: its incidents are those of a first poll.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from watcher.alerting.build import alert_id
from watcher.alerting.review import mutes, overrides, set_by
from watcher.board.score import NONE, Pressure, weigh
from watcher.model.alerts import Alert, Kind, Level, LevelStep, Reason
from watcher.model.board import PROBLEM, LevelChange, Sign, Subject, subject_of
from watcher.model.language import BoardRules, Indicator, IndicatorId, Severity, SubjectKind
from watcher.model.polling import Cycle
from watcher.model.review import Action

LEVEL_ORDER = tuple(Level)

_SEVERITIES = {
    Level.CRITICAL: Severity.HIGH,
    Level.ELEVATED: Severity.MEDIUM,
    Level.WATCH: Severity.LOW,
    Level.QUIET: Severity.INFO,
}
_KINDS = tuple(SubjectKind)


def tell_of_board(
    previous: Sequence[LevelChange],
    signs: Iterable[Sign],
    indicators: Mapping[IndicatorId, Indicator],
    actions: Sequence[Action],
    rules: BoardRules,
    now: datetime,
) -> Cycle | None:
    """Return the cycle that records which levels change, with one alert for all, or None when none does.

    What rises for muted incidents alone rises without an alert: they reach its new level by themselves, and
    the others would not have raised it.
    """
    signs = tuple(signs)
    changes = assess(
        {each.subject: each for each in previous}, weigh(signs, indicators, rules, now), actions, rules, now
    )
    if not changes:
        return None
    muted = mutes(actions, now)
    silent = {sign.id for sign in signs if not muted.keys().isdisjoint(_mutable(sign, indicators))}
    by_muted = weigh((sign for sign in signs if sign.id in silent), indicators, rules, now)
    by_others = weigh((sign for sign in signs if sign.id not in silent), indicators, rules, now)

    def is_muted(change: LevelChange) -> bool:
        reached, otherwise = (
            level_at(pressures.get(change.subject, NONE).value, rules) for pressures in (by_muted, by_others)
        )
        enough = _rank(reached) >= _rank(change.level) and _rank(otherwise) <= _rank(change.before)
        return _rose(change) and not change.overridden and enough

    alerted = [
        each
        for each in changes
        if _is_worth_an_alert(each, rules) and each.subject.name not in muted and not is_muted(each)
    ]
    return Cycle(
        levels=changes, alerts=(_alert(alerted, changes, rules, now),) if previous and alerted else ()
    )


def assess(
    previous: Mapping[Subject, LevelChange],
    pressures: Mapping[Subject, Pressure],
    actions: Sequence[Action],
    rules: BoardRules,
    now: datetime,
) -> tuple[LevelChange, ...]:
    """Return the changes of the subjects whose level changes: the problem, then categories, then indicators.

    The problem always has a level, so that a board that was never assessed can be told from a quiet one.
    """
    by_hand = {
        subject: action
        for target, action in overrides(actions, now).items()
        if (subject := subject_of(target))
    }
    changes = (
        _change(each, previous.get(each), pressures.get(each, NONE), by_hand.get(each), rules, now)
        for each in {PROBLEM, *previous, *pressures, *by_hand}
    )
    return tuple(
        sorted(filter(None, changes), key=lambda each: (_KINDS.index(each.subject.kind), each.subject.name))
    )


def level_at(pressure: float, rules: BoardRules, share: float = 1.0) -> Level:
    """Return the highest level of which a pressure reaches the threshold, or a share of it."""
    thresholds = (
        (Level.CRITICAL, rules.critical),
        (Level.ELEVATED, rules.elevated),
        (Level.WATCH, rules.watch),
    )
    return next((level for level, least in thresholds if pressure >= share * least), Level.QUIET)


def _change(
    subject: Subject,
    before: LevelChange | None,
    pressure: Pressure,
    by_hand: Action | None,
    rules: BoardRules,
    now: datetime,
) -> LevelChange | None:
    """Return the change of a subject's level, or None when it is what it was."""
    level = Level(by_hand.value) if by_hand else _level(before, pressure.value, rules, now)
    if before and (before.level, before.overridden) == (level, by_hand is not None):
        return None
    if before is None and level is Level.QUIET and by_hand is None and subject != PROBLEM:
        return None
    because = (set_by(by_hand),) if by_hand else pressure.because
    if before and before.overridden and not by_hand:
        because = ("no longer set by hand", *because)
    return LevelChange(
        subject=subject,
        level=level,
        before=before.level if before else Level.QUIET,
        since=now,
        pressure=round(pressure.value, 2),
        because=because,
        incidents=() if by_hand else pressure.incidents,
        overridden=by_hand is not None,
    )


def _level(before: LevelChange | None, pressure: float, rules: BoardRules, now: datetime) -> Level:
    demanded = level_at(pressure, rules)
    if before is None or before.overridden or _rank(demanded) >= _rank(before.level):
        return demanded
    holds = _rank(level_at(pressure, rules, rules.leave)) >= _rank(before.level)
    return (
        before.level
        if holds or abs(now - before.since) < rules.dwell
        else LEVEL_ORDER[_rank(before.level) - 1]
    )


def _rank(level: Level) -> int:
    return LEVEL_ORDER.index(level)


def _alert(
    alerted: Sequence[LevelChange], changes: Sequence[LevelChange], rules: BoardRules, now: datetime
) -> Alert:
    """Return the one alert about a round's changes, led by the first that alarms, or else by the first."""
    alarming = [each for each in alerted if _rose(each) and not _is_counter(each.subject, rules)]
    first = (alarming or alerted)[0]
    reason = Reason.LEVEL_ROSE if _rose(first) else Reason.LEVEL_FELL
    also = [each for each in changes if each not in alerted and each.level is not each.before]
    moves = tuple(
        LevelStep(subject=str(each.subject), before=each.before, level=each.level) for each in changes
    )
    begins = (
        f"{_capital(first.subject.word)} was"
        if first.overridden
        else f"The pressure on {first.subject.word} is {first.pressure:.2f}:"
    )
    because = first.because or ("no incident adds to it any more",)
    others = f" With it: {'; '.join(map(_move, also))}." if also else ""
    return Alert(
        id=alert_id("board", reason, f"{now.isoformat()}\n{'; '.join(map(str, moves))}"),
        at=now,
        kind=Kind.BOARD,
        reason=reason,
        indicator="board",
        category="board",
        severity=max((_SEVERITIES[each.level] for each in alarming), default=Severity.INFO),
        incident="board",
        title=_capital("; ".join(_move(each) for each in [first, *(x for x in alerted if x is not first)])),
        why=f"{begins} {'; '.join(because)}.{others} `watcher board` shows all levels.",
        level=first.level,
        subject=str(first.subject),
        changes=moves,
        because=because,
        incidents=first.incidents,
    )


def _is_worth_an_alert(change: LevelChange, rules: BoardRules) -> bool:
    """Say whether a change is alerted; a fall of a category only when an analyst set it.

    When a category falls by itself, the problem usually falls too.
    """
    if change.subject.kind not in rules.told or change.level is change.before:
        return False
    return _rose(change) or change.overridden or change.subject == PROBLEM


def _mutable(sign: Sign, indicators: Mapping[IndicatorId, Indicator]) -> tuple[str, ...]:
    """Return what a mute of an incident may be about: itself, its leading indicator or category."""
    leading = indicators.get(sign.indicator)
    return (sign.id, sign.indicator, *((leading.category,) if leading else ()))


def _rose(change: LevelChange) -> bool:
    return _rank(change.level) > _rank(change.before)


def _is_counter(subject: Subject, rules: BoardRules) -> bool:
    return subject.kind is SubjectKind.CATEGORY and subject.name in rules.counter


def _move(change: LevelChange) -> str:
    verb = "rose" if _rose(change) else "fell"
    return f"{change.subject.word} {verb} from {change.before} to {change.level}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
