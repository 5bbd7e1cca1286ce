"""Messages are shown as they arrive, on a terminal above a bar, elsewhere without one."""

import io
from datetime import timedelta

import pytest

from tests.builders import an_alert
from tests.demo.stories import a_story, some_news
from watcher.demo.play import Beat, Inbox
from watcher.demo.report import follow

KOREAN = an_alert('합참 "북한, 새벽 김일성광장서 열병식 개최 정황 포착"')


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Return True."""
        return True


def shown_on(screen: io.StringIO) -> str:
    beat = Beat(scene="A scene", told=timedelta(hours=1), messages=(KOREAN,))
    follow([beat], a_story(some_news("One")), screen)
    return screen.getvalue()


def test_a_pipe_gets_the_announcement_and_the_messages_only() -> None:
    announcement, message = shown_on(io.StringIO()).splitlines()

    assert announcement.startswith("The service polls")
    assert message == f"2026-10-10 12:00 [CRITICAL] icbm-launch: {KOREAN.title}"


def test_a_terminal_also_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")

    shown = shown_on(Terminal())

    assert "A scene" in shown
    assert KOREAN.title in shown


def test_a_narrow_screen_shows_a_headline_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")

    _, _, *message = shown_on(io.StringIO()).splitlines()

    assert " ".join(line.strip() for line in message) == f"2026-10-10 [CRITICAL] icbm-launch: {KOREAN.title}"


def test_the_inbox_gives_each_message_once_by_the_alert_that_speaks() -> None:
    inbox = Inbox()
    inbox.send(an_alert("One", alert_id="a1"), (an_alert("One", alert_id="a2"),))
    inbox.send(an_alert("Two", alert_id="a3"))

    assert [alert.id for alert in inbox.take()] == ["a1", "a3"]
    assert inbox.take() == ()
