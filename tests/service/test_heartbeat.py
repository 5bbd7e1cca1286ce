"""The heart beats while all is well, and what it is told stays a secret."""

import logging
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_network

import pytest

from tests.loopback import LoopbackServer
from tests.workspace import wait_until
from watcher.fetch.curl import CurlFetcher
from watcher.fetch.limits import Limits
from watcher.model.settings import ServiceSettings
from watcher.service.heartbeat import Heartbeat


@dataclass
class Heart:
    """A heart, the clock it beats by, and whether all is well."""

    url: str
    now: float = 0.0
    well: bool = True

    def __post_init__(self) -> None:
        fetcher = CurlFetcher(Limits(allow_private=(ip_network("127.0.0.1/32"),), timeout=5))
        settings = ServiceSettings(heartbeat=self.url, heartbeat_every=timedelta(minutes=5))
        self.beats = Heartbeat(settings, fetcher, lambda: self.well, lambda: self.now)

    def look(self, after: float) -> None:
        self.now += after
        assert list(self.beats.look()) == []


@pytest.fixture
def heart(server: LoopbackServer) -> Heart:
    return Heart(server.serve("/ping/7b1c", b"OK"))


def test_the_heart_beats_every_so_often_while_all_is_well(heart: Heart, server: LoopbackServer) -> None:
    def has_beaten(times: int) -> bool:
        heart.look(after=0)  # a beat that has not ended yet puts off the next
        return len(server.requests) == times

    for beats in (1, 2, 3):
        heart.look(after=300)
        wait_until(lambda beats=beats: has_beaten(beats), "it beats")  # type: ignore[misc]
        heart.look(after=1)
        heart.look(after=1)

    assert [(seen.method, seen.path) for seen in server.requests] == [("GET", "/ping/7b1c")] * 3


def test_the_heart_stands_still_while_all_is_not_well_and_beats_at_once_when_it_is(
    heart: Heart, server: LoopbackServer
) -> None:
    heart.well = False
    for _ in range(10):
        heart.look(after=300)
    assert server.requests == []

    heart.well = True
    heart.look(after=1)

    wait_until(lambda: len(server.requests) == 1, "it beats")


@pytest.mark.parametrize("status", [200, 204])
def test_an_empty_answer_is_an_answer(
    server: LoopbackServer, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    Heart(server.serve("/ping/7b1c", b"", status=status)).beats.beat()

    assert caplog.messages == []


@pytest.mark.parametrize("path", ["/gone", "/moved", "/broken"])
def test_a_beat_that_fails_is_logged_without_its_address(
    server: LoopbackServer, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    server.redirect("/moved", "ftp://elsewhere.example/7b1c")
    server.raw("/broken", b"no http")

    Heart(server.url(f"{path}?secret=7b1c")).beats.beat()

    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.WARNING, "heartbeat_failed")
    assert "7b1c" not in str(vars(record))


def test_a_beat_that_hangs_holds_up_nothing_and_no_second_begins(server: LoopbackServer) -> None:
    heart = Heart(server.hold("/ping"))
    heart.look(after=300)
    wait_until(server.held.is_set, "it hangs")

    for _ in range(5):
        heart.look(after=300)

    assert len(server.requests) == 1
