"""What is true of tables: they can be read at 60 columns, and say so when there is nothing to show."""

from collections.abc import Sequence
from functools import partial

import pytest
from rich.cells import cell_len

from tests.cli.terminal import sent_to_a_terminal
from watcher.cli.show import facts, prose, table

ID = "0123456789abcdef0123"
WHEN = "2026-10-10 03:14Z"
HEADINGS = ("when", "severity", "reason", "indicator", "claim", "title", "id")
ROW = (
    WHEN,
    "critical",
    "corroborated",
    "missile-launch",
    "",
    "North Korea fires a missile into the sea " * 3,
    ID,
)


def on_a_terminal(
    columns: int,
    monkeypatch: pytest.MonkeyPatch,
    rows: Sequence[Sequence[str]] = (ROW, ROW),
    **environment: str,
) -> str:
    """Return what a terminal of so many columns is sent for a table."""
    shown = partial(table, HEADINGS, rows, title="Alerts", spare=("reason", "indicator"))
    return sent_to_a_terminal(columns, monkeypatch, shown, **environment).partition("\n")[2]


def test_an_id_a_time_and_a_severity_are_whole_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = on_a_terminal(80, monkeypatch, NO_COLOR="1")

    assert [sent.count(whole) for whole in (WHEN, "critical", ID, "missile-launch")] == [2, 2, 2, 0]
    assert max(map(len, sent.splitlines())) <= 80


def test_a_long_column_goes_below_its_row_on_a_very_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = on_a_terminal(60, monkeypatch, NO_COLOR="1").splitlines()

    assert [line.rstrip() for line in lines[:2]] == ["when               severity  id", "  title"]
    assert lines[2].split() == ["2026-10-10", "03:14Z", "critical", ID]
    assert lines[3].startswith("  North Korea fires a missile into the sea North Korea")


@pytest.mark.parametrize("title", ["short", "North Korea fires a missile into the sea"])
def test_a_column_that_belongs_below_is_there_whatever_its_cells(
    title: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = partial(table, ("when", "title", "id"), [(WHEN, title, ID)], below="title")

    lines = sent_to_a_terminal(100, monkeypatch, shown, NO_COLOR="1").splitlines()

    assert [line.split() for line in lines] == [["when", "id"], ["title"], [*WHEN.split(), ID], title.split()]


@pytest.mark.parametrize("columns", [60, 100])
def test_wide_characters_take_two_cells(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    korean = "합참 북한 미사일, ICBM으로 추정…고각 발사 防衛省「北朝鮮のICBM、過去最長の飛行時間」"
    rows = [(WHEN, "high", "", "", "", title, ID) for title in (korean, "short")]

    lines = on_a_terminal(columns, monkeypatch, rows, NO_COLOR="1").splitlines()

    assert max(map(cell_len, lines)) <= columns
    assert len({cell_len(line[: line.index(ID)]) for line in lines if ID in line}) == 1


def test_prose_is_broken_between_words_and_goes_on_as_far_in_as_it_began(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "North Korea fires\n\n  a missile into the sea, Seoul says"

    sent = sent_to_a_terminal(26, monkeypatch, partial(prose, text), NO_COLOR="1")

    lines = [line.rstrip() for line in sent.splitlines()]
    assert lines == ["North Korea fires", "", "  a missile into the sea,", "  Seoul says"]


def test_named_lines_go_on_under_their_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = {"what": "North Korea fires a missile", "sources": "jcs"}

    sent = sent_to_a_terminal(26, monkeypatch, partial(facts, lines), NO_COLOR="1")

    shown = [line.rstrip() for line in sent.splitlines()]
    assert shown == ["What     North Korea fires", "         a missile", "Sources  jcs"]


def test_a_wide_terminal_shows_every_column_with_something_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    heading = on_a_terminal(180, monkeypatch, NO_COLOR="1").splitlines()[0]

    assert heading.split() == ["when", "severity", "reason", "indicator", "title", "id"]


def test_no_color_means_no_bold_either(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = on_a_terminal(80, monkeypatch, NO_COLOR="1")
    monkeypatch.delenv("NO_COLOR")

    assert "\x1b" not in plain
    assert "\x1b[1m" in on_a_terminal(80, monkeypatch)


def test_a_table_of_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    table(HEADINGS, [])

    assert capsys.readouterr().out == "none yet\n"
