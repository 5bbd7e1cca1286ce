"""The other commands: what they print, and with what they leave."""

import csv
import gzip
import json
import os
import re
import sqlite3
import subprocess
from contextlib import closing
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from tests.export.records import database, record, told
from tests.loopback import LoopbackServer
from tests.workspace import ROOT, Workspace, news

ARCHIVE = "\n".join(
    [
        json.dumps({"id": "a", "title": "ICBM launched at dawn", "seen": "2026-10-10T03:00:00Z"}),
        json.dumps({"id": "b", "title": "Weather fine", "seen": "2026-10-10T04:00:00Z"}),
        "",
    ]
)


@pytest.fixture
def polled(workspace: Workspace, server: LoopbackServer) -> Workspace:
    """Return a workspace in which one poll raised one alert."""
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn", "Weather fine")))
    assert workspace.call("poll", "--data", workspace.data).code == 0
    return workspace


# --- the alert log ------------------------------------------------------------------------------------------


def test_alerts_are_listed_and_shown(polled: Workspace) -> None:
    (listed,) = polled.call("alerts", "list", "--json", "--data", polled.data).json
    shown = polled.call("alerts", "show", listed["id"], "--json", "--data", polled.data).json
    text = polled.call("alerts", "show", listed["id"], "--data", polled.data).out

    (line,) = polled.log()
    assert listed == line | {"review": {"states": ["new"]}}
    assert shown == listed | {"channels": {"log": "delivered"}}
    assert text.startswith("[HIGH] Needle: ICBM launched at dawn\n")
    assert f"Look further: watcher explain {listed['id']} --data {polled.data}\n" in text


def test_alerts_are_listed_from_a_time_on(polled: Workspace) -> None:
    def count(*words: str) -> int:
        return len(polled.call("alerts", "list", "--json", "--data", polled.data, *words).json)

    assert (count("--since", "2020-01-01"), count("--since", "2999-01-01"), count("--limit", "1")) == (
        1,
        0,
        1,
    )


def test_alerts_are_exported_as_csv_and_as_lines_of_the_log(polled: Workspace) -> None:
    as_csv = polled.call("alerts", "export", "--data", polled.data)
    as_jsonl = polled.call("alerts", "export", "--format", "jsonl", "--data", polled.data)
    unknown = polled.call("alerts", "export", "--format", "xls", "--data", polled.data)

    (row,) = csv.DictReader(as_csv.out.splitlines())
    assert (row["title"], row["id"]) == ("ICBM launched at dawn", polled.log()[0]["id"])
    assert json.loads(as_jsonl.out) == polled.log()[0]
    assert (unknown.code, "use csv, jsonl, " in unknown.err) == (2, True)


def test_an_export_goes_on_where_the_last_one_ended(polled: Workspace) -> None:
    export = ["alerts", "export", "--format", "jsonl", "--data", str(polled.data)]
    kept = polled.data / "desk.cursor"

    first, second = (polled.call(*export, "--cursor", str(kept)) for _ in range(2))
    named = polled.call(*export, "--after", "1-0")

    assert (len(first.lines), second.out, named.out) == (1, "", "")
    assert kept.read_text() == "1-0\n"
    assert first.err == second.err == named.err == "the next export goes on with --after 1-0\n"


def test_a_cursor_that_is_none_is_refused_with_its_file(polled: Workspace) -> None:
    export = ["alerts", "export", "--data", str(polled.data)]
    spoilt = polled.data / "desk.cursor"
    spoilt.write_text("yesterday")

    refused, unkept = (
        polled.call(*export, "--cursor", str(file)) for file in (spoilt, polled.data / "no" / "cursor")
    )

    assert (refused.code, refused.out) == (2, "")
    assert "desk.cursor: no such cursor: 'yesterday'" in refused.err
    assert (unkept.code, "the next export repeats this one" in unkept.err) == (3, True)


def test_an_export_that_is_cut_says_so(workspace: Workspace) -> None:
    workspace.data.mkdir()
    with database(workspace.data) as store:
        record(store, told(number=1), told(number=2))

    cut = workspace.call("alerts", "export", "--limit", "1", "--data", workspace.data)

    assert cut.err == "this is 1 alert at most, and there is more; the next export goes on with --after 1-0\n"


