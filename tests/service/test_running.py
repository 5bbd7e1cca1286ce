"""`watcher run` as people run it: a process, a folder, a feed server."""

import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from tests.faults.scale import SOON
from tests.loopback import LoopbackServer
from tests.workspace import ONE_TERM, Ran, Service, Workspace, news
from watcher import bootstrap
from watcher.model.settings import Settings
from watcher.service.__main__ import main as service_main

LIGHT, AT_REST = 64, 48
"""Megabytes that an idle service stays under: after news, and before the first since it was started."""


def test_news_becomes_an_alert_in_the_log_and_what_is_there_at_the_first_poll_is_one_alert(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(
        seed=True, wire=server.serve("/f", news("ICBM launched at dawn", "Parade shows a new ICBM"))
    )
    left_by_a_kill = [workspace.data / name for name in ("canary-a1b2c3d4", "pruning-a1b2c3d4")]
    for folder in left_by_a_kill:
        folder.mkdir(parents=True)
    with closing(bootstrap.open_store(Settings(data=str(workspace.data)))) as store:
        store.note("config_rejected", "indicators.yaml:1:1: wrong when the service ran before")

    with workspace.service() as service:
        service.wait_for_log("ICBM launched at dawn")
        server.serve("/f", news("Second test of an ICBM engine"))
        service.wait_for_log("Second test of an ICBM engine")
        service.wait_until(lambda: status_of(workspace).code == 0, "the service is healthy")
        running = status_of(workspace, "--json").json
        service.stop()
    stopped = status_of(workspace, "--json").json

    assert [(line["kind"], line["reason"], len(line["items"])) for line in workspace.log()] == [
        ("collection", "seeding", 2),
        ("incident", "new", 1),
    ]
    assert (running["running"], running["process"]) == (True, service.process.pid)
    assert (stopped["running"], stopped["process"]) == (False, None)
    assert [folder.exists() for folder in left_by_a_kill] == [False, False]


def test_feeds_that_hang_delay_no_other_and_no_end_and_those_that_never_work_are_one_alert(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(
        slow=server.hold("/slow", b"HTTP/1.1 200 OK\r\n"),
        gone=server.url("/gone"),
        broken=server.serve("/broken", status=500),
        wire=server.serve("/f", news("ICBM launched at dawn")),
    )

    def failing() -> list[dict[str, Any]]:
        return [line for line in workspace.log() if line["reason"] == "feed_failing"]

    with workspace.service() as service:
        service.wait_until(server.held.is_set, "the slow feed hangs")
        service.wait_for_log("ICBM launched at dawn")
        assert not server.let_go.is_set()

        server.let_go.set()  # a round tells of its failures when it ends
        service.wait_until(failing, "the failing feeds are in the alert log")
        (line,) = failing()

        server.let_go.clear()
        server.held.clear()
        server.hold("/f")
        service.wait_until(server.held.is_set, "a feed that worked hangs")
        assert ends_well(service)

    assert line["kind"] == "collection"
    assert {"gone", "broken", "slow"} >= set(line["feeds"])
    assert "404 Not Found" in line["why"] or "500" in line["why"]


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="only Linux tells how much memory is resident"
)
def test_an_idle_service_is_light_reads_its_files_on_sighup_and_ends_at_once(
    workspace: Workspace, server: LoopbackServer
) -> None:
    (workspace.folder / "indicators.yaml").unlink()  # the shipped list is the longest
    workspace.feeds(
        every="1h", wire=server.serve("/f", news("North Korea fires suspected ICBM toward East Sea"))
    )

    with workspace.service() as service:
        service.wait_for_log("North Korea fires suspected ICBM toward East Sea")
        service.wait_until(lambda: megabytes(service) < LIGHT, "it is light once it is idle")
        service.signal(signal.SIGHUP)
        service.wait_for_output("config_taken")

        assert ends_well(service)

    before = last_tick(workspace)
    with workspace.service() as again:
        again.wait_until(lambda: last_tick(workspace) != before, "it has seen that nothing is due")
        at_rest = megabytes(again)

    assert at_rest < AT_REST


def megabytes(service: Service) -> int:
    status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) >> 10


def last_tick(workspace: Workspace) -> str:
    return str(status_of(workspace, "--json").json["last_tick"])


