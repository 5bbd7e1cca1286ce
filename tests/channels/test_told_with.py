"""Every type of channel names the alerts that are told with the one that speaks."""

import io
import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from tests.builders import NOON, an_alert
from tests.channels.mailbox import mailbox
from tests.channels.receiver import Receiver, receiving
from tests.channels.test_desktop import program
from watcher.channels import TYPES
from watcher.channels.alertmanager import AlertmanagerChannel
from watcher.channels.apprise import AppriseChannel
from watcher.channels.atom import AtomChannel
from watcher.channels.desktop import DesktopChannel
from watcher.channels.log import AlertLog
from watcher.channels.smtp import SmtpChannel, mail_server
from watcher.channels.terminal import TerminalChannel
from watcher.channels.webhook import WebhookChannel
from watcher.delivery.render import alert_line
from watcher.model.alerts import ChannelId, Reason
from watcher.model.language import Severity

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

HERE = ChannelId("here")
ALERT = an_alert("ICBM fired")
ALSO = (
    replace(an_alert("ICBM fired", alert_id="a2"), indicator="threat-statement", severity=Severity.MEDIUM),
    replace(
        an_alert("The <b>problem</b> rose\x1b[31m", alert_id="a3"),
        indicator="board",
        severity=Severity.LOW,
        reason=Reason.LEVEL_ROSE,
    ),
)
NAMED = "Also: threat-statement (medium), board (low, level rose): The <b>problem</b> rose"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def on_a_terminal(_folder: Path, _receiver: Receiver) -> str:
    stream = io.StringIO()
    TerminalChannel(HERE, stream).send(ALERT, ALSO)
    return stream.getvalue()


def by_apprise(_folder: Path, receiver: Receiver) -> str:
    AppriseChannel(HERE, receiver.url(scheme="json"), lambda: NOON).send(ALERT, ALSO)
    return str(json.loads(receiver.posts[0].body)["message"])


def by_mail(_folder: Path, _receiver: Receiver) -> str:
    with mailbox() as box:
        server = mail_server(HERE, box.url())
        SmtpChannel(HERE, server, sender="watcher@desk.example", to="desk@desk.example").send(ALERT, ALSO)
    (letter,) = box.letters
    assert "<b>" not in letter.part("html")
    assert NAMED in unescape(letter.part("html"))
    return letter.part("plain")


def in_a_feed(folder: Path, _receiver: Receiver) -> str:
    AtomChannel(HERE, folder / "alerts.atom").send(ALERT, ALSO)
    html = unescape((folder / "alerts.atom").read_text(encoding="utf-8"))
    assert "<b>" not in html
    return unescape(html)


def on_the_desktop(folder: Path, _receiver: Receiver) -> str:
    said = folder / "said"
    notifier = program(folder, "notifier", f"printf '%s\\0' \"$@\" > {shlex.quote(str(said))}")
    DesktopChannel(HERE, str(notifier)).send(ALERT, ALSO)
    return unescape(said.read_text(encoding="utf-8"))


def by_webhook(_folder: Path, receiver: Receiver) -> str:
    WebhookChannel(HERE, receiver.url(), clock=lambda: NOON).send(ALERT, ALSO)
    (post,) = receiver.posts
    line = json.loads(post.body)
    assert line.pop("told_with") == json.loads(json.dumps([alert_line(each) for each in ALSO]))
    assert line == json.loads(json.dumps(alert_line(ALERT)))
    assert post.headers["Idempotency-Key"] == "a1"
    return NAMED


def by_alertmanager(_folder: Path, receiver: Receiver) -> str:
    AlertmanagerChannel(HERE, receiver.url(""), clock=lambda: NOON).send(ALERT, ALSO)
    first, *others = json.loads(receiver.posts[0].body)
    assert [each["annotations"]["alert"] for each in others] == ["a2", "a3"]
    return str(first["annotations"]["description"])


SENDERS: dict[str, Callable[[Path, Receiver], str]] = {
    "terminal": on_a_terminal,
    "apprise": by_apprise,
    "smtp": by_mail,
    "atom": in_a_feed,
    "desktop": on_the_desktop,
    "webhook": by_webhook,
    "alertmanager": by_alertmanager,
}


@pytest.mark.parametrize("name", TYPES)
def test_a_message_names_the_alerts_that_are_told_with_it(
    name: str, tmp_path: Path, receiver: Receiver
) -> None:
    assert NAMED in SENDERS[name](tmp_path, receiver)


def test_the_alert_log_has_the_line_of_the_alert_alone(tmp_path: Path) -> None:
    AlertLog(tmp_path).send(ALERT, ALSO)

    (line,) = (tmp_path / "2026-10-10.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == json.loads(json.dumps(alert_line(ALERT)))
