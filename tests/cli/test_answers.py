"""What reviewers say of alerts: muted, acknowledged, judged, also while the service runs."""

import os
import pwd
import re
from contextlib import closing
from unittest.mock import patch

import pytest

from tests.builders import NOON, rss
from tests.cli.terminal import sent_to_a_terminal
from tests.export.records import database
from tests.loopback import LoopbackServer
from tests.workspace import Ran, Workspace, news
from watcher.alerting.build import alert_of_collection
from watcher.cli import application, main
from watcher.cli.common import account
from watcher.model.alerts import Reason
from watcher.model.language import Severity
from watcher.model.polling import Cycle
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
    assert f"about incident {joined['id']}:\n" in explained.out
    assert re.search(
        r"muted \(this item\), because needle until \S+ \S+ by kim: a drill, announced: Second ICBM",
        explained.out,
    )
    assert "HIT  needle" in explained.out


def overview(ran: Ran) -> dict[str, str]:
    """Return the five lines with which an explanation begins."""
    lines = [line.split(maxsplit=1) for line in ran.out.split("\n\n")[0].splitlines()]
    assert [name for name, _ in lines] == ["What", "Why", "Sources", "Limits", "Next"]
    return dict(lines)


def test_an_explanation_of_an_alert_begins_with_five_lines(polled: Workspace) -> None:
    (line,) = polled.log()
    told = polled.call("explain", line["id"], "--data", polled.data)
    as_json = polled.call("explain", line["id"], "--json", "--data", polled.data).json
    of_incident = polled.call("explain", line["incident"], "--data", polled.data)
    polled.call("alerts", "ack", line["id"], "--by", "kim", "--data", polled.data)
    acknowledged = polled.call("explain", line["id"], "--data", polled.data)
    polled.call("alerts", "verdict", line["id"], "noise", "--by", "lee", "--data", polled.data)
    judged = polled.call("explain", line["id"], "--data", polled.data)
    polled.call("mute", "needle", "6h", *MUTE, "--data", polled.data)
    hushed = polled.call("explain", line["id"], "--data", polled.data)

    found = overview(told)
    assert found["What"].startswith("[HIGH] Needle: ICBM launched at dawn (")
    assert found["Why"].startswith("new: First report: Needle.")
    assert found["Sources"] == "no origin is named; published by 127.0.0.1"
    assert found["Limits"] == "unconfirmed"
    assert found["Next"].startswith(f"watcher alerts ack {line['id']} --data {polled.data}; ")
    assert as_json["overview"] == {name.lower(): text for name, text in found.items()}
    assert overview(of_incident) == found
    assert overview(acknowledged)["Next"].startswith("acknowledged by kim at 20")
    assert overview(judged)["Next"].startswith("nothing, verdict noise by lee at 20")
    assert overview(hushed)["Next"].endswith(f"to end it: watcher unmute needle --data {polled.data}")


def test_evaluate_counts_the_verdicts_on_the_incidents_that_alerted(polled: Workspace) -> None:
    (line,) = polled.log()
    polled.call("alerts", "verdict", line["id"], "noise", "--by", "kim", "--data", polled.data)

    told = polled.call("evaluate", "--verdicts", "--data", polled.data)
    as_json = polled.call("evaluate", "--verdicts", "--json", "--data", polled.data).json["verdicts"]
    before = polled.call(
        *("evaluate", "--verdicts", "--from", "2020-01-01", "--to", "2020-01-02", "--json"),
        *("--data", polled.data),
    ).json["verdicts"]

    assert re.search(r"^high +0 +1 +0\.000 +0\.000 to 0\.793 +0 +0\.000 +1 *$", told.out, re.MULTILINE)
    assert as_json["by_severity"]["high"] == as_json["all"]
    assert (as_json["all"]["noise"], as_json["all"]["interval"], as_json["missed"]) == (1, [0.0, 0.7935], 0)
    assert before["by_severity"] == {}


