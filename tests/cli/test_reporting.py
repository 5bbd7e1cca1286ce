"""What changed since somebody last looked is told, and remembered; and how a stretch of time went."""

import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.loopback import LoopbackServer
from tests.workspace import ONE_TERM, Workspace, news
from watcher.clock import utc_now


def test_a_handover_tells_what_changed_since_the_persons_last_one(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.call("poll", "--data", workspace.data)
    (line,) = workspace.log()
    workspace.call("alerts", "ack", line["id"], "--by", "lee", "--data", workspace.data)

    first = workspace.call("handover", "--by", "kim", "--data", workspace.data)
    workspace.write("indicators.yaml", ONE_TERM.replace("match: ICBM", "match: [ICBM, SLBM]"))
    second = workspace.call("handover", "--by", "kim", "--data", workspace.data)
    again = workspace.call("handover", "--by", "kim", "--since", "1h", "--data", workspace.data)
    other = workspace.call("handover", "--by", "lee", "--data", workspace.data)

    assert (first.code, second.code) == (0, 0)
    assert "there was no handover before" in first.out
    assert "ICBM launched at dawn (needle: occurred, unconfirmed, 1 report; acknowledged by lee)" in first.out
    assert "lee acknowledge, ICBM launched at dawn" in first.out
    assert "what changes in them is known from your next handover on" in first.out
    assert "the last handover" in second.out
    assert "ICBM launched at dawn" not in second.out
    assert "indicators changed: needle" in second.out
    assert "as asked" in again.out
    assert "ICBM launched at dawn" in again.out
    assert "there was no handover before" in other.out
    actions = workspace.call("actions", "--json", "--data", workspace.data).json
    assert [each["by"] for each in actions if each["kind"] == "handover"] == ["lee", "kim", "kim", "kim"]


def test_the_next_handover_begins_where_this_one_ends(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.call("poll", "--data", workspace.data)

    with patch("watcher.cli.alerts.utc_now", lambda: utc_now() + timedelta(hours=1)):  # it took so long
        workspace.call("handover", "--by", "kim", "--data", workspace.data)

    (action,) = workspace.call("actions", "--json", "--data", workspace.data).json
    assert datetime.fromisoformat(action["at"]) < utc_now()


def test_a_handover_that_nobody_could_read_is_told_again(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.call("poll", "--data", workspace.data)
    command = workspace.command("handover", "--by", "kim")
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            command, cwd=workspace.folder, env=workspace.environment(), stdout=full, check=False
        )

    assert ran.returncode != 0
    assert workspace.call("actions", "--json", "--data", workspace.data).json == []


def test_a_report_that_cannot_be_written_says_so(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.call("poll", "--data", workspace.data)
    out = workspace.folder / "no" / "r.md"

    ran = workspace.call("report", "--out", out, "--data", workspace.data)

    assert ran.code == 2
    assert f"--out {out}: No such file or directory" in ran.err


def test_a_report_is_written_as_a_page_and_as_markdown(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn", "A parade of many an ICBM")))
    workspace.call("poll", "--data", workspace.data)
    page, text = workspace.folder / "r.html", workspace.folder / "r.md"

    for file in (page, text):
        ran = workspace.call("report", "--since", "7d", "--out", file, "--data", workspace.data)
        assert (ran.code, ran.out.startswith(f"{file}: Report of ")) == (0, True)

    assert "<svg" in page.read_text(encoding="utf-8")
    assert "2 alerts about 2 incidents." in text.read_text(encoding="utf-8")


@pytest.mark.parametrize(("out", "since"), [("r.pdf", "7d"), ("r.html", "soon")])
def test_a_report_of_another_kind_or_of_no_time_is_refused(
    workspace: Workspace, server: LoopbackServer, out: str, since: str
) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.call("poll", "--data", workspace.data)

    ran = workspace.call("report", "--since", since, "--out", out, "--data", workspace.data)

    assert ran.code == 2
