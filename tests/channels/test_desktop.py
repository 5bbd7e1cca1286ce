"""A program on PATH gets the alert as arguments, and no shell sees it."""

from pathlib import Path

import pytest

from tests.builders import an_alert
from watcher.channels.desktop import DesktopChannel
from watcher.delivery.render import subject
from watcher.errors import DeliveryError
from watcher.model.alerts import ChannelId

HERE = ChannelId("here")


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a `notify-send` on PATH that writes down its arguments, each ended by a NUL; return where."""
    said = tmp_path / "said"
    program(tmp_path, "notify-send", f"printf '%s\\0' \"$@\" > '{said}'")
    monkeypatch.setenv("PATH", str(tmp_path))  # which programs there are is what is tested
    return said


def program(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def refusal(channel: DesktopChannel) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.send(an_alert())
    return caught.value


def test_a_notification_says_how_bad_what_why_and_how_to_look_further(told: Path) -> None:
    alert = an_alert()

    DesktopChannel(HERE).send(alert)

    assert told.read_text().split("\0")[:-1] == [
        "--urgency=critical",
        "--",
        subject(alert),
        "New: ICBM test, occurred according to jcs.\nwatcher explain a1",
    ]


def test_markup_and_backslashes_in_a_body_are_shown_and_do_nothing(told: Path) -> None:
    DesktopChannel(HERE).send(an_alert("-x $(id) `id` <b>", why=r"<a href='x'>a</a> & \033[31m"))

    title, body = told.read_text().split("\0")[2:4]
    assert title == "[CRITICAL] icbm-launch: -x $(id) `id` <b>"
    assert body.startswith(r"&lt;a href='x'&gt;a&lt;/a&gt; &amp; \\033[31m")


def test_another_program_can_be_named(told: Path, tmp_path: Path) -> None:
    other, said = tmp_path / "other", tmp_path / "other.said"
    program(tmp_path, "other", f"printf '%s' \"$3\" > '{said}'")

    DesktopChannel(HERE, str(other)).send(an_alert())

    assert said.read_text() == subject(an_alert())
    assert not told.exists()


def test_a_missing_program_is_a_permanent_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    missing, misnamed = refusal(DesktopChannel(HERE)), refusal(DesktopChannel(HERE, "growl"))

    assert missing.permanent
    assert "there is no program notify-send; install it (libnotify-bin" in missing.detail
    assert misnamed.permanent
    assert "correct `command`" in misnamed.detail


def test_a_program_that_fails_is_tried_again_and_its_words_are_told(told: Path, tmp_path: Path) -> None:
    program(tmp_path, "notify-send", "echo 'Cannot autolaunch D-Bus' >&2; exit 1")

    error = refusal(DesktopChannel(HERE))

    assert not error.permanent
    assert error.detail == "here: notify-send ended with 1: Cannot autolaunch D-Bus"


def test_a_program_that_does_not_end_is_ended(told: Path, tmp_path: Path) -> None:
    program(tmp_path, "notify-send", "exec /bin/sleep 30")

    error = refusal(DesktopChannel(HERE, deadline=0.2))

    assert not error.permanent
    assert "did not end within 0.2 seconds" in error.detail


def test_what_cannot_be_started_is_tried_again(told: Path, tmp_path: Path) -> None:
    (tmp_path / "notify-send").write_bytes(b"\x7fELF, not")

    assert not refusal(DesktopChannel(HERE)).permanent