def test_an_explanation_of_an_item_says_why_there_is_no_alert_and_what_to_do(
    polled: Workspace, server: LoopbackServer
) -> None:
    polled.call("mute", "needle", "6h", *MUTE, "--data", polled.data)
    server.serve("/f", news("Second ICBM seen on a parade", "ICBM launched at dawn, again"))
    polled.call("poll", "--all", "--data", polled.data)

    found = {}
    for word in ("fine", "parade"):
        (item,) = polled.call("search", word, "--json", "--data", polled.data).json
        found[word] = overview(polled.call("explain", item["id"], "--data", polled.data)), item["id"]

    fine, name = found["fine"]
    assert fine["Why"] == "no alert: no indicator matches it"
    assert (
        fine["Next"]
        == f"if it should have alerted: watcher alerts verdict {name} missed --data {polled.data}"
    )
    parade, _ = found["parade"]
    assert parade["Why"] == "no alert (muted): it is muted"
    assert parade["Limits"].endswith("by kim: a drill, announced")
    assert parade["Next"].endswith(f"to end it: watcher unmute needle --data {polled.data}")


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
    assert [explained.out.count(f"about incident {name}:") for name in line["incidents"]] == [1, 1]
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
    assert re.search(
        r"^  and 8 more copies until \S+ \S+Z \(--full shows them\)$", explained.out, re.MULTILINE
    )


def test_a_muted_indicator_speaks_when_it_is_unmuted(polled: Workspace, server: LoopbackServer) -> None:
    polled.call("mute", "needle", "6h", *MUTE, "--data", polled.data)
    server.serve("/f", news("Second ICBM seen on a parade"))
    polled.call("poll", "--all", "--data", polled.data)
    polled.call("unmute", "needle", "--by", "kim", "--data", polled.data)
    server.serve("/f", news("Second ICBM seen on a parade, crowds cheer", "Second ICBM seen on a parade"))

    polled.call("poll", "--all", "--data", polled.data)

    assert polled.titles() == [
        "ICBM launched at dawn",
        "Second ICBM seen on a parade, crowds cheer",
        "Second ICBM seen on a parade",
    ]


def test_what_is_in_the_table_of_mutes_can_be_read(polled: Workspace) -> None:
    polled.call("mute", "needle", "6h", *MUTE, "--data", polled.data)

    assert re.search(
        r"needle +\S+ \S+ +kim +a drill, announced", polled.call("mute", "list", "--data", polled.data).out
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("mute", "needle", "6h", "--by", "kim"), "give a reason"),
        (("mute", "needle", "--why", "x", "--by", "kim"), "say for how long"),
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

    assert (acked.code, acked.out) == (
        0,
        f"incident {line['incident']} (ICBM launched at dawn) is acknowledged\n",
    )
    assert (judged.code, judged.out) == (
        0,
        f"incident {line['incident']} (ICBM launched at dawn) is judged noise\n",
    )


def test_an_answer_about_the_watchers_own_work_calls_it_no_item(workspace: Workspace) -> None:
    alert = alert_of_collection(
        Reason.FEED_FAILING, Severity.MEDIUM, "Feed wire fails", "no answer", "wire", NOON
    )
    workspace.data.mkdir()
    with database(workspace.data) as store:
        store.record(Cycle(alerts=(alert,)), [])

    acked = workspace.call("alerts", "ack", alert.id, "--by", "kim", "--data", workspace.data)

    assert acked.out == "wire (Feed wire fails) is acknowledged\n"


ANSWERS = {"acknowledgement": "acknowledged", "verdict": "verdict noise", "mute": "muted (needle until "}