def status_of(workspace: Workspace, *words: str) -> Ran:
    return workspace.call("status", *words, "--data", workspace.data)


# --- stopping -----------------------------------------------------------------------------------------------


def ends_well(service: Service) -> bool:
    code, seconds = service.stop()
    assert code == 0, service.output
    return seconds < SOON


def test_after_an_orderly_stop_nobody_is_asked_to_start_it_and_after_a_kill_somebody_is(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    with workspace.service() as service:
        service.wait_for_log("ICBM launched at dawn")
        assert ends_well(service)
    stopped = status_of(workspace)
    with workspace.service() as service:
        service.wait_for_output("started")

    assert (stopped.code, "has ended" in stopped.out) == (0, False)
    assert "has ended" in status_of(workspace).out


def test_it_ends_while_it_starts(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))

    with workspace.service() as service:
        service.wait_until((workspace.data / "watcher.lock").exists, "it has taken its lock")
        service.signal(signal.SIGHUP)

        assert ends_well(service)


def test_it_ends_while_it_polls(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news(*(f"ICBM number {number}" for number in range(1000)))))

    with workspace.service() as service:
        service.wait_until(lambda: server.requests, "it polls")

        assert ends_well(service)


@pytest.mark.slow
def test_it_ends_while_a_document_is_read_for_ever(workspace: Workspace, server: LoopbackServer) -> None:
    attributes = " ".join(f'a{number}=""' for number in range(60_000))
    workspace.feeds(endless=server.serve("/f", f"<rss {attributes}><channel/></rss>".encode()))

    with workspace.service() as service:
        service.wait_until(lambda: server.requests, "it polls")

        assert ends_well(service)


