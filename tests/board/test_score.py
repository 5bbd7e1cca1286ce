"""How hard incidents press on the levels of the board."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, a_list, a_sign
from watcher.board.score import NONE, Pressure, combined, lookback, weigh
from watcher.model.alerts import Confidence, IncidentId
from watcher.model.board import PROBLEM, Sign, Subject
from watcher.model.language import BoardRules, Claim, IndicatorId, Severity, SubjectKind

LISTED = a_list("""
indicators:
  - {id: icbm-launch, category: provocation, severity: critical, match: [ICBM*], corroborate: {origins: 2}}
  - {id: missile-launch, category: provocation, severity: high, match: [missile*], corroborate: {origins: 2}}
  - {id: statement, category: rhetoric, severity: medium, match: [statement]}
  - {id: engine-test, category: precursor, severity: medium, match: [engine*]}
  - {id: talks, category: diplomacy, severity: low, match: [talks]}
""")
INDICATORS = {indicator.id: indicator for indicator in LISTED.indicators}
RULES = BoardRules()
DAY = timedelta(days=1)

STATEMENT = a_sign("statement", severity=Severity.MEDIUM)
LAUNCH = a_sign("icbm-launch", severity=Severity.CRITICAL)
TALKS = a_sign("talks", severity=Severity.LOW)


def of(kind: SubjectKind, name: str) -> Subject:
    return Subject(kind=kind, name=name)


def pressures(*signs: Sign, days: float = 0, rules: BoardRules = RULES) -> Mapping[Subject, Pressure]:
    return weigh(signs, INDICATORS, rules, NOON + days * DAY)


def on_problem(*signs: Sign, days: float = 0) -> float:
    return round(pressures(*signs, days=days)[PROBLEM].value, 3)


@pytest.mark.parametrize(
    ("sign", "presses"),
    [
        pytest.param(STATEMENT, 1.0, id="something of medium severity that occurred is the unit"),
        pytest.param(replace(STATEMENT, severity=Severity.INFO), 0.25, id="info"),
        pytest.param(LAUNCH, 4.0, id="critical"),
        pytest.param(replace(LAUNCH, confidence=Confidence.UNCONFIRMED), 3.2, id="origins do not agree yet"),
        pytest.param(
            replace(STATEMENT, confidence=Confidence.UNCONFIRMED),
            1.0,
            id="nobody asked for origins that agree",
        ),
        pytest.param(replace(LAUNCH, claim=Claim.IMMINENT), 3.2, id="imminent"),
        pytest.param(replace(LAUNCH, claim=Claim.THREATENED), 2.4, id="threatened"),
        pytest.param(replace(LAUNCH, claim=Claim.SPECULATED), 1.6, id="speculated"),
        pytest.param(replace(LAUNCH, claim=Claim.HISTORICAL), 0.0, id="long ago"),
        pytest.param(replace(LAUNCH, claim=Claim.DENIED), 0.0, id="denied"),
        pytest.param(replace(LAUNCH, denied=True), 2.0, id="denied by some"),
        pytest.param(
            replace(LAUNCH, indicator=IndicatorId("gone"), indicators=frozenset({IndicatorId("gone")})),
            0.0,
            id="its indicators have left the list",
        ),
        pytest.param(
            replace(LAUNCH, indicator=IndicatorId("gone")),
            4.0,
            id="its leader has left the list, another not",
        ),
    ],
)
def test_a_sign_presses_by_what_it_is(sign: Sign, presses: float) -> None:
    assert on_problem(sign) == pytest.approx(presses)


@pytest.mark.parametrize(("days", "presses"), [(0, 1.0), (5, 0.5), (10, 0.25), (-5, 0.5), (40, 0.0)])
def test_a_sign_presses_half_as_much_after_each_half_life_whichever_way_the_clock_went(
    days: float, presses: float
) -> None:
    assert on_problem(STATEMENT, days=days) == presses


def test_what_is_out_of_reach_is_not_missed() -> None:
    assert on_problem(LAUNCH, days=lookback(RULES) / DAY) == 0.0


def test_the_strongest_counts_whole_and_each_next_a_quarter_of_the_one_before() -> None:
    assert combined([1.0, 2.0, 1.0]) == 2.0 + 0.25 + 0.0625
    assert combined([]) == 0.0


def test_a_hundred_guesses_are_not_a_launch() -> None:
    guesses = [
        replace(a_sign("icbm-launch", f"guess {number}", severity=Severity.MEDIUM), claim=Claim.SPECULATED)
        for number in range(100)
    ]

    assert on_problem(*guesses) < RULES.watch


def test_signs_on_all_fronts_come_to_more_than_each_of_them() -> None:
    fronts = (STATEMENT, a_sign("engine-test", severity=Severity.MEDIUM))

    found = pressures(*fronts)

    assert (
        found[of(SubjectKind.CATEGORY, "rhetoric")].value
        == found[of(SubjectKind.CATEGORY, "precursor")].value
        == 1.0
    )
    assert found[PROBLEM].value == 1.25


def test_a_sign_counts_for_every_indicator_in_it_and_once_for_its_category() -> None:
    both = replace(
        LAUNCH,
        indicators=frozenset(
            {IndicatorId("icbm-launch"), IndicatorId("missile-launch"), IndicatorId("gone")}
        ),
    )

    found = pressures(both)

    assert found[of(SubjectKind.INDICATOR, "icbm-launch")].value == 4.0
    assert found[of(SubjectKind.INDICATOR, "missile-launch")].value == 2.0
    assert found[of(SubjectKind.CATEGORY, "provocation")].value == found[PROBLEM].value == 4.0
    assert of(SubjectKind.INDICATOR, "gone") not in found


# --- what pulls down ----------------------------------------------------------------------------------------


def test_diplomacy_pulls_the_problem_down_and_has_a_level_of_its_own() -> None:
    found = pressures(STATEMENT, TALKS)

    assert found[PROBLEM].value == 0.5
    assert found[of(SubjectKind.CATEGORY, "rhetoric")].value == 1.0
    assert found[of(SubjectKind.CATEGORY, "diplomacy")].value == 0.5


def test_what_is_denied_pulls_the_problem_down() -> None:
    assert on_problem(STATEMENT, a_sign("engine-test", claim=Claim.DENIED, severity=Severity.LOW)) == 0.5


def test_no_talks_pull_down_what_a_critical_thing_that_happened_demands() -> None:
    talks = [a_sign("talks", f"Round {number}", severity=Severity.CRITICAL) for number in range(5)]

    assert on_problem(LAUNCH, *talks) == 4.0
    assert on_problem(replace(LAUNCH, claim=Claim.IMMINENT), *talks) == 0.0


def test_the_categories_that_counter_are_the_analysts_choice() -> None:
    assert pressures(STATEMENT, TALKS, rules=replace(RULES, counter=frozenset()))[PROBLEM].value == 1.125


def test_the_worked_example_in_the_page_of_the_board_is_true() -> None:
    test = replace(LAUNCH, confidence=Confidence.UNCONFIRMED, updated=NOON - 5 * DAY)
    threat = replace(STATEMENT, id=IncidentId("threat"), claim=Claim.THREATENED, updated=NOON - 5 * DAY)

    found = pressures(test, threat, STATEMENT, TALKS)

    assert found[of(SubjectKind.CATEGORY, "provocation")].value == pytest.approx(1.6)
    assert found[of(SubjectKind.CATEGORY, "rhetoric")].value == pytest.approx(1.075)
    assert found[of(SubjectKind.CATEGORY, "diplomacy")].value == 0.5
    assert found[PROBLEM].value == pytest.approx(1.6)


# --- because ------------------------------------------------------------------------------------------------


def test_a_pressure_says_what_makes_it_so() -> None:
    found = pressures(STATEMENT, LAUNCH, TALKS, days=5)

    assert found[PROBLEM].because == (
        "+2.00 provocation, mainly icbm-launch: Something of icbm-launch (critical, occurred, 5 days ago)",
        "+0.12 rhetoric, mainly statement: Something of statement (medium, occurred, 5 days ago)",
        "-0.25 diplomacy, mainly talks: Something of talks (low, occurred, 5 days ago)",
    )
    assert found[PROBLEM].incidents == (LAUNCH.id, STATEMENT.id, TALKS.id)


def test_what_somebody_denies_is_said_to_be_denied() -> None:
    (because,) = pressures(replace(STATEMENT, denied=True))[of(SubjectKind.CATEGORY, "rhetoric")].because

    assert (
        because == "+0.50 statement: Something of statement (medium, occurred, denied by some, 0 seconds ago)"
    )


SIGNS = st.lists(
    st.builds(
        a_sign,
        st.sampled_from(sorted(INDICATORS)),
        st.text("abc", min_size=1, max_size=3),
        severity=st.sampled_from(Severity),
        claim=st.sampled_from(Claim),
        minutes=st.integers(-100_000, 0),
    ),
    max_size=12,
    unique_by=lambda sign: sign.id,
)


@given(SIGNS)
def test_the_order_of_signs_does_not_matter(signs: Sequence[Sign]) -> None:
    assert pressures(*signs) == pressures(*reversed(signs))


@given(SIGNS)
def test_pressures_are_never_negative_and_a_sign_more_never_lightens_its_category(
    signs: Sequence[Sign],
) -> None:
    before = pressures(*signs)
    after = pressures(*signs, STATEMENT)
    rhetoric = of(SubjectKind.CATEGORY, "rhetoric")

    assert all(pressure.value >= 0 for pressure in before.values())
    assert after[rhetoric].value >= before.get(rhetoric, NONE).value
    assert after[PROBLEM].value >= before[PROBLEM].value - 1e-9