def test_what_reviewers_said_can_be_read_back(polled: Workspace) -> None:
    (line,) = polled.log()
    name, data = line["id"], ("--data", polled.data)
    untouched = polled.call("alerts", "show", name, *data)
    polled.call("alerts", "ack", name, "--by", "kim", "--note", "called Seoul", *data)
    polled.call("alerts", "verdict", name, "noise", "--by", "lee", *data)
    polled.call("mute", "needle", "6h", *MUTE, *data)

    shown = polled.call("alerts", "show", name, *data).out
    review = polled.call("alerts", "show", name, "--json", *data).json["review"]
    (listed,) = polled.call("alerts", "list", "--json", *data).json

    assert "\nReview:     none yet\n" in untouched.out
    said = [words.removeprefix("Review:     ") for words in shown.splitlines() if "Review:" in words]
    assert [line.startswith(words) for line, words in zip(said, ANSWERS.values(), strict=True)] == [True] * 3
    assert "by kim at 20" in said[0]
    assert said[0].endswith(": called Seoul")
    assert said[2].endswith(": a drill, announced")
    assert listed["review"] == review
    assert review["states"] == ["acknowledged", "reviewed", "noise", "muted"]
    assert (review["verdict"]["by"], review["verdict"]["verdict"]) == ("lee", "noise")
    assert (review["mute"]["target"], review["mute"]["note"]) == ("needle", "a drill, announced")
    table = polled.call("alerts", "list", *data).out
    assert "acknowledged by kim, noise by lee, muted by kim" in table


@pytest.mark.parametrize(("columns", "height"), [(60, 3), (100, 2), (180, 1)])
def test_the_columns_of_a_terminal_stay_when_an_alert_is_answered(
    polled: Workspace, columns: int, height: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed() -> None:
        with pytest.raises(SystemExit):
            main(["alerts", "list", "--data", str(polled.data)])

    def lines() -> list[str]:
        return sent_to_a_terminal(columns, monkeypatch, listed, NO_COLOR="1").splitlines()

    before = lines()
    polled.call("alerts", "ack", polled.log()[0]["id"], "--by", "kim", "--data", polled.data)
    after = lines()

    assert [" ".join(line.split()) for line in after[:height]] == [
        " ".join(line.split()) for line in before[:height]
    ]
    assert "indicator" in " ".join(before[:height])
    assert ("acknowledged by kim" in " ".join(before), "acknowledged by kim" in " ".join(after)) == (
        False,
        True,
    )


def test_an_acknowledgement_is_about_the_alerts_before_it(polled: Workspace, server: LoopbackServer) -> None:
    polled.call("alerts", "ack", polled.log()[0]["id"], "--by", "kim", "--data", polled.data)
    server.serve("/f", news("ICBM launched at dawn was an ICBM of a new class"))
    polled.call("poll", "--all", "--data", polled.data)

    new, acknowledged = (
        polled.call("alerts", "list", "--state", state, "--json", "--data", polled.data).json
        for state in ("new", "acknowledged")
    )

    assert [alert["title"] for alert in acknowledged] == ["ICBM launched at dawn"]
    assert [alert["title"] for alert in new] == ["ICBM launched at dawn was an ICBM of a new class"]


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ((), 1),
        (("--since", "12h"), 1),
        (("--since", "yesterday"), 1),
        (("--since", "2099-01-01"), 0),
        (("--severity", "medium"), 1),
        (("--severity", "critical"), 0),
        (("--indicator", "needle"), 1),
        (("--indicator", "haystack"), 0),
        (("--state", "new"), 1),
        (("--state", "reviewed"), 0),
        (("--state", "muted", "--limit", "1"), 0),
    ],
)
def test_alerts_are_listed_by_time_severity_indicator_and_state(
    polled: Workspace, options: tuple[str, ...], count: int
) -> None:
    assert len(polled.call("alerts", "list", *options, "--json", "--data", polled.data).json) == count


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--since", "12 parsecs"), "today, yesterday, or how long ago, as in 12h"),
        (("--since", "12x"), "`12x` is no duration"),
        (("--severity", "hihg"), "--severity hihg: unknown severity `hihg`; did you mean `high`?"),
    ],
)
def test_what_alerts_cannot_be_listed_by_is_told(
    polled: Workspace, options: tuple[str, ...], said: str
) -> None:
    ran = polled.call("alerts", "list", *options, "--data", polled.data)

    assert (ran.code, said in ran.err) == (2, True), ran.err


