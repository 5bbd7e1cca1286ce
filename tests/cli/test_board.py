"""`watcher board`: what it shows, and levels set by hand beside a running service."""

import pytest

from tests.cli.terminal import sent_to_a_terminal
from tests.loopback import LoopbackServer
from tests.workspace import Workspace, news
from watcher.cli import main
from watcher.service.lock import only_instance

LIST = """\
version: 1
calendars: {every-day: {every: first Monday of January}}
indicators:
  - {id: needle, title: Needle, category: provocation, severity: high, match: ICBM}
  - {id: speech, title: Speech, category: rhetoric, severity: low, match: speech}
  - {id: diplomacy, title: Diplomacy, category: diplomacy, severity: low, match: talks}
"""
WHY = ("--why", "party congress announced", "--by", "Kim")


@pytest.fixture
def polled(workspace: Workspace, server: LoopbackServer) -> Workspace:
    """Return a workspace in which one poll raised a level."""
    workspace.write("indicators.yaml", LIST)
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn [bold]", "Weather fine")))
    assert workspace.call("poll", "--data", workspace.data).code == 0
    return workspace


def test_the_board_shows_levels_and_why(polled: Workspace) -> None:
    shown = polled.call("board", "--data", polled.data)

    assert shown.code == 0
    words = [line.split()[:2] for line in shown.out.splitlines()]
    assert ["elevated", "problem"] in words
    assert ["elevated", "provocation"] in words
    assert ["elevated", "needle"] in words
    assert ["quiet", "rhetoric"] in words
    assert "2 more indicators are quiet; --all shows them" in shown.out
    assert "+2.00 provocation, mainly needle: ICBM launched at dawn [bold] (high, occurred, " in shown.out


def test_the_board_of_a_folder_without_a_service_says_of_when_its_levels_are(workspace: Workspace) -> None:
    path = workspace.write("a.jsonl", '{"title": "ICBM launched at dawn", "seen": "2020-10-10T03:14:00Z"}\n')
    assert workspace.call("replay", path, "--data", workspace.data).code == 0

    shown = workspace.call("board", "--data", workspace.data)

    assert shown.out.startswith(
        "No service runs in this data folder: these are the levels of 2020-10-10 03:14Z, "
    )


def test_the_board_of_a_folder_that_was_polled_just_now_says_no_such_thing(polled: Workspace) -> None:
    assert "No service runs" not in polled.call("board", "--data", polled.data).out


def test_the_board_shows_quiet_indicators_when_asked(polled: Workspace) -> None:
    assert "speech" not in polled.call("board", "--data", polled.data).out
    assert "speech" in polled.call("board", "--all", "--data", polled.data).out


def test_on_a_terminal_of_40_columns_every_name_of_the_board_is_whole(
    polled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "a-name-as-long-as-they-get"
    polled.write("indicators.yaml", LIST.replace("id: speech", f"id: {name}"))
    words = ("board", "--all", "--config", "watcher.toml", "--data", str(polled.data))
    monkeypatch.chdir(polled.folder)

    def show() -> None:
        with pytest.raises(SystemExit):
            main(words)

    assert name in sent_to_a_terminal(40, monkeypatch, show, NO_COLOR="1")


def test_the_board_as_json_has_every_level(polled: Workspace) -> None:
    shown = polled.call("board", "--json", "--data", polled.data).json

    assert (shown["problem"]["level"], shown["problem"]["pressure"]) == (
        "elevated",
        pytest.approx(2.0, abs=0.01),
    )
    assert [each["subject"] for each in shown["categories"]] == [
        "category:provocation",
        "category:rhetoric",
        "category:diplomacy",
    ]
    assert [(each["subject"], each["level"]) for each in shown["indicators"]] == [
        ("indicator:needle", "elevated"),
        ("indicator:diplomacy", "quiet"),
        ("indicator:speech", "quiet"),
    ]
    assert len(shown["problem"]["trend"]) == 30
    assert set(shown["calendar"]) == {"in_force", "coming"}


def test_the_history_is_the_newest_first_and_can_be_of_one_subject(polled: Workspace) -> None:
    every = polled.call("board", "history", "--json", "--data", polled.data).json
    one = polled.call("board", "history", "needle", "--json", "--limit", "1", "--data", polled.data).json

    assert [each["subject"] for each in every] == ["indicator:needle", "category:provocation", "problem"]
    assert one == every[:1]
    assert "needle" in polled.call("board", "history", "--data", polled.data).out


def test_a_level_is_set_by_hand_beside_a_running_service_and_cleared(polled: Workspace) -> None:
    with only_instance(polled.data):
        told = polled.call("board", "set", "rhetoric", "critical", "--for", "7d", *WHY, "--data", polled.data)
        shown = polled.call("board", "--json", "--data", polled.data).json
        seen = polled.call("board", "--data", polled.data)
        cleared = polled.call("board", "clear", "rhetoric", "--by", "Kim", "--data", polled.data)
        after = polled.call("board", "--json", "--data", polled.data).json

    assert told.out.startswith("rhetoric is set to critical until ")
    (rhetoric,) = (each for each in shown["categories"] if each["subject"] == "category:rhetoric")
    assert rhetoric["level"] == "critical"
    assert rhetoric["set_by"].startswith("set by Kim until ")
    assert rhetoric["set_by"].endswith("Z: party congress announced")
    assert "rhetoric (set by hand)" in seen.out
    assert cleared.out == "category:rhetoric follows the pressure again\n"
    assert [each["level"] for each in after["categories"]] == ["elevated", "quiet", "quiet"]


def test_a_level_set_for_good_holds_until_it_is_cleared(polled: Workspace) -> None:
    told = polled.call("board", "set", "problem", "quiet", *WHY, "--data", polled.data)

    assert told.out == "problem is set to quiet until it is cleared\n"


@pytest.mark.parametrize(
    ("words", "mistake"),
    [
        (("set", "rhetoric", "critical", "--by", "Kim"), "say why, as in: watcher board set"),
        (("set", "rhetoric", "critical", "--why", "x", "--by", " "), "say who you are: --by NAME"),
        (("set", "rhetoric", "red", *WHY), "unknown level `red`"),
        (("set", "rhetoric", "watch", "--for", "soon", *WHY), "`soon` is no duration"),
        (("set", "rethoric", "watch", *WHY), "the board has no 'rethoric'; did you mean `rhetoric`?"),
        (
            ("set", "diplomacy", "watch", *WHY),
            "'diplomacy' is a category and an indicator; write category:diplomacy or indicator:diplomacy",
        ),
        (
            ("clear", "rhetoric", "--by", "Kim"),
            "'rhetoric' is not a level that is set by hand; these are: none",
        ),
    ],
)
def test_wrong_use_is_explained(polled: Workspace, words: tuple[str, ...], mistake: str) -> None:
    ran = polled.call("board", *words, "--data", polled.data)

    assert ran.code == 2
    assert mistake in ran.err


def test_an_option_before_the_command_of_the_board_is_not_lost_without_a_word(polled: Workspace) -> None:
    ran = polled.call("board", "--data", polled.data, "history")

    assert ran.code == 2
    assert "options go behind the command: `watcher board history ...`" in ran.err


def test_a_board_without_a_database_says_what_makes_one(workspace: Workspace) -> None:
    ran = workspace.call("board", "--data", workspace.data)

    assert ran.code == 3
    assert "there is no database yet" in ran.err
