"""What is true of tables: they can be read at 80 columns, and say so when there is nothing to show."""

import os
import pty
import termios

import pytest

from watcher.cli.show import table

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


def on_a_terminal(columns: int, monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    """Return what a terminal of so many columns is sent."""
    for name, value in {"TERM": "xterm", "COLUMNS": str(columns), **environment}.items():
        monkeypatch.setenv(name, value)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, columns))
    with os.fdopen(theirs, "w", encoding="utf-8") as screen, monkeypatch.context() as patched:
        patched.setattr("sys.stdout", screen)
        table(HEADINGS, [ROW, ROW], spare=("reason", "indicator"))
        screen.flush()
        sent = os.read(ours, 100_000).decode()
    os.close(ours)
    return sent


def test_an_id_a_time_and_a_severity_are_whole_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = on_a_terminal(80, monkeypatch, NO_COLOR="1")

    assert [sent.count(whole) for whole in (WHEN, "critical", ID, "missile-launch")] == [2, 2, 2, 0]
    assert max(map(len, sent.splitlines())) <= 80


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
