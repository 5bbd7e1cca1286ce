"""Levels rise at once and fall slowly; what changes is told once, together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, a_list, a_sign
from watcher.alerting.review import action_of
from watcher.board.levels import LEVEL_ORDER, level_at, tell_of_board
from watcher.model.alerts import Alert, Kind, Level, Reason
from watcher.model.board import PROBLEM, LevelChange, Sign, Subject, subject_of
from watcher.model.language import BoardRules, Claim, Severity, SubjectKind
from watcher.model.review import Action, ActionKind

LISTED = a_list("""
indicators:
  - {id: icbm-launch, category: provocation, severity: critical, match: [ICBM*]}
  - {id: missile-launch, category: provocation, severity: high, match: [missile*]}
  - {id: statement, category: rhetoric, severity: medium, match: [statement]}
  - {id: talks, category: diplomacy, severity: low, match: [talks]}
""")
INDICATORS = {indicator.id: indicator for indicator in LISTED.indicators}
RULES = BoardRules()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

RHETORIC = Subject(kind=SubjectKind.CATEGORY, name="rhetoric")
ICBM = Subject(kind=SubjectKind.INDICATOR, name="icbm-launch")


@dataclass
class Board:
    """A board that is looked at by hand, and what it has told."""

    rules: BoardRules = RULES
    now: timedelta = timedelta()
    history: list[LevelChange] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    def assessed(self, *signs: Sign, after: timedelta = HOUR) -> Alert | None:
        """Look at it some time later, when these signs are known; return what is told."""
        self.now += after
        present = {each.subject: each for each in self.history}
        cycle = tell_of_board(
            list(present.values()), signs, INDICATORS, self.actions, self.rules, NOON + self.now
        )
        if cycle is None:
            return None
        self.history += cycle.levels
        self.alerts += cycle.alerts
        return cycle.alerts[0] if cycle.alerts else None

    def level(self, subject: Subject = PROBLEM) -> Level:
        return next((each.level for each in reversed(self.history) if each.subject == subject), Level.QUIET)

    def set(self, target: str, level: str, *, hours: float | None = None) -> None:
        """Have an analyst set a level, or lift that with an empty one."""
        until = None if hours is None else NOON + self.now + hours * HOUR
        self.actions.append(
            action_of(
                ActionKind.OVERRIDE, target, "Kim", NOON + self.now, value=level, why="parade", until=until
            )
        )


def a_board(rules: BoardRules = RULES) -> Board:
    """Return a board that has seen a quiet start."""
    board = Board(rules)
    board.assessed()
    return board


def at(
    indicator: str,
    minutes: float = 0,
    *,
    severity: Severity = Severity.HIGH,
    claim: Claim = Claim.OCCURRED,
    name: str = "",
) -> Sign:
    return a_sign(indicator, name, severity=severity, claim=claim, minutes=minutes)


LAUNCH = at("icbm-launch", 60, severity=Severity.CRITICAL)
STATEMENT = at("statement", 60, severity=Severity.MEDIUM)


# --- rising and falling -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pressure", "level"),
    [
        (0, Level.QUIET),
        (0.74, Level.QUIET),
        (0.75, Level.WATCH),
        (1.5, Level.ELEVATED),
        (2.99, Level.ELEVATED),
        (3, Level.CRITICAL),
    ],
)
def test_a_level_begins_at_its_threshold(pressure: float, level: Level) -> None:
    assert level_at(pressure, RULES) is level


def test_a_launch_makes_its_indicator_its_category_and_the_problem_critical_at_once() -> None:
    board = a_board()

    board.assessed(LAUNCH)

    changed = [str(each.subject) for each in board.history[1:]]
    assert changed == ["problem", "category:provocation", "indicator:icbm-launch"]
    assert {each.level for each in board.history[1:]} == {Level.CRITICAL}


def test_levels_fall_one_step_at_a_time_as_the_pressure_decays() -> None:
    board = a_board()
    days: dict[Level, int] = {}

    for day in range(40):
        board.assessed(LAUNCH, after=DAY)
        days.setdefault(board.level(), day)

    assert days == {Level.CRITICAL: 0, Level.ELEVATED: 7, Level.WATCH: 12, Level.QUIET: 17}


def test_a_level_stays_until_the_pressure_is_well_below_what_it_took_to_reach_it() -> None:
    board = a_board()
    board.assessed(STATEMENT)

    board.assessed(STATEMENT, after=4 * DAY)
    assert board.level() is Level.WATCH

    board.assessed(STATEMENT, after=4 * DAY)
    assert board.level() is Level.QUIET


def test_a_level_stays_for_a_while_whatever_happens() -> None:
    board = a_board()
    board.assessed(LAUNCH)

    board.assessed(after=23 * HOUR)
    assert board.level() is Level.CRITICAL

    board.assessed(after=HOUR)
    assert board.level() is Level.ELEVATED

    board.assessed(after=23 * HOUR)
    assert board.level() is Level.ELEVATED


def test_a_clock_that_was_set_back_a_year_does_not_hold_a_level_for_a_year() -> None:
    board = a_board()
    board.assessed(LAUNCH)

    board.assessed(after=-365 * DAY)

    assert board.level() is Level.ELEVATED


def test_talks_bring_the_problem_down_but_not_the_category_of_what_presses() -> None:
    board = a_board()
    board.assessed(STATEMENT)
    talks = [at("talks", 60, severity=Severity.MEDIUM, name=f"Round {number}") for number in range(2)]

    alert = board.assessed(STATEMENT, *talks, after=DAY)

    assert alert
    assert (alert.reason, alert.severity) == (Reason.LEVEL_FELL, Severity.INFO)
    assert (board.level(), board.level(RHETORIC)) == (Level.QUIET, Level.WATCH)


def test_an_indicator_that_has_left_the_list_grows_quiet() -> None:
    board = a_board()
    board.history.append(
        LevelChange(subject=subject_of("indicator:gone") or PROBLEM, level=Level.WATCH, since=NOON)
    )

    board.assessed(after=2 * DAY)

    assert board.history[-1].level is Level.QUIET


# --- what is told -------------------------------------------------------------------------------------------


def test_one_alert_names_all_that_changed_in_a_round_and_why() -> None:
    board = a_board()

    alert = board.assessed(LAUNCH, STATEMENT)

    assert alert
    assert (alert.kind, alert.reason, alert.severity, alert.level) == (
        Kind.BOARD,
        Reason.LEVEL_ROSE,
        Severity.HIGH,
        Level.CRITICAL,
    )
    assert (alert.indicator, alert.incident) == ("board", "board")
    assert alert.title == (
        "The problem rose from quiet to critical; provocation rose from quiet to critical; "
        "rhetoric rose from quiet to watch"
    )
    assert alert.why == (
        "The pressure on the problem is 4.23: "
        "+3.98 provocation, mainly icbm-launch: Something of icbm-launch "
        "(critical, occurred, 1 hour ago); "
        "+0.25 rhetoric, mainly statement: Something of statement (medium, occurred, 1 hour ago). "
        "With it: icbm-launch rose from quiet to critical; statement rose from quiet to watch. "
        "`watcher board` shows all levels."
    )
    assert alert.incidents == (LAUNCH.id, STATEMENT.id)


@pytest.mark.parametrize(
    ("severity", "told"),
    [(Severity.CRITICAL, Severity.HIGH), (Severity.HIGH, Severity.MEDIUM), (Severity.MEDIUM, Severity.LOW)],
)
def test_the_alert_is_a_step_less_severe_than_what_has_already_been_told(
    severity: Severity, told: Severity
) -> None:
    alert = a_board().assessed(at("icbm-launch", 120, severity=severity))

    assert alert
    assert alert.severity is told


def test_the_first_look_sets_the_levels_and_says_nothing() -> None:
    board = Board()

    assert board.assessed(LAUNCH) is None
    assert board.level() is Level.CRITICAL


def test_a_quiet_start_is_in_the_history() -> None:
    assert [(each.subject, each.level) for each in a_board().history] == [(PROBLEM, Level.QUIET)]


def test_what_was_told_is_not_told_again() -> None:
    board = a_board()
    board.assessed(LAUNCH)

    assert board.assessed(LAUNCH) is None
    assert board.assessed(LAUNCH, replace(LAUNCH, updated=NOON + 2 * HOUR)) is None


def test_a_category_that_falls_alone_is_in_the_history_and_told_to_nobody() -> None:
    board = a_board()
    board.assessed(STATEMENT)
    launch = at("missile-launch", 9 * 24 * 60)

    board.assessed(STATEMENT, launch, after=9 * DAY - HOUR)
    told = len(board.alerts)

    board.assessed(launch, after=DAY)
    assert board.level(RHETORIC) is Level.QUIET
    assert len(board.alerts) == told


def test_what_speaks_is_the_analysts_choice() -> None:
    only_indicators = a_board(replace(RULES, told=frozenset({SubjectKind.INDICATOR})))
    nothing = a_board(replace(RULES, told=frozenset()))

    alert = only_indicators.assessed(STATEMENT)

    assert alert
    assert alert.title == "Statement rose from quiet to watch"
    assert nothing.assessed(STATEMENT) is None
    assert nothing.level() is Level.WATCH


def test_a_muted_category_rises_without_a_word() -> None:
    board = a_board(replace(RULES, told=frozenset({SubjectKind.CATEGORY})))
    board.actions.append(action_of(ActionKind.MUTE, "rhetoric", "Kim", NOON, why="noise", until=NOON + DAY))

    assert board.assessed(STATEMENT) is None
    assert board.level(RHETORIC) is Level.WATCH


def test_more_diplomacy_is_told_and_alarms_nobody() -> None:
    alert = a_board().assessed(at("talks", 120, severity=Severity.HIGH))

    assert alert
    assert (alert.title, alert.severity) == ("Diplomacy rose from quiet to elevated", Severity.INFO)


def test_the_same_board_and_signs_give_the_same_alert() -> None:
    one, other = a_board().assessed(LAUNCH, STATEMENT), a_board().assessed(STATEMENT, LAUNCH)

    assert one == other


# --- what an analyst sets -----------------------------------------------------------------------------------


def test_an_analyst_sets_a_level_with_a_reason_and_an_end() -> None:
    board = a_board()
    board.set("problem", "elevated", hours=48)

    alert = board.assessed()
    assert alert
    assert alert.title == "The problem rose from quiet to elevated"
    assert (
        alert.why
        == "The problem was set by Kim until 2026-10-12 13:00Z: parade. `watcher board` shows all levels."
    )
    assert alert.severity is Severity.MEDIUM

    after = board.assessed(after=48 * HOUR)
    assert after
    assert after.title == "The problem fell from elevated to quiet"
    assert (
        after.why
        == "The pressure on the problem is 0.00: no longer set by hand. `watcher board` shows all levels."
    )


def test_what_is_set_holds_against_any_pressure_and_afterwards_the_pressure_counts() -> None:
    board = a_board()
    board.set("problem", "watch")

    board.assessed(LAUNCH)
    assert board.level() is Level.WATCH

    board.set("problem", "")
    board.assessed(LAUNCH)
    assert board.level() is Level.CRITICAL


def test_setting_the_level_that_is_there_is_noted_and_not_told() -> None:
    board = a_board()
    board.assessed(LAUNCH)
    told = len(board.alerts)
    board.set("problem", "critical")

    assert board.assessed(LAUNCH) is None
    assert board.history[-1].because == ("set by Kim: parade",)
    assert len(board.alerts) == told


@pytest.mark.parametrize(
    ("target", "level"),
    [("problem", "red"), ("nobody:knows", "watch"), ("category:", "watch"), ("problem:x", "watch")],
)
def test_what_cannot_be_understood_sets_nothing(target: str, level: str) -> None:
    board = a_board()
    board.set(target, level)

    assert board.assessed() is None


# --- no storm -----------------------------------------------------------------------------------------------

FLAPPING = st.lists(
    st.lists(
        st.builds(
            at,
            st.sampled_from(sorted(INDICATORS)),
            st.integers(-1000, 1000),
            severity=st.sampled_from(Severity),
            claim=st.sampled_from(Claim),
        ),
        max_size=3,
    ),
    max_size=12,
)


@given(FLAPPING)
def test_whatever_comes_and_goes_within_a_while_a_subject_changes_four_times_at_most(
    rounds: Sequence[Iterable[Sign]],
) -> None:
    board = a_board()

    for signs in rounds:
        board.assessed(*signs, after=2 * HOUR)

    assert 2 * HOUR * len(rounds) <= RULES.dwell
    for subject in {each.subject for each in board.history}:
        changes = [each for each in board.history[1:] if each.subject == subject]
        assert len(changes) <= 4
        assert sum(LEVEL_ORDER.index(each.level) < LEVEL_ORDER.index(each.before) for each in changes) <= 1


@given(FLAPPING)
def test_the_history_of_a_subject_is_a_chain_without_steps_that_lead_nowhere(
    rounds: Sequence[Iterable[Sign]],
) -> None:
    board = a_board()

    for signs in rounds:
        board.assessed(*signs, after=9 * HOUR)

    for subject in {each.subject for each in board.history}:
        chain = [each for each in board.history[1:] if each.subject == subject]
        assert all(each.level is not each.before for each in chain)
        assert all(one.level is other.before for one, other in pairwise(chain))


def test_what_rises_for_muted_incidents_alone_rises_without_an_alert() -> None:
    for target in ("icbm-launch", "provocation", a_sign("icbm-launch").id):
        board = Board(
            actions=[action_of(ActionKind.MUTE, target, "lee", NOON, why="a drill", until=NOON + DAY)]
        )
        board.assessed()

        assert board.assessed(a_sign("icbm-launch", severity=Severity.CRITICAL, minutes=60)) is None
        assert board.level() is Level.CRITICAL
        assert board.assessed(a_sign("icbm-launch", severity=Severity.CRITICAL, minutes=60)) is None


def test_what_would_not_rise_for_muted_incidents_alone_is_told() -> None:
    board = a_board(replace(RULES, critical=2.4, told=frozenset({SubjectKind.PROBLEM})))
    board.actions.append(
        action_of(ActionKind.MUTE, "icbm-launch", "lee", NOON, why="drill", until=NOON + DAY)
    )
    muted, other = at("icbm-launch", 60), at("missile-launch", 60)

    assert board.assessed(muted) is None
    assert board.level() is Level.ELEVATED
    told = board.assessed(muted, other, after=timedelta())

    assert told
    assert (told.reason, told.level) == (Reason.LEVEL_ROSE, Level.CRITICAL)


def test_what_muted_incidents_raise_is_no_alert_because_another_presses_a_little() -> None:
    board = a_board()
    board.actions.append(
        action_of(ActionKind.MUTE, "icbm-launch", "lee", NOON, why="drill", until=NOON + DAY)
    )
    other = at("missile-launch", 60, severity=Severity.MEDIUM)

    assert board.assessed(other)
    assert board.assessed(other, LAUNCH, after=timedelta()) is None
    assert board.level() is Level.CRITICAL


def test_what_others_press_on_is_told_beside_a_mute() -> None:
    board = Board(
        actions=[action_of(ActionKind.MUTE, "statement", "lee", NOON, why="a drill", until=NOON + DAY)]
    )
    board.assessed()

    told = board.assessed(a_sign("statement", minutes=60), a_sign("missile-launch", minutes=60))

    assert told
    assert told.reason is Reason.LEVEL_ROSE