# --- the analyst's files, and one service at a time ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Running:
    """A service that several tests share: each leaves its files as it found them."""

    workspace: Workspace
    server: LoopbackServer
    service: Service

    def publish(self, title: str) -> None:
        """Publish news, and wait until it is alerted."""
        self.server.serve("/f", news(title))
        self.service.wait_for_log(title)

    def rejections(self) -> list[dict[str, Any]]:
        return [line for line in self.workspace.log() if line["reason"] == "config_rejected"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    workspace = Workspace(tmp_path_factory.mktemp("running"))
    with LoopbackServer() as server:
        workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
        with workspace.service() as service:
            service.wait_for_log("ICBM launched at dawn")
            yield Running(workspace, server, service)


def test_a_changed_file_is_taken_without_a_restart(running: Running) -> None:
    taken = running.service.output.count("config_taken")
    running.workspace.write("indicators.yaml", ONE_TERM.replace("ICBM", "[ICBM, torpedo]"))
    running.service.wait_until(
        lambda: running.service.output.count("config_taken") > taken, "the changed file is taken"
    )

    running.publish("Torpedo found")

    running.workspace.write("indicators.yaml", ONE_TERM)


def test_a_changed_part_is_taken_without_a_restart(running: Running) -> None:
    service, taken = running.service, running.service.output.count("config_taken")
    running.workspace.write("mine.yaml", "indicators: [{id: mine, category: provocation, match: submarine}]")
    running.workspace.write("indicators.yaml", f"include: mine.yaml\n{ONE_TERM}")
    service.wait_until(
        lambda: service.output.count("config_taken") == taken + 1, "the list in parts is taken"
    )
    running.workspace.write("mine.yaml", "indicators: [{id: mine, category: provocation, match: hovercraft}]")
    service.wait_until(lambda: service.output.count("config_taken") == taken + 2, "the changed part is taken")

    running.publish("Hovercraft found")

    running.workspace.write("indicators.yaml", ONE_TERM)
    service.wait_until(lambda: service.output.count("config_taken") == taken + 3, "the old list is taken")


@pytest.mark.parametrize("wrong", ["indicators.yaml", "feeds.yaml"])
def test_a_wrong_file_never_replaces_a_working_one(running: Running, wrong: str) -> None:
    workspace, service = running.workspace, running.service
    good, before = (workspace.folder / wrong).read_bytes(), len(running.rejections())
    read, taken = service.output.count("config_rejected"), service.output.count("config_taken")

    workspace.write(wrong, good.replace(b"id:", b"idd:"))
    service.wait_until(lambda: len(running.rejections()) > before, "the rejection is in the alert log")
    running.publish(f"ICBM seen in spite of {wrong}")
    ill = status_of(workspace)
    service.signal(signal.SIGHUP)
    service.wait_until(
        lambda: service.output.count("config_rejected") > read + 1, "it reads the same wrong file again"
    )
    workspace.write(wrong, good)
    service.wait_until(lambda: service.output.count("config_taken") > taken, "the good file is taken")
    well = status_of(workspace)

    (rejected,) = running.rejections()[before:]
    assert rejected["kind"] == "collection"
    assert f"{wrong}:3:" in rejected["title"]
    assert ill.code == 1
    assert f"{wrong}:3:" in ill.out
    assert (well.code, well.out.splitlines()[0]) == (0, "healthy")


@pytest.mark.parametrize("gone", ["indicators.yaml", "feeds.yaml"])
def test_a_file_that_is_gone_is_rejected_like_a_wrong_one_and_missed_at_the_next_start(
    running: Running, gone: str
) -> None:
    workspace, service, before = running.workspace, running.service, len(running.rejections())

    (workspace.folder / gone).rename(workspace.folder / "renamed.yaml")
    service.wait_until(lambda: len(running.rejections()) > before, "the rejection is in the alert log")
    running.publish(f"ICBM seen without {gone}")
    status, started = status_of(workspace), refused_start(workspace)
    taken = service.output.count("config_taken")
    (workspace.folder / "renamed.yaml").rename(workspace.folder / gone)
    service.wait_until(lambda: service.output.count("config_taken") > taken, "the file is taken again")

    (rejected,) = running.rejections()[before:]
    assert f"{workspace.folder / gone}:1:1: there is no such file" in rejected["title"]
    assert "the last good version is in use until you correct it" in status.out
    assert started.code == 2
    assert f"--{gone.removesuffix('.yaml')} shipped" in started.err


def test_a_second_watcher_is_refused_in_words(running: Running) -> None:
    workspace = running.workspace
    second = [
        refused_start(workspace),
        workspace.call("poll", "--data", workspace.data),
        workspace.call("db", "migrate", "--data", workspace.data),
    ]

    assert {ran.code for ran in second} == {3}
    words = f"another watcher (process {running.service.process.pid}) already runs here"
    assert all(words in ran.err for ran in second)


def test_it_does_not_start_with_a_wrong_file(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.url("/f"))
    workspace.write("indicators.yaml", "indicators: [{id: a}]")

    ran = workspace.run("run")

    assert ran.code == 2
    assert "indicators.yaml:1:" in ran.err
    assert not workspace.data.exists()


def refused_start(workspace: Workspace) -> Ran:
    """Start the service in this process, where it is refused before it does anything."""
    numbers = (signal.SIGTERM, signal.SIGHUP)
    handlers = [signal.getsignal(number) for number in numbers]
    try:
        return workspace.call("--data", workspace.data, program=serve_from_words)
    finally:
        for number, handler in zip(numbers, handlers, strict=True):
            signal.signal(number, handler)


def serve_from_words(words: list[str]) -> None:
    with patch.object(sys, "argv", ["watcher run", *words]):
        service_main()


def test_a_reload_warns_of_a_channel_by_a_name_that_is_gone(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("Weather fine")))
    settings = workspace.folder / "watcher.toml"
    pager = '[channels.pager]\ntype = "terminal"\nindicators = ["needle"]\n'
    workspace.write("watcher.toml", settings.read_text() + pager)
    with workspace.service() as service:
        service.wait_for_output("polled")
        assert "name_of_nothing" not in service.output

        listed = (workspace.folder / "indicators.yaml").read_text()
        workspace.write("indicators.yaml", listed.replace("id: needle", "id: pin"))
        service.signal(signal.SIGHUP)
        service.wait_for_output("name_of_nothing")
        assert "channel pager takes alerts of needle" in status_of(workspace).out

        workspace.write("indicators.yaml", listed.replace("id: needle", "id: pin, was: needle"))
        service.wait_until(
            lambda: "channel pager" not in status_of(workspace).out, "the channel's name is known again"
        )