def test_alerts_alone_lists_them_with_the_same_options(polled: Workspace) -> None:
    words = ["--json", "--limit", "3", "--since", "2020-01-01", "--data", str(polled.data)]

    alone, listed = polled.call("alerts", *words), polled.call("alerts", "list", *words)

    assert (alone.code, len(alone.json)) == (0, 1)
    assert alone.out == listed.out


def test_an_option_before_the_command_of_alerts_is_not_lost_without_a_word(polled: Workspace) -> None:
    ran = polled.call("alerts", "--data", polled.data, "show", "nonsense")

    assert ran.code == 2
    assert "options go behind the command: `watcher alerts show ...`" in ran.err


def test_an_alert_that_is_not_there_is_wrong_use(polled: Workspace) -> None:
    ran = polled.call("alerts", "show", "nonsense", "--data", polled.data)

    assert ran.code == 2
    assert "`watcher alerts list`" in ran.err


def test_a_time_that_is_none_is_wrong_use(polled: Workspace) -> None:
    ran = polled.call("alerts", "list", "--since", "yesterweek", "--data", polled.data)

    assert ran.code == 2
    assert "write 2026-10-10" in ran.err


# --- status -------------------------------------------------------------------------------------------------


def test_status_has_what_the_contract_says(polled: Workspace) -> None:
    ran = polled.call("status", "--json", "--data", polled.data)

    assert ran.code == 0
    assert {"healthy", "feeds", "outbox", "last_tick", "problems"} <= ran.json.keys()
    assert (ran.json["healthy"], ran.json["problems"]) == (True, [])
    assert ran.json["outbox"]["log"] == {"pending": 0, "delivered": 1, "dead": 0}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", ran.json["last_tick"])


def test_status_of_nothing_is_trouble_outside(workspace: Workspace) -> None:
    workspace.feeds(wire="http://127.0.0.1:1/f")

    ran = workspace.call("status", "--data", workspace.data)

    assert ran.code == 3
    assert "`watcher poll` or `watcher run`" in ran.err


def test_a_poll_with_good_files_ends_what_a_service_said_of_wrong_ones(polled: Workspace) -> None:
    with closing(sqlite3.connect(polled.data / "watcher.db", isolation_level=None)) as database:
        database.execute(
            "REPLACE INTO notes (name, value) VALUES ('config_rejected', 'indicators.yaml:1:1: wrong')"
        )
    before = polled.call("status", "--data", polled.data).code

    polled.call("poll", "--data", polled.data)

    assert (before, polled.call("status", "--data", polled.data).code) == (1, 0)


def test_status_lives_with_a_list_of_feeds_that_is_wrong(polled: Workspace) -> None:
    polled.write("feeds.yaml", "feeds: [{id: wire}]")

    ran = polled.call("status", "--data", polled.data)

    assert ran.code == 1
    assert "feeds.yaml:1:" in ran.out


# --- feeds and channels -------------------------------------------------------------------------------------


def test_feeds_are_listed_with_how_they_do(polled: Workspace) -> None:
    (listed,) = polled.call("feeds", "list", "--json", "--data", polled.data).json

    assert (listed["id"], listed["grade"], listed["every"], listed["error"]) == ("wire", "C", "1s", "")
    assert listed["last_ok"] != "never"


