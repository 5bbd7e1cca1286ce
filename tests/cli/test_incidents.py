"""Reviewers merge and split incidents from the command line."""

import pytest

from tests.export.records import database
from tests.loopback import LoopbackServer
from tests.workspace import ONE_TERM, Workspace, news
from watcher.model.listing import IncidentQuery
from watcher.service.lock import only_instance

BY = ("--by", "kim")


@pytest.fixture
def polled(workspace: Workspace, server: LoopbackServer) -> Workspace:
    """Return a workspace in which one poll raised two alerts."""
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn", "A parade of many an ICBM")))
    assert workspace.call("poll", "--data", workspace.data).code == 0
    return workspace


def test_two_incidents_are_merged_at_once_where_no_service_runs_and_split_again(polled: Workspace) -> None:
    one, other = (line["incident"] for line in polled.log())

    ran = polled.call("incidents", "merge", one, other, "--why", "the same", *BY, "--data", polled.data)

    assert ran.code == 0
    said, hint = ran.out.splitlines()
    kept = said.partition(":")[0]
    gone = other if kept == one else one
    assert f"{gone} (" in said
    assert "is part of it (kim: the same)" in said
    assert hint == f"to take it back: watcher incidents split {kept} {gone} --data {polled.data}"
    for name in (one, other):
        explained = polled.call("explain", name, "--data", polled.data)
        assert f"merged, because {gone} (" in explained.out
    back = polled.call("incidents", "split", kept, gone, *BY, "--data", polled.data)
    assert (back.code, f"1 report split off as {gone}" in back.out) == (0, True)
    assert len(polled.log()) == 2


def test_an_alert_that_a_split_makes_waits_for_every_channel_also_one_that_cannot_be_opened_now(
    workspace: Workspace, server: LoopbackServer
) -> None:
    joining = "match: ICBM, joins: {family: shots, by: happening}"
    workspace.write("indicators.yaml", ONE_TERM.replace("match: ICBM", joining))
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    workspace.call("poll", "--data", workspace.data)
    workspace.feeds(wire=server.serve("/g", news("ICBM launched at dawn", "ICBM lands near Hokkaido")))
    workspace.call("poll", "--all", "--data", workspace.data)
    (line,) = workspace.log()
    (item,) = workspace.call("search", "hokkaido", "--json", "--data", workspace.data).json
    desk = '[channels.desk]\ntype = "webhook"\nurl = "http://127.0.0.1:9/hook"\nsecret_file = "gone"\n'
    config = workspace.write("desk.toml", desk)

    ran = workspace.call(
        "incidents", "split", line["incident"], item["id"], "--data", workspace.data, "--config", config
    )

    assert ran.code == 0
    (alert, _) = workspace.call("alerts", "list", "--json", "--data", workspace.data).json
    shown = workspace.call("alerts", "show", alert["id"], "--json", "--data", workspace.data).json
    assert shown["channels"].keys() == {"log", "desk"}


def test_what_makes_no_sense_is_refused(polled: Workspace) -> None:
    one = polled.log()[0]["incident"]

    for words, why in (
        (("merge", one, one), f"they are not merged: {one} is one incident already"),
        (("merge", one, "none"), "no alert or incident has the id 'none'"),
        (("split", one, "none"), f"nothing is split: {one} has no report none"),
    ):
        ran = polled.call("incidents", *words, "--data", polled.data)
        assert (ran.code, why in ran.err) == (2, True)
    assert polled.call("actions", "--json", "--data", polled.data).json == []


def test_beside_a_running_service_it_is_written_down(polled: Workspace) -> None:
    one, other = (line["incident"] for line in polled.log())

    with only_instance(polled.data):
        ran = polled.call("incidents", "merge", one, other, *BY, "--data", polled.data)

    assert (ran.code, ran.out.startswith("written down; the service does it within 15 seconds")) == (0, True)


def test_what_waited_is_done_first_and_the_answer_is_about_the_incident_that_stays(
    workspace: Workspace, server: LoopbackServer
) -> None:
    titles = ("ICBM launched at dawn", "A parade of many an ICBM", "Engine of an ICBM burns")
    workspace.feeds(wire=server.serve("/f", news(*titles)))
    workspace.call("poll", "--data", workspace.data)
    with database(workspace.data) as store:
        one, two, three = sorted(
            (each.incident for each in store.incidents(IncidentQuery(alerted=None))),
            key=lambda each: (each.opened, each.id),
        )
    with only_instance(workspace.data):
        workspace.call("incidents", "merge", one.id, two.id, *BY, "--data", workspace.data)

    ran = workspace.call("incidents", "merge", two.id, three.id, *BY, "--data", workspace.data)

    assert ran.code == 0
    assert ran.out.startswith(f"{one.id}: {three.id} (")
