"""`watcher poll`, and what `status` says after it."""

import gzip
import json
from collections.abc import Callable

import pytest

from tests.loopback import LoopbackServer
from tests.workspace import Workspace, news

BOMB = gzip.compress(gzip.compress(b"\0" * (64 << 20)))
Serve = Callable[[LoopbackServer], str]


def bomb(server: LoopbackServer) -> str:
    return server.serve("/bad", gzip.decompress(BOMB), headers={"Content-Encoding": "gzip"})


BAD_FEEDS: dict[str, tuple[Serve, str]] = {
    "404": (lambda server: server.url("/bad"), "http: 404 Not Found"),
    "500": (lambda server: server.serve("/bad", status=500), "http: 500"),
    "not XML": (
        lambda server: server.serve("/bad", b"<html><body>Please log in</body></html>"),
        "not_a_feed: ",
    ),
    "empty": (lambda server: server.serve("/bad"), "empty: "),
    "slow for ever": (
        lambda server: server.hold("/bad", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<rss"),
        "timeout: ",
    ),
    "a gzip bomb": (bomb, "too_large: "),
    "nobody there": (lambda _: "http://127.0.0.1:1/bad", "connect: "),
    "a private address": (lambda _: "http://127.0.0.2:1/bad", "refused: "),
}


def test_the_summary_has_the_shape_of_the_contract(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(
        wire=server.serve("/f", news("ICBM launched at dawn", "Weather fine")), gone=server.url("/gone")
    )

    ran = workspace.call("poll", "--json", "--data", workspace.data)

    assert ran.code == 0
    assert ran.json == {
        "feeds": [
            {"id": "wire", "status": "ok", "error": None, "items": 2, "new": 2},
            {"id": "gone", "status": "error", "error": "http: 404 Not Found", "items": 0, "new": 0},
        ],
        "items_new": 2,
        "hits": 1,
        "alerts": 1,
        "delivered": 1,
    }
    assert workspace.titles() == ["ICBM launched at dawn"]


def test_a_second_poll_costs_a_304_and_stores_nothing(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn"), headers={"ETag": '"1"'}))

    workspace.call("poll", "--all", "--json", "--data", workspace.data)
    second = workspace.call("poll", "--all", "--json", "--data", workspace.data).json

    assert second == {
        "feeds": [{"id": "wire", "status": "not_modified", "error": None, "items": 0, "new": 0}],
        "items_new": 0,
        "hits": 0,
        "alerts": 0,
        "delivered": 0,
    }


def test_only_feeds_that_are_due_are_polled_unless_all_are_asked_for(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(every="1h", wire=server.serve("/f", news("ICBM launched at dawn")))

    polled = [
        len(workspace.call("poll", *words, "--json", "--data", workspace.data).json["feeds"])
        for words in ([], [], ["--all"])
    ]

    assert polled == [1, 0, 1]


@pytest.mark.parametrize("trouble", BAD_FEEDS)
def test_a_bad_feed_is_named_with_its_cause_and_harms_no_other(
    workspace: Workspace, server: LoopbackServer, trouble: str
) -> None:
    serve, cause = BAD_FEEDS[trouble]
    workspace.settings(timeout="1s")
    workspace.feeds(bad=serve(server), wire=server.serve("/f", news("ICBM launched at dawn")))

    ran = workspace.call("poll", "--data", workspace.data)
    status = workspace.call("status", "--data", workspace.data)
    feeds = {
        feed["id"]: feed
        for feed in workspace.call("status", "--json", "--data", workspace.data).json["feeds"]
    }

    assert ran.code == 0
    assert workspace.titles() == ["ICBM launched at dawn"]
    (line,) = [line for line in ran.out.splitlines() if line.startswith("bad")]
    assert "error" in line
    assert cause in line
    assert status.code == 1
    assert f"! feed bad has never worked: {cause}" in status.out
    assert feeds["bad"]["error"].startswith(cause)
    assert (feeds["wire"]["status"], feeds["wire"]["error"]) == ("ok", None)


def test_when_every_feed_fails_the_trouble_is_outside(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(gone=server.url("/gone"), lost=server.url("/lost"))

    assert workspace.call("poll", "--data", workspace.data).code == 3


def test_without_a_network_one_sentence_says_so_wherever_people_look(workspace: Workspace) -> None:
    workspace.feeds(wire="http://127.0.0.1:1/wire", paper="http://127.0.0.1:1/paper")
    sentence = "no feed can be reached: is there a network, a proxy, a resolver?"

    ran = workspace.call("poll", "--data", workspace.data)
    as_json = workspace.call("poll", "--all", "--json", "--data", workspace.data)
    tested = workspace.call("feeds", "test")
    status = workspace.call("status", "--data", workspace.data)

    assert (ran.code, ran.out) == (3, "2 feeds polled: 0 new items, 0 hits, 1 alert, 1 delivered\n")
    assert [ran.err.splitlines()[0], as_json.err.splitlines()[0], tested.err.splitlines()[0]] == [
        sentence
    ] * 3
    assert [feed["error"].partition(":")[0] for feed in as_json.json["feeds"]] == ["connect", "connect"]
    assert f"! {sentence}" in status.out.splitlines()
    assert [(line["reason"], line["title"].lower()) for line in workspace.log()] == [
        ("feeds_unreachable", sentence)
    ]


def test_feeds_that_failed_three_polls_in_a_row_are_one_alert(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(
        gone=server.url("/gone"), lost=server.url("/lost"), wire=server.serve("/f", news("Weather fine"))
    )

    alerts = [
        workspace.call("poll", "--all", "--json", "--data", workspace.data).json["alerts"] for _ in range(4)
    ]

    assert alerts == [0, 0, 1, 0]
    (line,) = workspace.log()
    assert (line["kind"], line["reason"], line["title"]) == (
        "collection",
        "feed_failing",
        "2 of 3 feeds are failing: gone, lost",
    )


def test_a_dead_delivery_exits_1_until_it_is_tried_again(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.settings(desk=server.serve("/hook", status=410))

    polled, ill = (
        workspace.call("poll", "--data", workspace.data),
        workspace.call("status", "--data", workspace.data),
    )
    server.serve("/hook")
    retried = workspace.call("channels", "retry", "desk", "--data", workspace.data)
    again, well = (
        workspace.call("poll", "--json", "--data", workspace.data),
        workspace.call("status", "--data", workspace.data),
    )

    assert (polled.code, ill.code) == (1, 1)
    assert "watcher channels retry desk" in ill.out
    assert (retried.code, retried.out) == (0, "1 deliveries of desk will be tried again\n")
    assert (again.code, again.json["delivered"], well.code) == (0, 1, 0)


def test_an_alert_log_that_cannot_be_written_exits_1_until_it_can(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.data.mkdir(exist_ok=True)
    (workspace.data / "alerts").write_text("somebody's")

    ran = workspace.call("poll", "--data", workspace.data)
    status = workspace.call("status", "--data", workspace.data)
    doctor = workspace.call("doctor", "--data", workspace.data)

    assert (ran.code, status.code, doctor.code) == (1, 1, 1)
    assert "alerts" in ran.err
    assert "1 alert waits for the alert log" in status.out
    assert "is no folder" in doctor.out


def test_wrong_files_exit_2_and_nothing_is_done(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.write("indicators.yaml", "indicators: []\nindicators: []\n")

    ran = workspace.call("poll", "--data", workspace.data)

    assert ran.code == 2
    assert "indicators.yaml:2:1: " in ran.err
    assert not server.requests
    assert not workspace.data.exists()


def test_a_broken_database_exits_3_in_words(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.data.mkdir()
    (workspace.data / "watcher.db").write_bytes(b"this is no database, whatever its name says" * 99)

    ran = workspace.call("poll", "--data", workspace.data)

    assert (ran.code, ran.out) == (3, "")
    assert "watcher.db" in ran.err


def test_the_data_go_where_the_flag_says_or_the_variable_or_here(
    workspace: Workspace, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))

    monkeypatch.setenv("WATCHER_DATA", str(workspace.folder / "by-variable"))
    workspace.call("poll")
    monkeypatch.setenv("WATCHER_DATA", str(workspace.folder / "no"))
    workspace.call("poll", "--data", "by-flag")
    monkeypatch.delenv("WATCHER_DATA")
    workspace.call("poll")

    assert [
        (workspace.folder / place / "watcher.db").exists() for place in ("by-variable", "by-flag", ".", "no")
    ] == [True, True, True, False]
    assert list((workspace.folder / "alerts").glob("*.jsonl"))


def test_titles_in_a_terminal_are_text_and_the_log_is_one_line_each(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM [red]\u202elaunched &#27;[31m at dawn")))

    workspace.call("poll", "--data", workspace.data)
    listed = workspace.call("alerts", "list", "--data", workspace.data)

    assert "[red]" in listed.out
    assert not {"\x1b", "\u202e"} & set(listed.out)
    (line,) = [
        line
        for day in (workspace.data / "alerts").glob("*.jsonl")
        for line in day.read_text(encoding="utf-8").splitlines()
    ]
    assert json.loads(line)["reason"] == "new"