def test_a_feed_is_tested_by_id_or_address_and_nothing_is_stored(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")), gone=server.url("/gone"))

    by_id, by_address, all_of_them = (
        workspace.call("feeds", "test", *words, "--json") for words in (["wire"], [server.url("/f")], [])
    )

    assert (by_id.code, by_address.code, all_of_them.code) == (0, 0, 3)
    assert [
        (row["works"], row["format"], row["items"], row["newest"]) for row in by_id.json + by_address.json
    ] == [(True, "rss20", 1, "ICBM launched at dawn")] * 2
    assert {row["id"]: row["trouble"] for row in all_of_them.json} == {
        "wire": "",
        "gone": "http: 404 Not Found",
    }
    assert not list(workspace.folder.rglob("watcher.db"))


def test_a_feed_nobody_listed_is_wrong_use(workspace: Workspace) -> None:
    workspace.feeds(wire="http://127.0.0.1:1/f")

    ran = workspace.call("feeds", "test", "wired")

    assert ran.code == 2
    assert "`watcher feeds list`" in ran.err


def test_channels_are_listed_with_what_they_take_and_what_waits(polled: Workspace) -> None:
    polled.write(
        "watcher.toml",
        """
[channels.night]
type = "terminal"
severity = "critical"
quiet = "22:00-07:00"
digest = "daily 08:00"
renotify = "30m"
days = "mon-wed"

[channels.screen]
type = "terminal"
""",
    )

    log, night, screen = polled.call("channels", "list", "--json", "--data", polled.data).json

    assert (log["id"], log["takes"], log["delivered"]) == ("log", "everything", 1)
    assert night["takes"] == (
        "severity critical and above; days Mon, Tue, Wed; quiet from 22:00 to 07:00; digest daily 08:00; "
        "again after 30 minutes"
    )
    assert (screen["type"], screen["takes"], screen["pending"]) == ("terminal", "everything", 0)


def test_what_waited_for_a_channel_that_is_gone_is_dead_and_can_be_forgotten(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.settings(desk=server.serve("/hook", status=503))
    workspace.call("poll", "--data", workspace.data)
    workspace.settings()

    polled = workspace.call("poll", "--data", workspace.data)
    gone = {
        row["id"]: row for row in workspace.call("channels", "list", "--json", "--data", workspace.data).json
    }["desk"]
    ill = workspace.call("status", "--data", workspace.data)
    forgotten, unknown = (
        workspace.call("channels", "forget", name, "--data", workspace.data) for name in ("desk", "fax")
    )

    assert (gone["takes"], gone["dead"]) == ("no longer configured", 1)
    assert (polled.code, ill.code) == (1, 1)
    assert "`watcher channels forget desk`" in ill.out
    assert (forgotten.code, forgotten.out) == (0, "1 dead deliveries of desk are forgotten\n")
    assert (unknown.code, workspace.call("status", "--data", workspace.data).code) == (2, 0)


def test_it_is_explained_which_channel_was_not_told_and_why(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.write(
        "watcher.toml",
        """
[fetch]
allow_private = ["127.0.0.1/32"]
[channels.grave]
type = "terminal"
severity = "critical"
[channels.screen]
type = "terminal"
""",
    )
    workspace.call("poll", "--data", workspace.data)
    (line,) = workspace.log()

    explained = workspace.call("explain", line["id"], "--data", workspace.data)

    assert "channel grave: not sent: it takes severity critical and above, and this is high" in explained.out
    assert "channel screen: delivered" in explained.out
    assert "channel log: delivered" in explained.out


def test_an_alert_shows_in_which_message_a_channel_was_told_of_it(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.write(
        "indicators.yaml",
        """
version: 1
board: {speak: []}
indicators:
  - {id: needle, title: Needle, category: provocation, severity: high, match: ICBM}
  - {id: dawn, title: Dawn, category: provocation, severity: medium, match: dawn}
""",
    )
    workspace.write(
        "watcher.toml",
        """
[fetch]
allow_private = ["127.0.0.1/32"]
[channels.screen]
type = "terminal"
""",
    )
    polled = workspace.call("poll", "--data", workspace.data)
    speaker, other = sorted((line["id"] for line in workspace.log()), key=lambda name: name not in polled.err)

    shown, explained = (
        workspace.call(*words, other, "--data", workspace.data).out
        for words in (["alerts", "show"], ["explain"])
    )

    assert "Also: dawn (medium)" in polled.err
    assert f"Channel:    screen: delivered, told with {speaker}" in shown
    assert "Channel:    log: delivered\n" in shown
    assert f"channel screen: delivered, told with {speaker}" in explained


def test_channels_are_tested_with_an_alert_that_says_so(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.settings(good=server.serve("/good"), bad=server.serve("/bad", status=500))

    good, every = (
        workspace.call("channels", "test", *words, "--json", "--data", workspace.data)
        for words in (["good"], [])
    )

    assert (good.code, good.json) == (0, {"good": "taken"})
    assert every.code == 1
    assert {name: result.partition(":")[0] for name, result in every.json.items()} == {
        "log": "taken",
        "good": "taken",
        "bad": "refused",
    }
    people = workspace.call("channels", "test", "good", "--data", workspace.data)
    assert re.search(r"^good +sent and accepted: test alert [0-9a-f]{20}", people.out, re.MULTILINE)
    assert json.loads(server.requests[0].body)["kind"] == "test"
    assert [line["kind"] for line in workspace.log()] == ["test"]


# apprise 2.2 loads a plugin that imports a module Python 3.13 drops.
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_a_channel_with_several_targets_is_listed_and_tried_again_by_target(
    workspace: Workspace, server: LoopbackServer
) -> None:
    address = server.serve("/", status=403).replace("http://", "ntfy://")
    settings = workspace.folder / "watcher.toml"
    phones_too = f'[channels.phones]\ntype = "apprise"\nurl = "{address}night/day"\nseverity = "low"\n'
    settings.write_text(settings.read_text() + phones_too)
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.call("poll", "--data", workspace.data)

    _, *phones = workspace.call("channels", "list", "--json", "--data", workspace.data).json
    again = workspace.call("channels", "retry", "phones", "--data", workspace.data)
    one = workspace.call("channels", "retry", "phones/2", "--data", workspace.data)
    listed = workspace.call("alerts", "list", "--json", "--data", workspace.data).json
    shown = workspace.call("explain", listed[-1]["id"], "--data", workspace.data).out

    assert [(row["id"], row["takes"], row["dead"]) for row in phones] == [
        ("phones/1", "severity low and above", 1),
        ("phones/2", "severity low and above", 1),
    ]
    assert again.out == "2 deliveries of phones will be tried again\n"
    assert one.out == "0 deliveries of phones/2 will be tried again\n"
    assert "phones/2: pending" in shown
    assert "not sent" not in shown


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_a_table_that_gets_a_second_target_keeps_what_waits_and_what_was_given_up(
    workspace: Workspace, server: LoopbackServer
) -> None:
    settings = workspace.folder / "watcher.toml"
    plain = settings.read_text()

    def phones(targets: str, status: int) -> None:
        address = server.serve("/", status=status).replace("http://", "ntfy://")
        settings.write_text(f'{plain}[channels.phones]\ntype = "apprise"\nurl = "{address}{targets}"\n')

    def listed() -> dict[str, tuple[int, int]]:
        rows = workspace.call("channels", "list", "--json", "--data", workspace.data).json
        return {row["id"]: (row["pending"], row["dead"]) for row in rows if row["id"] != "log"}

    phones("night", 503)
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.call("poll", "--data", workspace.data)
    waits = listed()
    phones("night/day", 503)
    workspace.call("poll", "--data", workspace.data)
    waits_for_both = listed()
    phones("night", 403)
    workspace.call("poll", "--data", workspace.data)
    given_up = listed()
    phones("night/day", 403)
    again = workspace.call("channels", "retry", "phones", "--data", workspace.data)

    assert waits == {"phones": (1, 0)}
    assert waits_for_both == {"phones/1": (1, 0), "phones/2": (1, 0)}
    assert given_up == {"phones": (0, 1)}
    assert again.out == "1 deliveries of phones will be tried again\n"
    assert listed() == {"phones/1": (1, 0), "phones/2": (1, 0)}


@pytest.mark.parametrize("word", ["test", "retry"])
def test_a_channel_nobody_opened_is_wrong_use(workspace: Workspace, word: str) -> None:
    ran = workspace.call("channels", word, "fax", "--data", workspace.data)

    assert ran.code == 2
    assert "there are log" in ran.err


# --- tuning -------------------------------------------------------------------------------------------------


def test_match_prints_one_object_for_every_item(workspace: Workspace) -> None:
    ran = workspace.call("match", workspace.write("a.jsonl", ARCHIVE))

    assert ran.code == 0
    assert [line["id"] for line in ran.lines] == ["a", "b"]
    ((hit,), none) = (line["hits"] for line in ran.lines)
    assert {"indicator", "claim", "severity", "score", "evidence"} <= hit.keys()
    assert (hit["indicator"], hit["severity"], hit["evidence"]) == ("needle", "high", ["icbm"])
    assert none == []
    assert not list(workspace.folder.rglob("watcher.db"))


def test_match_reads_a_pipe(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(ARCHIVE.encode())))

    ran = workspace.call("match", "-")

    assert (ran.code, [len(line["hits"]) for line in ran.lines]) == (0, [1, 0])


def test_a_line_that_is_no_item_is_named(workspace: Workspace) -> None:
    ran = workspace.call("match", workspace.write("a.jsonl", ARCHIVE + "{not json}\n"))

    assert ran.code == 2
    assert "a.jsonl:3" in ran.err


def test_replay_says_what_it_came_to_and_twice_is_as_once(workspace: Workspace) -> None:
    path = workspace.write("a.jsonl", ARCHIVE)

    first, second = (
        workspace.call("replay", path, "--json", "--data", workspace.folder / name) for name in ("one", "two")
    )
    again = workspace.call("replay", path, "--data", workspace.folder / "one")

    assert "nothing is new: every item is in this data folder already; to replay the archive" in again.out
    assert (first.code, second.code) == (0, 0)
    assert first.json.keys() == {"items", "hits", "incidents", "alerts", "seconds", "known"}
    assert [first.json[name] for name in ("items", "hits", "incidents", "alerts")] == [2, 1, 1, 1]
    logs = [(workspace.folder / name / "alerts" / "2026-10-10.jsonl").read_bytes() for name in ("one", "two")]
    assert logs[0] == logs[1]


def test_a_replay_of_what_was_replayed_already_says_nothing_of_levels_again(workspace: Workspace) -> None:
    seen = (
        "2026-10-01T00:00:00Z",
        "2026-10-01T05:00:00Z",
        "2026-10-20T00:00:00Z",
        "2026-10-21T01:00:00Z",
        "2026-10-22T02:00:00Z",
    )
    titles = ("Weather fine", "ICBM launched at dawn", "Weather still fine", "Weather cloudy", "Weather bad")
    path = workspace.write(
        "a.jsonl",
        "\n".join(json.dumps({"title": title, "seen": at}) for title, at in zip(titles, seen, strict=True)),
    )

    first, again = (workspace.call("replay", path, "--json", "--data", workspace.data).json for _ in range(2))

    assert first["alerts"] > 2
    assert {name: again[name] for name in ("items", "hits", "alerts")} == {"items": 5, "hits": 0, "alerts": 0}


def test_a_replay_that_was_killed_is_finished_by_the_next(workspace: Workspace) -> None:
    path = workspace.write("a.jsonl", ARCHIVE)
    replayed = workspace.call("replay", path, "--data", workspace.data)
    (workspace.data / "alerts" / "2026-10-10.jsonl").unlink()
    with closing(sqlite3.connect(workspace.data / "watcher.db", isolation_level=None)) as database:
        database.execute(
            "UPDATE deliveries SET state = 'pending', attempts = 0, "
            "lease_until = '2026-10-10T03:05:00.000000Z'"
        )

    again = workspace.call("replay", path, "--data", workspace.data)

    assert (replayed.code, again.code) == (0, 0)
    assert workspace.titles() == ["ICBM launched at dawn"]


def test_a_replay_that_cannot_write_the_log_says_so(workspace: Workspace) -> None:
    workspace.data.mkdir()
    (workspace.data / "alerts").write_text("a file where the folder should be")

    ran = workspace.call("replay", workspace.write("a.jsonl", ARCHIVE), "--json", "--data", workspace.data)

    assert (ran.code, ran.json["alerts"]) == (3, 1)
    assert "2026-10-10.jsonl cannot be written" in ran.err


@pytest.mark.parametrize("name", ["damaged.jsonl.gz", "deep.jsonl"])
def test_an_archive_that_cannot_be_read_is_wrong_use(workspace: Workspace, name: str) -> None:
    body = (
        bytearray(gzip.compress(bytes(range(256)) * 40))
        if name.endswith(".gz")
        else bytearray(b"[" * 100_000)
    )
    body[20:40] = b"\xff" * 20 if name.endswith(".gz") else b"[" * 20

    ran = workspace.call("match", workspace.write(name, bytes(body)))

    assert ran.code == 2
    assert name in ran.err


def test_a_text_is_explained(workspace: Workspace) -> None:
    hit, none = (
        workspace.call("explain", "ICBM launched at dawn"),
        workspace.call("explain", "Weather is fine"),
    )

    assert (hit.code, none.code) == (0, 0)
    assert "HIT  needle" in hit.out
    assert "no indicator matches any part of it" in none.out


def test_an_alert_and_an_item_are_explained(polled: Workspace) -> None:
    (line,) = polled.log()

    alert = polled.call("explain", line["id"], "--json", "--data", polled.data).json
    item = polled.call("explain", line["items"][0]["id"], "--json", "--data", polled.data).json
    text = polled.call("explain", line["id"], "--data", polled.data).out

    assert (alert["alert"]["id"], alert["alert"]["reason"]) == (line["id"], "new")
    assert [decision["alert"] for decision in alert["alert"]["decisions"]] == [line["id"]]
    assert item["alert"] is None
    assert [found["outcome"] for found in alert["items"][0]["indicators"]] == ["hit"]
    assert alert["items"] == item["items"]
    assert (
        f"new (this alert): ICBM launched at dawn ({line['items'][0]['owner']}) {line['items'][0]['id']}"
        in text
    )


@pytest.mark.parametrize("name", ["0123456789abcdef", "0123456789abcdef0123"])
def test_an_id_that_is_stored_nowhere_is_not_read_as_a_headline(polled: Workspace, name: str) -> None:
    ran, elsewhere = (
        polled.call("explain", name, "--data", folder) for folder in (polled.data, polled.folder / "none")
    )

    assert (ran.code, elsewhere.code) == (2, 2)
    assert (
        f"no item, alert or incident has the id {name} in {polled.data}; name its folder with --data"
        in ran.err
    )


def test_there_is_nothing_to_explain_in_nothing(workspace: Workspace) -> None:
    ran = workspace.call("explain", " ")

    assert ran.code == 2
    assert "give a text, or the id of an item, an alert or an incident" in ran.err


def test_an_explanation_names_the_three_nearest_and_counts_the_others(workspace: Workspace) -> None:
    asked = {
        "a": "[aa, xx, yy, zz]",
        "b": "[aa, xx]",
        "c": "[aa, bb, xx]",
        "d": "[aa, xx, yy]",
        "e": "[aa, bb]",
    }
    listed = [
        f"  - {{id: {name}, title: T, category: trigger, match: {{all: {terms}}}}}"
        for name, terms in asked.items()
    ]
    workspace.write("indicators.yaml", "\n".join(["indicators:", *listed, ""]))

    shown, everything = (
        workspace.call("explain", "aa bb").out,
        workspace.call("explain", "aa bb", "--json").json,
    )

    assert re.findall(r"^  (?:HIT|NEAR) +(\w)", shown, re.MULTILINE) == ["e", "c", "b", "d"]
    assert shown.endswith(
        "  (--full shows all groups that matched and 1 indicator more with a partial match)\n"
    )
    assert re.findall(r"^  NEAR +(\w)", workspace.call("explain", "aa bb", "--full").out, re.MULTILINE) == [
        *("c", "b", "d", "a")
    ]
    assert {each["indicator"]: each["share"] for each in everything["items"][0]["indicators"]} == {
        "a": 0.25,
        "b": 0.5,
        "c": 0.667,
        "d": 0.333,
        "e": 1.0,
    }


@pytest.mark.parametrize("kind", ["indicators", "feeds"])
def test_a_schema_is_the_one_in_the_repository(workspace: Workspace, kind: str) -> None:
    ran = workspace.call("schema", kind)

    assert (ran.code, ran.out) == (0, (ROOT / "schema" / f"{kind}.schema.json").read_text(encoding="utf-8"))


def test_a_schema_of_something_else_is_wrong_use(workspace: Workspace) -> None:
    assert workspace.call("schema", "weather").code == 2


# --- operation ----------------------------------------------------------------------------------------------


def test_the_database_is_made_checked_and_copied(workspace: Workspace) -> None:
    made, checked = (workspace.call("db", word, "--data", workspace.data) for word in ("migrate", "check"))
    copied, refused = (
        workspace.call("db", "backup", workspace.folder / "copy.db", "--data", workspace.data)
        for _ in range(2)
    )

    assert (made.code, checked.code, copied.code, refused.code) == (0, 0, 0, 3)
    assert checked.out.startswith("the database is whole\nit takes ")
    assert (workspace.folder / "copy.db").stat().st_size > 0
    assert "exists already" in refused.err


def test_damage_in_the_database_is_found(polled: Workspace) -> None:
    path = polled.data / "watcher.db"
    pages = bytearray(path.read_bytes())
    pages[len(pages) // 2 :] = b"\x5a" * (len(pages) - len(pages) // 2)
    path.write_bytes(pages)

    assert polled.call("db", "check", "--data", polled.data).code in (1, 3)
    assert polled.call("doctor", "--data", polled.data).code == 1


def test_the_doctor_looks_at_everything(polled: Workspace) -> None:
    findings = polled.call("doctor", "--json", "--data", polled.data)
    polled.write("indicators.yaml", "indicators: []")
    ill = polled.call("doctor", "--json", "--data", polled.data)

    assert findings.code == 0
    assert {"indicators", "feeds", "channels", "database", "disk"} <= {
        finding["what"] for finding in findings.json
    }
    assert ill.code == 1
    assert [finding["what"] for finding in ill.json if not finding["good"]] == ["indicators"]


def test_the_doctor_finds_a_channel_that_waits_for_an_indicator_that_is_not_there(
    polled: Workspace, server: LoopbackServer
) -> None:
    channel = (
        f'[channels.duty]\ntype = "webhook"\nurl = "{server.url("/hook")}"\n'
        'indicators = ["needle", "board", "neddle"]\n'
    )
    polled.write("watcher.toml", channel)

    ran = polled.call("doctor", "--json", "--data", polled.data)

    assert ran.code == 1
    (finding,) = (finding for finding in ran.json if not finding["good"])
    assert finding["finding"].startswith(
        "channel duty takes alerts of neddle, and no indicator has that name"
    )


# --- how the words are taken --------------------------------------------------------------------------------


def test_an_unknown_word_or_option_is_wrong_use(workspace: Workspace) -> None:
    assert [
        workspace.call(*words).code
        for words in (["frobnicate"], ["poll", "--frobnicate"], ["alerts", "show"])
    ] == [2, 2, 2]


def test_a_pipe_gets_data_only_and_no_colour(polled: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    commands = (["alerts", "list"], ["feeds", "list"], ["poll", "--all"])
    tables = [polled.call(*words, "--data", polled.data) for words in commands]
    tables.append(polled.run("status"))

    assert [(ran.code, ran.err, "\x1b" in ran.out) for ran in tables] == [(0, "", False)] * 4


def test_a_reader_that_has_seen_enough_ends_a_command_without_a_word(workspace: Workspace) -> None:
    archive = workspace.write("long.jsonl", ARCHIVE * 20_000)
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "wb") as broken:
        ended = subprocess.run(
            workspace.command("match", archive),
            stdout=broken,
            stderr=subprocess.PIPE,
            cwd=workspace.folder,
            env=workspace.environment(),
            check=False,
        )

    assert (ended.returncode, ended.stderr) == (1, b"")


def test_the_shipped_lists_are_used_where_there_are_no_others(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    (tmp_path / "indicators.yaml").unlink()

    ran = workspace.call("explain", "North Korea fires suspected ICBM toward East Sea")

    assert ran.code == 0
    assert "HIT  icbm-launch" in ran.out
