"""An indicator gets a new name: all that was recorded and its channels go with it, or somebody is told."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import an_item
from tests.flow.harness import RULES, Harness, harness, rules
from watcher.board.score import weigh
from watcher.model.alerts import ChannelId, Level, Reason
from watcher.model.board import Subject, subject_of
from watcher.model.language import IndicatorId, SubjectKind
from watcher.model.routes import Route
from watcher.pipeline import Rules
from watcher.pipeline.naming import mute_of_nothing, names_of_nothing, take_names
from watcher.pipeline.reviewing import Reviewer

pytestmark = pytest.mark.usefixtures("each_store")

FIRST, SECOND = "North Korea fires missile", "North Korea fires a missile at dawn, Seoul says"
DESK = ChannelId("desk")


def renamed(old: str, new: str, *, was: bool = True) -> Rules:
    """Return the rules with an indicator under a new name, which says what it was or not."""
    former = f"\n    was: {old}" if was else ""
    return rules(RULES.replace(f"- id: {old}\n", f"- id: {new}{former}\n"))


NEW = renamed("missile-launch", "rocket-launch")


def told(made: Harness) -> list[tuple[str, str]]:
    return [(alert.indicator, alert.title) for alert in made.channel.taken]


def first_report(made: Harness, *titles: str) -> None:
    made.news.publishes("wire", *map(an_item, titles or (FIRST,)))
    made.polls()
    made.delivers()


def takes(made: Harness, new: Rules) -> Harness:
    """Let the service take a changed list."""
    take_names(made.rules.matcher.listed, made.store)
    take_names(new.matcher.listed, made.store)
    return replace(made, rules=new)


@pytest.mark.parametrize("named", ["missile-launch", "rocket-launch"])
def test_a_channel_is_told_by_the_old_name_and_by_the_new_one(named: str) -> None:
    made = takes(harness("wire", route=Route(channel=DESK, indicators=frozenset({named}))), NEW)

    first_report(made)

    assert told(made) == [("rocket-launch", FIRST)]


def test_an_open_incident_and_its_records_have_the_new_name() -> None:
    made = harness("wire")
    first_report(made)

    made = takes(made, NEW)

    (incident,) = made.store.open_incidents(made.clock() - timedelta(days=1))
    assert incident.indicator == "rocket-launch"
    assert incident.indicators == {"rocket-launch"}
    assert made.store.track_records(made.clock() - timedelta(days=1)).keys() == {"rocket-launch"}
    assert [each.indicator for each in made.store.hits(incident.id)] == ["rocket-launch"]
    signs = made.store.signs(made.clock() - timedelta(days=1))
    pressed = weigh(signs, NEW.indicators, NEW.matcher.listed.board, made.clock())
    assert pressed[subject_of("indicator:rocket-launch")].value > 0  # type: ignore[index]


@pytest.mark.parametrize("noted", range(4))
def test_a_name_that_goes_back_and_forth_takes_all_along_wherever_a_kill_falls(
    noted: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`noted` is how many notes the third renaming writes before it is killed."""
    made, new = harness("wire"), NEW
    old = rules(RULES.replace("- id: missile-launch\n", "- id: missile-launch\n    was: rocket-launch\n"))
    first_report(made)
    for each in (new, old):
        take_names(each.matcher.listed, made.store)
    written = list[str]()
    note = made.store.note

    def noting(name: str, value: str) -> None:
        if len(written) == noted:
            raise KeyboardInterrupt
        written.append(name)
        note(name, value)

    with monkeypatch.context() as patched:
        patched.setattr(made.store, "note", noting)
        with suppress(KeyboardInterrupt):
            take_names(new.matcher.listed, made.store)
    for each in (old, new):
        take_names(each.matcher.listed, made.store)
        (incident,) = made.store.open_incidents(made.clock() - timedelta(days=1))
        assert incident.indicator in each.indicators


def test_a_mute_and_a_level_set_by_hand_go_with_the_name() -> None:
    made = harness("wire")
    reviewer = Reviewer(made.store, "lee", made.clock())
    reviewer.mute(
        "missile-launch", made.clock() + timedelta(days=1), "a drill", [IndicatorId("missile-launch")]
    )

    made = takes(made, NEW)
    first_report(made)

    assert told(made) == []
    assert names_of_nothing({}, made.store, made.clock()) == ()
    assert reviewer.unmute("rocket-launch") == "rocket-launch"


def test_a_name_that_comes_back_is_renamed_again() -> None:
    made = harness("wire")
    first_report(made)
    for new in (
        NEW,
        rules(RULES.replace("- id: missile-launch\n", "- id: missile-launch\n    was: rocket-launch\n")),
        NEW,
    ):
        made = takes(made, new)

    (incident,) = made.store.open_incidents(made.clock() - timedelta(days=1))
    assert incident.indicator == "rocket-launch"


def test_an_incident_whose_indicator_was_renamed_without_a_word_is_led_by_the_next_that_hits_it() -> None:
    made = harness("wire", route=Route(channel=DESK, indicators=frozenset({"rocket-launch"})))
    first_report(made, "North Korea may fire missile")
    made = takes(made, renamed("missile-launch", "rocket-launch", was=False))

    made.clock.passes(1)
    first_report(made, "North Korea may fire missile", SECOND)

    assert told(made) == [("rocket-launch", SECOND)]
    assert made.channel.taken[0].reason is Reason.ESCALATED


def test_what_goes_by_a_name_of_nothing_is_told() -> None:
    made = harness("wire")
    reviewer = Reviewer(made.store, "lee", made.clock())
    reviewer.mute(
        "missile-launch", made.clock() + timedelta(days=1), "a drill", [IndicatorId("missile-launch")]
    )
    for kind, name in ((SubjectKind.INDICATOR, "missile-launch"), (SubjectKind.CATEGORY, "provocation")):
        reviewer.set_level(Subject(kind=kind, name=name), Level.WATCH, "an exercise")
    routes = {DESK: Route(channel=DESK, indicators=frozenset({"missile-launch", "board"}))}
    assert names_of_nothing(routes, made.store, made.clock()) == ()  # no list was in use yet
    made = takes(made, made.rules)
    assert names_of_nothing(routes, made.store, made.clock()) == ()

    takes(made, renamed("missile-launch", "rocket-launch", was=False))
    channel, mute, level = names_of_nothing(routes, made.store, made.clock())

    assert channel.startswith("channel desk takes alerts of missile-launch, and no indicator has that name")
    assert mute.startswith("the mute of missile-launch has no effect")
    assert level.startswith("the level set for indicator:missile-launch has no effect")


def test_the_mute_of_an_incident_or_a_category_is_of_something() -> None:
    made = harness("wire")
    first_report(made)
    take_names(made.rules.matcher.listed, made.store)
    (alert,) = made.channel.taken
    for name in (alert.id, "provocation"):
        Reviewer(made.store, "lee", made.clock()).mute(name, made.clock() + timedelta(days=1), "a drill", [])

    assert names_of_nothing({}, made.store, made.clock()) == ()
    assert mute_of_nothing("provocation", made.store) == ""
    assert mute_of_nothing("provoc", made.store).startswith("it has no effect")
