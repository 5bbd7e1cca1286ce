"""A data folder that had its own lists: the shipped ones never replace them unless somebody asks."""

from pathlib import Path

import pytest

from tests.loopback import LoopbackServer
from tests.workspace import ONE_TERM, Workspace, news
from watcher import bootstrap

LISTS = ["indicators", "feeds"]


@pytest.fixture(autouse=True)
def shipped(tmp_path: Path, server: LoopbackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ship lists that look for the weather, in a feed on this machine."""
    folder = tmp_path / "shipped-lists"
    folder.mkdir()
    url = server.serve("/shipped", news("Weather fine"))
    (folder / "feeds.yaml").write_text(
        f"version: 1\nfeeds: [{{id: shipped-wire, url: '{url}'}}]\n", encoding="utf-8"
    )
    (folder / "indicators.yaml").write_text(ONE_TERM.replace("ICBM", "weather"), encoding="utf-8")
    monkeypatch.setattr(bootstrap, "shipped", lambda name: folder / name)


@pytest.fixture
def analyst(workspace: Workspace, server: LoopbackServer) -> Workspace:
    """Return a workspace whose data folder has used lists of its own."""
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))
    assert polled(workspace) == ["wire"]
    return workspace


def polled(workspace: Workspace, *words: str | Path) -> list[str]:
    ran = workspace.call("poll", "--all", "--json", "--data", workspace.data, *words)
    assert ran.code == 0, ran.err
    return [feed["id"] for feed in ran.json["feeds"]]


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_that_is_gone_is_missed_and_not_replaced(analyst: Workspace, kind: str) -> None:
    own = analyst.folder / f"{kind}.yaml"
    own.rename(analyst.folder / "renamed.yaml")

    ran = analyst.call("poll", "--data", analyst.data)
    status = analyst.call("status", "--data", analyst.data)

    assert (ran.code, status.code) == (2, 1)
    assert ran.err.startswith(f"{own}:1:1: there is no such file, and the data folder {analyst.data} uses it")
    assert (
        f"put it back, name another with --{kind} FILE, or use the list that ships with the watcher "
        f"with --{kind} shipped" in ran.err
    )
    assert (
        f"! the YAML is wrong; nothing starts until you correct it: {own}:1:1: there is no such file"
        in status.out
    )

    (analyst.folder / "renamed.yaml").rename(own)

    assert polled(analyst) == ["wire"]
    assert analyst.call("status", "--data", analyst.data).code == 0


def test_a_part_that_is_gone_is_missed_like_a_list(analyst: Workspace) -> None:
    analyst.write("mine.yaml", "indicators: [{id: mine, category: trigger, match: torpedo}]")
    analyst.write("indicators.yaml", "include: [mine.yaml]")
    assert polled(analyst) == ["wire"]
    (analyst.folder / "mine.yaml").unlink()

    ran = analyst.call("poll", "--data", analyst.data)

    assert ran.code == 2
    assert ran.err.startswith("indicators.yaml:1:11: `mine.yaml`: there is no such file")


@pytest.mark.parametrize("kind", LISTS)
def test_the_shipped_list_is_taken_when_it_is_asked_for_and_from_then_on(
    analyst: Workspace, kind: str
) -> None:
    (analyst.folder / f"{kind}.yaml").unlink()

    feeds = ["shipped-wire"] if kind == "feeds" else ["wire"]
    assert polled(analyst, f"--{kind}", "shipped") == feeds
    assert polled(analyst) == feeds


def test_the_settings_can_ask_for_the_shipped_list(analyst: Workspace) -> None:
    analyst.write("watcher.toml", '[data]\nfeeds = "shipped"\n[fetch]\nallow_private = ["127.0.0.1/32"]\n')

    assert polled(analyst, "--config", "watcher.toml") == ["shipped-wire"]


def test_a_folder_that_never_had_a_list_uses_the_shipped_one(workspace: Workspace) -> None:
    (workspace.folder / "indicators.yaml").unlink()

    assert polled(workspace) == ["shipped-wire"]
    assert workspace.call("status", "--data", workspace.data).code == 0


def test_a_list_that_appears_in_the_working_folder_is_taken_and_remembered(
    workspace: Workspace, server: LoopbackServer
) -> None:
    assert polled(workspace) == ["shipped-wire"]
    workspace.feeds(wire=server.serve("/f", news("ICBM launched at dawn")))

    assert polled(workspace) == ["wire"]
    (workspace.folder / "feeds.yaml").unlink()
    assert workspace.call("poll", "--data", workspace.data).code == 2


def test_a_watcher_started_elsewhere_goes_on_with_the_lists_of_its_data_folder(
    analyst: Workspace, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = Workspace(elsewhere)
    (elsewhere / "indicators.yaml").unlink()

    ran = other.call("poll", "--all", "--json", "--data", analyst.data)

    assert [feed["id"] for feed in ran.json["feeds"]] == ["wire"]


def test_a_copy_of_the_shipped_list_does_not_hide_the_data_folders_own(
    analyst: Workspace, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    other = Workspace(clone)
    for kind in LISTS:
        (clone / f"{kind}.yaml").write_bytes(bootstrap.shipped(f"{kind}.yaml").read_bytes())

    status = other.call("status", "--json", "--data", analyst.data)

    assert [feed["id"] for feed in status.json["feeds"]] == ["wire"]


def test_a_list_named_once_counts_until_another_is(analyst: Workspace) -> None:
    (analyst.folder / "feeds.yaml").rename(analyst.folder / "mine.yaml")

    assert polled(analyst, "--feeds", "mine.yaml") == ["wire"]
    assert polled(analyst) == ["wire"]


def test_what_the_data_folder_remembers_is_never_guessed(analyst: Workspace) -> None:
    (analyst.folder / "feeds.yaml").unlink()
    (analyst.data / bootstrap.LISTS).write_text("[1", encoding="utf-8")

    ran = analyst.call("poll", "--data", analyst.data)

    assert ran.code == 3
    assert "lists.json cannot be read" in ran.err


def test_the_shipped_list_is_not_changed_by_name(workspace: Workspace) -> None:
    ran = workspace.call("feeds", "add", "http://127.0.0.1:1/f", "--feeds", "shipped")

    assert (ran.code, (workspace.folder / "shipped").exists()) == (2, False)
    assert "the shipped list cannot be changed" in ran.err
