"""What a command prints arrives, or one sentence says that it does not."""

import json
from pathlib import Path

import pytest

from tests.loopback import LoopbackServer
from tests.workspace import Workspace, news

FULL = Path("/dev/full")
TITLE = "ICBM 발사, Hwasong-18 😀"


@pytest.fixture
def polled(workspace: Workspace, server: LoopbackServer) -> Workspace:
    """Return a workspace with one alert, whose headline no old terminal can show."""
    workspace.feeds(wire=server.serve("/f", news(TITLE)))
    assert workspace.call("poll", "--data", workspace.data).code == 0
    return workspace


@pytest.mark.skipif(not FULL.exists(), reason="no full device on this machine")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [("alerts", "list"), ("--help",), ("alerts", "export")])
def test_a_full_disk_behind_stdout_is_one_sentence_and_exit_3(
    polled: Workspace, words: tuple[str, ...], unbuffered: str
) -> None:
    ran = polled.run(*words, stdout=FULL, PYTHONUNBUFFERED=unbuffered)

    assert (ran.code, ran.err) == (3, "the output could not be written: No space left on device\n")


@pytest.mark.skipif(not FULL.exists(), reason="no full device on this machine")
def test_a_full_disk_behind_stdout_and_stderr_is_exit_3(polled: Workspace) -> None:
    assert polled.run("alerts", "list", stdout=FULL, stderr=FULL).code == 3


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_that_cannot_show_korean_shows_the_rest(polled: Workspace, encoding: str) -> None:
    ran = polled.run("alerts", "list", PYTHONIOENCODING=encoding)

    assert ran.code == 0
    assert "ICBM ??, Hwasong-18 ?" in ran.out


def test_json_for_such_a_terminal_loses_nothing(polled: Workspace) -> None:
    ran = polled.run("alerts", "list", "--json", PYTHONIOENCODING="ascii")

    assert ran.out.isascii()
    assert [alert["title"] for alert in json.loads(ran.out)] == [TITLE]


def test_without_a_stdout_a_command_does_its_work(polled: Workspace) -> None:
    closed = polled.command("mute", "needle", "1h", "--why", "a drill")
    ran = polled.run(program=("sh", "-c", 'exec "$@" >&-', "sh", *closed))

    assert (ran.code, ran.err) == (0, "")
    assert len(polled.call("mute", "list", "--json", "--data", polled.data).json) == 1