def test_the_journal_says_who_did_what_when_and_why(polled: Workspace) -> None:
    (line,) = polled.log()
    data = ("--data", polled.data)
    polled.call("alerts", "verdict", line["id"], "useful", "--by", "lee", *data)
    polled.call("mute", "needle", "6h", *MUTE, *data)
    polled.call("unmute", "needle", "--by", "kim", *data)
    polled.call("board", "set", "provocation", "elevated", "--why", "a parade", "--by", "kim", *data)
    polled.call("board", "clear", "provocation", "--by", "lee", *data)

    found = polled.call("actions", "--json", *data).json
    listed = polled.call("actions", *data).out

    assert [(each["by"], each["kind"], each["title"]) for each in reversed(found)] == [
        ("lee", "verdict", "ICBM launched at dawn"),
        ("kim", "mute", None),
        ("kim", "unmute", None),
        ("kim", "override", None),
        ("lee", "override", None),
    ]
    words = ("verdict useful", "mute until 20", "unmute", "set the level to elevated", "clear the level")
    assert [word for word in words if word not in listed] == []
    assert len(polled.call("actions", "--limit", "2", "--json", *data).json) == 2
    assert polled.call("actions", "--since", "2099-01-01", "--json", *data).json == []


def test_an_item_that_should_have_been_an_alert_is_judged_missed_and_nothing_else_is_said_of_an_item(
    polled: Workspace,
) -> None:
    with closing(SqliteStore.open_readonly(polled.data / "watcher.db")) as store:
        (item,) = (item.id for item in store.items() if item.title == "Weather fine")

    missed = polled.call("alerts", "verdict", item, "missed", "--by", "kim", "--data", polled.data)
    useful = polled.call("alerts", "verdict", item, "useful", "--by", "kim", "--data", polled.data)

    assert (missed.code, missed.out) == (0, f"item {item} (Weather fine) is judged missed\n")
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
        return workspace.call(program=lambda _: application()(prog_name="watcher")).out


def test_the_shell_is_offered_alerts_and_channels(polled: Workspace) -> None:
    polled.write("watcher.toml", '[channels.desk]\ntype = "terminal"\n[channels.night]\ntype = "terminal"\n')
    (line,) = polled.log()

    assert completed(polled, "channels", "retry", "d").split() == ["desk"]
    assert completed(polled, "alerts", "ack", line["id"][:4]).split() == [line["id"]]


def test_a_mute_of_a_name_that_is_gone_is_told_wherever_people_look(polled: Workspace) -> None:
    polled.call("mute", "needle", "1h", "--why", "a drill", "--data", polled.data)
    listed = (polled.folder / "indicators.yaml").read_text()
    polled.write("indicators.yaml", listed.replace("id: needle", "id: pin"))
    checked = polled.run("check")
    polled.call("poll", "--data", polled.data)

    status = polled.call("status", "--data", polled.data)
    (muted,) = polled.call("mute", "list", "--json", "--data", polled.data).json

    assert (checked.code, status.code) == (0, 1)
    assert "warning: the mute of needle has no effect" in checked.err
    assert "the mute of needle has no effect" in status.out
    assert muted["note"] == "it has no effect: no indicator has that name"


def test_the_shell_is_offered_what_can_be_muted_and_what_is(polled: Workspace) -> None:
    (line,) = polled.log()
    polled.call("mute", "needle", "1h", "--why", "a drill", "--data", polled.data)

    assert completed(polled, "mute", "nee").split() == ["needle"]
    assert completed(polled, "mute", "prov").split() == ["provocation"]
    assert completed(polled, "mute", line["id"][:5]).split() == [line["id"]]
    assert completed(polled, "unmute", "n").split() == ["needle"]
    assert completed(polled, "alerts", "list", "--indicator", "n").split() == ["needle"]
    assert completed(polled, "alerts", "show", line["id"][:5]).split() == [line["id"]]
    assert completed(polled, "explain", line["id"][:5]).split() == [line["id"]]


def test_the_shell_is_offered_nothing_where_nothing_can_be_read(workspace: Workspace) -> None:
    workspace.write("watcher.toml", "[channels")

    assert [
        completed(workspace, *words).strip() for words in (("channels", "retry", "d"), ("alerts", "ack", "a"))
    ] == ["", ""]
