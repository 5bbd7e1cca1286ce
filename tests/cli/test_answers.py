"""What reviewers say of alerts: muted, acknowledged, judged, also while the service runs."""

import os
import pwd
import re
from contextlib import closing
from unittest.mock import patch

import pytest

from tests.builders import NOON, rss
from tests.loopback import LoopbackServer
from tests.workspace import Workspace, news
from watcher.cli import app
from watcher.cli.common import account
from watcher.store import SqliteStore

MUTE = ("--why", "a drill, announced", "--by", "kim")


@pytest.fixture
def polled(workspace: Workspace, server: LoopbackServer) -> Workspace:
    """Return a workspace in which one poll raised one alert."""
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn", "Weather fine")))
    assert workspace.call("poll", "--data", workspace.data).code == 0
    return workspace


def muted(workspace: Workspace) -> list[dict[str, str]]:
    found: list[dict[str, str]] = workspace.call("mute", "list", "--json", "--data", workspace.data).json
    return found


def posts(server: LoopbackServer) -> list[str]:
    """Return the ids of the alerts that were posted."""
    return [seen.headers["idempotency-key"] for seen in server.requests if seen.path == "/hook"]


# --- muting -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["needle", "provocation"])
def test_an_indicator_and_a_category_are_muted_for_a_while(polled: Workspace, what: str) -> None:
    ran = polled.call("mute", what, "6h", *MUTE, "--data", polled.data)

    assert (ran.code, ran.out.startswith(f"{what} is muted until 2")) == (0, True)
    (mute,) = muted(polled)
    assert (mute["target"], mute["by"], mute["why"]) == (what, "kim", "a drill, announced")


def test_an_alert_stands_for_its_incident(polled: Workspace) -> None:
    (line,) = polled.log()

    polled.call("mute", line["id"], "6h", *MUTE, "--data", polled.data)

    assert [mute["target"] for mute in muted(polled)] == [line["incident"]]
    assert polled.call("unmute", line["id"], "--by", "kim", "--data", polled.data).code == 0
    assert muted(polled) == []


def test_what_is_muted_says_nothing_and_why_is_explained(polled: Workspace, server: LoopbackServer) -> None:
    polled.call("mute", "needle", "6h", *MUTE, "--data", polled.data)
    server.serve("/f", news("Second ICBM seen on a parade"))
    polled.call("poll", "--all", "--data", polled.data)

    with closing(SqliteStore.open_readonly(polled.data / "watcher.db")) as store:
        (incident,) = (
            incident.id
            for incident in store.open_incidents(NOON)
            if incident.title == "Second ICBM seen on a parade"
        )
    explained = polled.call("explain", incident, "--data", polled.data)
    as_json = polled.call("explain", incident, "--json", "--data", polled.data).json

    assert polled.titles() == ["ICBM launched at dawn"]
    assert re.search(
        r"muted, because needle until \S+ \S+ by kim: a drill, announced: Second ICBM seen on a parade",
        explained.out,
    )
    assert [decision["reason"] for decision in as_json["incident"]["decisions"]] == ["muted"]
    assert as_json["incident"]["decisions"][0]["because"].endswith("by kim: a drill, announced")


def test_an_item_that_was_not_alerted_is_explained_with_what_was_decided_of_its_incident(
    polled: Workspace, server: LoopbackServer
) -> None:
    polled.call("mute", "needle", "6h", *MUTE, "--data", polled.data)
    server.serve("/f", news("Second ICBM seen on a parade"))
    polled.call("poll", "--all", "--data", polled.data)
    (item,) = polled.call("search", "parade", "--json", "--data", polled.data).json

    explained = polled.call("explain", item["id"], "--data", polled.data)
    as_json = polled.call("explain", item["id"], "--json", "--data", polled.data).json

    (joined,) = as_json["incidents"]
    assert [decision["reason"] for decision in joined["decisions"]] == ["muted"]
    assert f"in incident {joined['id']}:\n" in explained.out
    assert re.search(
        r"muted \(this item\), because needle until \S+ \S+ by kim: a drill, announced: Second ICBM",
        explained.out,
    )
    assert "HIT  needle" in explained.out


