"""Verdicts propose terms from the command line, and the list stays as it is."""

from tests.loopback import LoopbackServer
from tests.workspace import Workspace, news


def test_terms_are_proposed_with_their_counts(workspace: Workspace, server: LoopbackServer) -> None:
    useful = [f"ICBM number {number} fired into the sea" for number in range(10)]
    noise = [f"ICBM model sold at toy fair stand {number}" for number in range(5)]
    workspace.feeds(wire=server.serve("/f", news(*useful, *noise)))
    workspace.call("poll", "--data", workspace.data)
    for line in workspace.log():
        verdict = "noise" if "toy" in line["title"] else "useful"
        workspace.call("alerts", "verdict", line["id"], verdict, "--by", "kim", "--data", workspace.data)
    listed = (workspace.folder / "indicators.yaml").read_text()

    ran = workspace.call("suggest", "needle", "--data", workspace.data)
    found = workspace.call("suggest", "needle", "--json", "--data", workspace.data).json

    assert ran.code == 0
    assert "needle: 10 judged useful, 5 noise, 0 missed, of 15 stored items" in ran.out
    assert "0 of 3 verdicts `missed`" in ran.out
    (game,) = (each for each in found["exclude"] if each["term"] == "toy fair stand")
    assert (game["useful"], game["noise"], game["stored"]) == (0, 5, 5)
    assert (workspace.folder / "indicators.yaml").read_text() == listed


def test_who_asks_for_no_indicator_is_told_which_it_may_be(workspace: Workspace) -> None:
    ran = workspace.call("suggest", "nedle", "--data", workspace.data)

    assert ran.code == 2
    assert "no indicator is called 'nedle'" in ran.err
    assert "needle" in ran.err


def test_without_verdicts_nothing_is_proposed(workspace: Workspace, server: LoopbackServer) -> None:
    workspace.feeds(wire=server.serve("/f", news("ICBM launched")))
    workspace.call("poll", "--data", workspace.data)

    ran = workspace.call("suggest", "needle", "--data", workspace.data)

    assert (ran.code, "nothing is proposed" in ran.out) == (0, True)
