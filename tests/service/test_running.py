"""`watcher run` as people run it: a process, a folder, a feed server."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk import ONE_TERM, Desk, Service, news
from tests.loopback import LoopbackServer

QUICK = 10.0
"""Seconds within which the service ends when it is asked to."""

LIGHT = 60
"""Megabytes that an idle service stays under."""


def test_news_becomes_an_alert_in_the_log(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(wire=server.serve("/f", news("ICBM launched at dawn", "Weather fine")))

    with desk.service() as service:
        service.wait_for_log("ICBM launched at dawn")
        server.serve("/f", news("Second ICBM seen on a parade", "ICBM launched at dawn"))
        service.wait_for_log("Second ICBM seen on a parade")
        service.stop()

    assert desk.titles() == ["ICBM launched at dawn", "Second ICBM seen on a parade"]


def test_what_is_there_at_the_first_poll_is_one_alert(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(seed=True, wire=server.serve("/f", news("ICBM launched at dawn", "Parade shows a new ICBM")))

    with desk.service() as service:
        service.wait_for_log("ICBM launched at dawn")
        server.serve("/f", news("Second test of an ICBM engine"))
        service.wait_for_log("Second test of an ICBM engine")

    assert [(line["kind"], line["reason"], len(line["items"])) for line in desk.log()] == [
        ("collection", "seeding", 2),
        ("incident", "new", 1),
    ]


def test_a_feed_that_hangs_delays_no_other(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(
        slow=server.hold("/slow", b"HTTP/1.1 200 OK\r\n"),
        wire=server.serve("/f", news("ICBM launched at dawn")),
    )

    with desk.service() as service:
        service.wait_until(server.held.is_set, "the slow feed hangs")
        service.wait_for_log("ICBM launched at dawn")

        assert not server.let_go.is_set()


def test_feeds_that_never_work_are_one_alert(desk: Desk, server: LoopbackServer) -> None:
    good = server.serve("/f", news("Weather fine"))
    desk.feeds(gone=server.url("/gone"), broken=server.serve("/broken", status=500), wire=good)

    with desk.service() as service:
        service.wait_until(desk.log, "the failing feeds are in the alert log")

    (line,) = desk.log()
    assert (line["kind"], line["reason"]) == ("collection", "feed_failing")
    assert {"gone", "broken"} >= set(line["feeds"])
    assert "404 Not Found" in line["why"] or "500" in line["why"]


# --- stopping -----------------------------------------------------------------------------------------------


def ends_well(service: Service) -> bool:
    code, seconds = service.stop()
    assert code == 0, service.output
    return seconds < QUICK


def test_it_ends_at_once_when_idle(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(every="1h", wire=server.serve("/f", news("ICBM launched at dawn")))

    with desk.service() as service:
        service.wait_for_log("ICBM launched at dawn")

        assert ends_well(service)


def test_it_ends_while_it_starts(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))

    with desk.service() as service:
        service.wait_until((desk.data / "watcher.lock").exists, "it has taken its lock")
        service.signal(signal.SIGHUP)

        assert ends_well(service)


def test_what_a_kill_left_half_done_is_removed_at_the_next_start(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    left = [desk.data / name for name in ("canary-a1b2c3d4", "pruning-a1b2c3d4")]
    for folder in left:
        folder.mkdir(parents=True)

    with desk.service() as service:
        service.wait_for_log("ICBM launched at dawn")
        service.stop()

    assert [folder.exists() for folder in left] == [False, False]


def test_it_ends_while_it_polls(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(wire=server.serve("/f", news(*(f"ICBM number {number}" for number in range(1000)))))

    with desk.service() as service:
        service.wait_until(lambda: server.requests, "it polls")

        assert ends_well(service)


def test_it_ends_while_a_feed_hangs(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(slow=server.hold("/slow", b"HTTP/1.1 200 OK\r\n"))

    with desk.service() as service:
        service.wait_until(server.held.is_set, "the feed hangs")

        assert ends_well(service)


@pytest.mark.slow
def test_it_ends_while_a_webhook_hangs(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    desk.settings(desk=server.hold("/hook"))

    with desk.service() as service:
        service.wait_until(server.held.is_set, "the webhook hangs")
        service.wait_for_log("ICBM launched at dawn")

        assert ends_well(service)


@pytest.mark.slow
def test_it_ends_while_a_document_is_read_for_ever(desk: Desk, server: LoopbackServer) -> None:
    attributes = " ".join(f'a{number}=""' for number in range(60_000))
    desk.feeds(endless=server.serve("/f", f"<rss {attributes}><channel/></rss>".encode()))

    with desk.service() as service:
        service.wait_until(lambda: server.requests, "it polls")

        assert ends_well(service)


# --- the analyst's files ------------------------------------------------------------------------------------


def test_a_changed_file_is_taken_without_a_restart(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(wire=server.serve("/f", news("Torpedo found", "ICBM launched at dawn")))

    with desk.service() as service:
        service.wait_for_log("ICBM launched at dawn")
        desk.write("indicators.yaml", ONE_TERM.replace("ICBM", "torpedo"))
        service.wait_for_output("config_taken")
        server.serve("/f", news("Second torpedo found", "Torpedo found", "ICBM launched at dawn"))
        service.wait_for_log("Second torpedo found")


def test_sighup_reads_the_files_again(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(every="1h", wire=server.serve("/f", news("ICBM launched at dawn")))

    with desk.service() as service:
        service.wait_for_log("ICBM launched at dawn")
        service.signal(signal.SIGHUP)
        service.wait_for_output("config_taken")


@pytest.mark.parametrize("wrong", ["indicators.yaml", "feeds.yaml"])
def test_a_wrong_file_never_replaces_a_working_one(desk: Desk, server: LoopbackServer, wrong: str) -> None:
    desk.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    good = (desk.folder / wrong).read_bytes()

    with desk.service() as service:
        service.wait_for_log("ICBM launched at dawn")

        desk.write(wrong, good.replace(b"id:", b"idd:"))
        service.wait_until(lambda: len(desk.log()) == 2, "the rejection is in the alert log")
        server.serve("/f", news("Second ICBM seen on a parade"))
        service.wait_for_log("Second ICBM seen on a parade")
        ill = desk.call("status", "--data", desk.data)
        service.signal(signal.SIGHUP)
        service.wait_until(
            lambda: service.output.count("config_rejected") > 1, "it reads the same wrong file again"
        )

        desk.write(wrong, good)
        service.wait_for_output("config_taken")
        well = desk.call("status", "--data", desk.data)

    rejected = [line for line in desk.log() if line["reason"] == "config_rejected"]
    assert [line["kind"] for line in rejected] == ["collection"]
    assert f"{wrong}:3:" in rejected[0]["title"]
    assert ill.code == 1
    assert f"{wrong}:3:" in ill.out
    assert (well.code, well.out.splitlines()[0]) == (0, "healthy")


def test_a_rejection_is_forgotten_when_the_service_starts_with_good_files(
    desk: Desk, server: LoopbackServer
) -> None:
    desk.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    with desk.service() as service:
        service.wait_for_log("ICBM launched at dawn")
        desk.write("indicators.yaml", "indicators: []")
        service.wait_for_output("config_rejected")
    desk.write("indicators.yaml", ONE_TERM)

    with desk.service() as service:
        service.wait_until(
            lambda: desk.call("status", "--data", desk.data).code == 0, "the service is healthy again"
        )


def test_it_does_not_start_with_a_wrong_file(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(wire=server.url("/f"))
    desk.write("indicators.yaml", "indicators: [{id: a}]")

    ran = desk.run("run")

    assert ran.code == 2
    assert "indicators.yaml:1:" in ran.err
    assert not desk.data.exists()


@pytest.mark.parametrize("gone", ["indicators.yaml", "feeds.yaml"])
def test_a_file_that_is_gone_is_told_like_a_wrong_one_and_missed_at_the_next_start(
    desk: Desk, server: LoopbackServer, gone: str
) -> None:
    desk.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))

    with desk.service() as service:
        service.wait_for_log("ICBM launched at dawn")
        (desk.folder / gone).rename(desk.folder / "renamed.yaml")
        service.wait_until(lambda: len(desk.log()) == 2, "the rejection is in the alert log")
        server.serve("/f", news("Second ICBM seen on a parade"))
        service.wait_for_log("Second ICBM seen on a parade")
        status = desk.call("status", "--data", desk.data)
        service.stop()
    started = desk.run("run")

    (rejected,) = (line for line in desk.log() if line["reason"] == "config_rejected")
    assert f"{desk.folder / gone}:1:1: there is no such file" in rejected["title"]
    assert "until it is mended the last good one is in use" in status.out
    assert started.code == 2
    assert f"--{gone.removesuffix('.yaml')} shipped" in started.err


# --- one at a time, and light -------------------------------------------------------------------------------


def test_a_second_watcher_is_refused_in_words(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))

    with desk.service() as service:
        service.wait_for_log("ICBM launched at dawn")
        second = [
            desk.run("run"),
            desk.call("poll", "--data", desk.data),
            desk.call("db", "migrate", "--data", desk.data),
        ]

        assert {ran.code for ran in second} == {3}
        assert all(
            f"another watcher (process {service.process.pid}) is already at work here" in ran.err
            for ran in second
        )


def test_status_sees_that_the_service_runs(desk: Desk, server: LoopbackServer) -> None:
    desk.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))

    with desk.service() as service:
        service.wait_for_log("ICBM launched at dawn")
        service.wait_until(
            lambda: desk.call("status", "--data", desk.data).code == 0, "the first tick is done"
        )
        running = desk.call("status", "--json", "--data", desk.data).json
        service.stop()
    stopped = desk.call("status", "--json", "--data", desk.data).json

    assert (running["running"], running["process"]) == (True, service.process.pid)
    assert (stopped["running"], stopped["process"]) == (False, None)


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells how much memory is resident"
)
def test_an_idle_service_is_light(desk: Desk, server: LoopbackServer) -> None:
    (desk.folder / "indicators.yaml").unlink()  # the shipped list is the longest
    desk.feeds(every="1h", wire=server.serve("/f", news("North Korea fires suspected ICBM toward East Sea")))

    with desk.service() as service:
        service.wait_for_log("North Korea fires suspected ICBM toward East Sea")
        status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")

    assert int(status.partition("VmRSS:")[2].split()[0]) >> 10 < LIGHT


def test_help_loads_nothing_heavy() -> None:
    script = "import sys, watcher.cli; sys.stdout.write(' '.join(sys.modules))"

    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()

    heavy = {
        "pydantic",
        "yaml",
        "pycurl",
        "sqlite3",
        "sqlite_utils",
        "apscheduler",
        "feedparser",
        "apprise",
        "rich",
        "re2",
        "asyncio",
        "ssl",
    }
    assert heavy & set(loaded) == set()