def test_a_summary_is_explained_with_what_was_decided_of_each_incident(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(
        seed=True,
        wire=server.serve("/f", news("ICBM launched at dawn", "Senate talks of the cost of an ICBM silo")),
    )
    workspace.call("poll", "--data", workspace.data)
    (line,) = workspace.log()

    explained = workspace.call("explain", line["id"], "--data", workspace.data)

    assert line["reason"] == "seeding"
    assert [explained.out.count(f"in incident {name}:") for name in line["incidents"]] == [1, 1]
    assert (
        len(re.findall(r"^  \S+ \S+Z seeding: (?:ICBM launched|Senate talks)", explained.out, re.MULTILINE))
        == 2
    )


def test_copies_are_counted_in_an_explanation_and_not_listed(
    polled: Workspace, server: LoopbackServer
) -> None:
    (line,) = polled.log()
    for number in range(9):
        copy = f"<title>ICBM launched at dawn</title><guid>{number}</guid><link>https://wire.example/{number}</link>"
        server.serve("/f", rss(copy).encode())
        polled.call("poll", "--all", "--data", polled.data)

    explained = polled.call("explain", line["id"], "--data", polled.data)

    assert polled.titles() == ["ICBM launched at dawn"]
    assert explained.out.count("nothing_new") == 1
    assert re.search(r"^  and 8 copies more until \S+ \S+Z \(--json has them\)$", explained.out, re.MULTILINE)


def test_a_muted_indicator_speaks_when_it_is_unmuted(polled: Workspace, server: LoopbackServer) -> None:
    polled.call("mute", "needle", "6h", *MUTE, "--data", polled.data)
    server.serve("/f", news("Second ICBM seen on a parade"))
    polled.call("poll", "--all", "--data", polled.data)
    polled.call("unmute", "needle", "--by", "kim", "--data", polled.data)
    server.serve("/f", news("Second ICBM seen on a parade, crowds cheer", "Second ICBM seen on a parade"))

    polled.call("poll", "--all", "--data", polled.data)

    assert polled.titles() == ["ICBM launched at dawn", "Second ICBM seen on a parade, crowds cheer"]


def test_what_is_in_the_table_of_mutes_can_be_read(polled: Workspace) -> None:
    polled.call("mute", "needle", "6h", *MUTE, "--data", polled.data)

    assert re.search(
        r"needle +\S+ \S+ +kim +a drill, announced", polled.call("mute", "list", "--data", polled.data).out
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mute", "needle", "6h", "--by", "kim"), "say for how long and why"),
        (("mute", "needle", "--why", "x", "--by", "kim"), "say for how long and why"),
        (("mute", "needle", "soon", *MUTE), "is no duration"),
        (("mute", "needel", "6h", *MUTE), "did you mean `needle`?"),
        (("mute", "needle", "6h", "--why", "x", "--by", " "), "say who you are: --by NAME"),
        (("unmute", "needle", "--by", "kim"), "'needle' is not muted; muted: nothing"),
        (("alerts", "ack", "nonsense", "--by", "kim"), "`watcher alerts list` shows them"),
        (("alerts", "verdict", "nonsense", "useful", "--by", "kim"), "`watcher alerts list` shows them"),
        (("alerts", "verdict", "nonsense", "splendid", "--by", "kim"), "splendid"),
    ],
)
def test_wrong_use_is_told_and_nothing_is_written_down(
    polled: Workspace, words: tuple[str, ...], said: str
) -> None:
    ran = polled.call(*words, "--data", polled.data)

    assert (ran.code, said in ran.err) == (2, True), ran.err
    assert muted(polled) == []


def test_nothing_can_be_answered_where_nothing_is_stored(workspace: Workspace) -> None:
    ran = workspace.call("mute", "needle", "6h", *MUTE, "--data", workspace.data)

    assert (ran.code, "there is no database yet" in ran.err) == (3, True)
    assert not workspace.data.exists()


# --- acknowledging and judging ------------------------------------------------------------------------------


def test_without_a_user_variable_the_login_name_answers(
    polled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (line,) = polled.log()
    for name in ("USER", "LOGNAME", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "")

    acked = polled.call("alerts", "ack", line["id"], "--data", polled.data)
    muted_too = polled.call("mute", "needle", "6h", "--why", "a drill", "--data", polled.data)

    assert (acked.code, acked.err, muted_too.code, muted_too.err) == (0, "", 0, "")
    assert muted(polled)[0]["by"] == pwd.getpwuid(os.getuid()).pw_name


@pytest.mark.parametrize("error", [KeyError, OSError, ImportError])
def test_a_user_without_a_name_is_unknown(error: type[Exception]) -> None:
    def nameless() -> str:
        raise error

    assert account(nameless) == "unknown"


def test_alerts_are_acknowledged_and_judged_by_name(polled: Workspace) -> None:
    (line,) = polled.log()

    acked = polled.call(
        "alerts", "ack", line["id"], "--by", "kim", "--note", "called Seoul", "--data", polled.data
    )
    judged = polled.call("alerts", "verdict", line["incident"], "noise", "--by", "lee", "--data", polled.data)

    assert (acked.code, acked.out) == (0, f"{line['incident']} is acknowledged\n")
    assert (judged.code, judged.out) == (0, f"{line['incident']}: noise\n")


def test_an_item_that_should_have_been_an_alert_is_judged_missed_and_nothing_else_is_said_of_an_item(
    polled: Workspace,
) -> None:
    with closing(SqliteStore.open_readonly(polled.data / "watcher.db")) as store:
        (item,) = (item.id for item in store.items() if item.title == "Weather fine")

    missed = polled.call("alerts", "verdict", item, "missed", "--by", "kim", "--data", polled.data)
    useful = polled.call("alerts", "verdict", item, "useful", "--by", "kim", "--data", polled.data)

    assert (missed.code, missed.out) == (0, f"{item}: missed\n")
    assert useful.code == 2


def test_all_of_it_works_while_the_service_runs(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.settings(desk=server.serve("/hook", status=410))

    with workspace.service() as service:
        service.wait_for_log("ICBM launched at dawn")
        service.wait_until(
            lambda: workspace.call("status", "--data", workspace.data).code == 1,
            "the alert is dead, and status says so",
        )
        line = workspace.log()[0]  # the second says that the webhook refused
        server.serve("/hook")
        server.requests.clear()
        answers = [
            workspace.call(*words, "--data", workspace.data)
            for words in (
                ("channels", "retry", "desk"),
                ("mute", "provocation", "6h", *MUTE),
                ("unmute", "provocation", "--by", "kim"),
                ("alerts", "ack", line["id"], "--by", "kim"),
                ("alerts", "verdict", line["id"], "useful", "--by", "kim"),
            )
        ]
        service.wait_until(lambda: posts(server), "the retried alert is taken")

    assert [answer.code for answer in answers] == [0, 0, 0, 0, 0], answers
    assert posts(server)[0] == line["id"]


# --- completing ---------------------------------------------------------------------------------------------


def completed(workspace: Workspace, *words: str) -> str:
    """Return what the shell is offered for the last of these words."""
    typed = " ".join(("watcher", *words))
    asking = {"_WATCHER_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": str(len(words))}
    with patch.dict(os.environ, asking | {"WATCHER_DATA": str(workspace.data)}):
        return workspace.call(program=lambda _: app(prog_name="watcher")).out


def test_the_shell_is_offered_alerts_and_channels(polled: Workspace) -> None:
    polled.write("watcher.toml", '[channels.desk]\ntype = "terminal"\n[channels.night]\ntype = "terminal"\n')
    (line,) = polled.log()

    assert completed(polled, "channels", "retry", "d").split() == ["desk"]
    assert completed(polled, "alerts", "ack", line["id"][:4]).split() == [line["id"]]


def test_the_shell_is_offered_nothing_where_nothing_can_be_read(workspace: Workspace) -> None:
    workspace.write("watcher.toml", "[channels")

    assert [
        completed(workspace, *words).strip() for words in (("channels", "retry", "d"), ("alerts", "ack", "a"))
    ] == ["", ""]
