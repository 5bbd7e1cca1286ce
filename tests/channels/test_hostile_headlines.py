"""Headlines that try to act, through every channel: they arrive as words.

Each row of `HEADLINES` acts somewhere: it calls people in a chat, draws a link or a picture, ends a header,
opens a tag, moves a terminal's cursor, turns text around, or is a formula. No row acts anywhere.
"""

import io
import json
import re
import unicodedata
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import apprise
import feedparser
import pytest
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram
from markdown_it import MarkdownIt

from tests.builders import NOON, an_alert, an_alert_item
from tests.channels.mailbox import mailbox
from tests.channels.receiver import Receiver, receiving
from tests.channels.test_desktop import program
from watcher.channels import apprise as ours
from watcher.channels.apprise import AppriseChannel
from watcher.channels.atom import AtomChannel
from watcher.channels.desktop import DesktopChannel
from watcher.channels.log import AlertLog
from watcher.channels.smtp import SmtpChannel, mail_server
from watcher.channels.terminal import TerminalChannel
from watcher.channels.webhook import WebhookChannel
from watcher.delivery.render import one_line, subject
from watcher.model.alerts import Alert, ChannelId, Context

# apprise 2.2 loads a plugin that imports a module Python 3.13 drops.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

HEADLINES = {
    "slack calls everybody": "ICBM <!channel> <!here|here> <!subteam^S1|team>",
    "slack calls somebody": "ICBM <@U1> <#C1|general>",
    "slack dresses a link": "ICBM <http://evil.example|Yonhap>",
    "discord calls everybody": "ICBM @everyone @here <@&123456789012345678> <@!123456789012345678>",
    "mattermost calls everybody": "ICBM @all @channel @kim",
    "markdown dresses a link": "ICBM [Yonhap](http://evil.example) ![x](http://evil.example/x.png) [a]: http://evil.example",
    "markdown draws": "# ICBM **b** _i_ ~~s~~ `c` ```d``` ||e|| > q",
    "markdown begins a list": "- ICBM",
    "telegram markdown": "ICBM *bold* _it_ [x](tg://user?id=1) ||spoiler|| \\* {.}",
    "telegram html": 'ICBM <a href="tg://user?id=1">x</a> <tg-spoiler>y</tg-spoiler>',
    "html and script": 'ICBM <script>alert(1)</script> <img src=x onerror=alert(1)> "><b>&lt;i&gt;',
    "a header of its own": "ICBM\r\nBcc: all@desk.example\r\n\r\n<b>body",
    "an encoded word": "ICBM =?utf-8?q?=0D=0ABcc:_all=40desk.example?=",
    "ends a mail": "ICBM\r\n.\r\nMAIL FROM:<evil@evil.example>",
    "terminal colours and title": "ICBM \x1b[31mred\x1b[0m \x1b]0;owned\x07 \x9b2J \x1b]8;;http://evil.example\x1b\\x\x1b]8;;\x1b\\",
    "terminal returns and rings": "ICBM \rFALSE ALARM\x08\x08\x07\x00",
    "reads backwards": "ICBM \u202egnihton\u202c \u2066x\u2069 \u200f",
    "hides letters": "IC\u200bBM \U000e0041\U000e0042 \ufeff",
    "a formula": '=HYPERLINK("http://evil.example","ICBM")',
    "a formula with plus": "+1+cmd|' /C calc'!A0",
    "a formula with minus": "-2+3+cmd|' /C calc'!A0",
    "a formula with at": "@SUM(1+1)*cmd|' /C calc'!A0",
    "a template": "ICBM {{7*7}} ${HOME} $(id) `id` %s {0} #{1}",
    "an option": "--help -x",
}  # fmt: skip
DESK = ChannelId("desk")

Send = Callable[[Alert], None]


def hostile(headline: str) -> Alert:
    """Return an alert in which all that comes from a feed is the headline."""
    item = an_alert_item(headline, owner=headline, feed="wire-en", url=f"https://wire.example/{headline}")
    return an_alert(
        headline,
        why=f"First report: {headline}",
        evidence=(headline,),
        items=(item,),
        context=Context(timeline=(headline,)),
    )


@pytest.fixture(params=HEADLINES.values(), ids=list(HEADLINES))
def alert(request: pytest.FixtureRequest) -> Alert:
    return hostile(request.param)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


@pytest.fixture
def chat(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """Let the chats whose addresses are built into apprise be the receiver."""
    monkeypatch.setattr(NotifySlack, "webhook_url", receiver.url("/slack"))
    monkeypatch.setattr(NotifyDiscord, "notify_url", receiver.url("/discord"))
    monkeypatch.setattr(NotifyTelegram, "notify_url", receiver.url("/bot"))
    receiver.posts.clear()
    yield receiver
    receiver.body = b"ok"


def posted(chat: Receiver, url: str, alert: Alert, *, answer: bytes = b"ok") -> list[Any]:
    """Send the alert to a service; return the JSON it was sent."""
    chat.body = answer
    AppriseChannel(DESK, url, lambda: NOON).send(alert)
    return [json.loads(post.body) for post in chat.posts]


def test_the_log_and_a_webhook_get_one_line_that_acts_nowhere(
    alert: Alert, tmp_path: Path, receiver: Receiver
) -> None:
    receiver.posts.clear()

    AlertLog(tmp_path).send(alert)
    WebhookChannel(DESK, receiver.url(), clock=lambda: NOON).send(alert)

    (line,) = (tmp_path / "2026-10-10.jsonl").read_text(encoding="utf-8").splitlines()
    assert receiver.posts[0].body.decode() == line
    assert acting_letters(line) == []
    assert "<" not in line
    assert json.loads(line)["title"] == one_line(alert.title, 300)


def test_a_terminal_gets_letters_and_line_breaks(alert: Alert) -> None:
    stream = io.StringIO()

    TerminalChannel(DESK, stream).send(alert)

    assert acting_letters(stream.getvalue().replace("\n", "")) == []
    assert subject(alert) == stream.getvalue().splitlines()[0]


def test_a_desktop_gets_arguments_without_markup(alert: Alert, tmp_path: Path) -> None:
    said = tmp_path / "said"
    notifier = program(tmp_path, "notifier", f"printf '%s\\0' \"$@\" > '{said}'")

    DesktopChannel(DESK, str(notifier)).send(alert)

    urgency, dashes, title, body = said.read_text(encoding="utf-8").split("\0")[:-1]
    assert (urgency, dashes, title) == ("--urgency=critical", "--", subject(alert))
    assert "<" not in body
    assert not re.search(r"(?<!\\)(\\\\)*\\(?!\\)", body)
    assert one_line(alert.why, 300) in unescape(body.replace("\\\\", "\\"))


def test_a_mail_has_our_headers_our_tags_and_one_message(alert: Alert) -> None:
    with mailbox() as box:
        server = mail_server(DESK, box.url())
        SmtpChannel(DESK, server, sender="watcher@desk.example", to="desk@desk.example").send(alert)

    (letter,) = box.letters
    assert letter.to == ("desk@desk.example",)
    assert letter.mail["Subject"].strip() == subject(alert)  # a long one is folded before its first word
    assert set(letter.mail.keys()) == {
        "Subject",
        "From",
        "To",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
    }
    assert acting_letters(letter.part("plain").replace("\n", "")) == []
    assert page(letter.part("html")).tags <= {
        "html",
        "head",
        "meta",
        "title",
        "body",
        "h2",
        "p",
        "dl",
        "dt",
        "dd",
        "ol",
        "li",
        "br",
        "a",
    }


def test_a_mail_by_apprise_has_its_headers_and_plain_text(alert: Alert) -> None:
    with mailbox() as box:
        AppriseChannel(
            DESK,
            f"{box.url('mailto')}/?from=watcher@desk.example&to=desk@desk.example&mode=insecure",
            lambda: NOON,
        ).send(alert)

    (letter,) = box.letters
    assert (letter.to, letter.mail["To"], letter.mail["Bcc"]) == (
        ("desk@desk.example",),
        "desk@desk.example",
        None,
    )
    assert (letter.mail["Subject"], letter.mail.get_content_type()) == (subject(alert), "text/plain")


def test_a_feed_has_one_entry_with_our_tags_in_it(alert: Alert, tmp_path: Path) -> None:
    AtomChannel(DESK, tmp_path / "alerts.atom").send(alert)

    parsed = feedparser.parse((tmp_path / "alerts.atom").read_bytes(), sanitize_html=False)
    assert not parsed.bozo
    (entry,) = parsed.entries
    assert entry.link.startswith("https://wire.example/")
    assert acting_letters(entry.title) == []
    assert page(entry.content[0].value).tags <= {"h2", "p", "dl", "dt", "dd", "ol", "li", "br", "a"}


def test_slack_shows_the_words_and_calls_nobody(alert: Alert, chat: Receiver) -> None:
    for blocks in ("", "?blocks=yes"):
        for body in posted(
            chat, f"slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general{blocks}", alert
        ):
            for words in slack_texts(body):
                assert "<" not in words
                assert calls(words) == []


def test_discord_shows_the_words_and_calls_nobody(alert: Alert, chat: Receiver) -> None:
    for body in posted(chat, f"discord://{'1' * 18}/{'a' * 64}", alert):
        assert body.keys() <= {"tts", "wait", "avatar_url", "content"}
        assert body["tts"] is False
        assert calls(body["content"]) == []
        assert drawn(body["content"]) <= {"p", "ol", "li"}


def test_mattermost_shows_the_words_and_calls_nobody(alert: Alert, chat: Receiver) -> None:
    for body in posted(chat, f"mmost://127.0.0.1:{chat.port}/abcdefghijklmnopqrstuvwxyz", alert):
        assert calls(body["text"]) == []
        assert drawn(body["text"]) <= {"p", "ol", "li"}


def test_telegram_gets_html_in_which_the_words_are_no_tags(alert: Alert, chat: Receiver) -> None:
    bodies = posted(
        chat,
        "tgram://123456789:abcdefg_hijklmnop/12315544/",
        alert,
        answer=b'{"ok":true,"result":{"message_id":1}}',
    )

    assert bodies
    for body in bodies:
        assert body["parse_mode"] == "HTML"
        assert page(body["text"]).tags <= {"b"}
        assert calls(body["text"]) == []


def test_ntfy_gets_plain_text(alert: Alert, chat: Receiver) -> None:
    (body,) = posted(chat, f"ntfy://127.0.0.1:{chat.port}/topic", alert)

    assert not [
        name
        for name in chat.posts[0].headers
        if name.lower() in {"x-markdown", "x-actions", "x-click", "x-attach"}
    ]
    assert body.keys() <= {"topic", "title", "message"}
    assert acting_letters((body["title"] + body["message"]).replace("\n", "").replace("\u200b", "")) == []


def test_programs_get_the_words_as_they_are(alert: Alert, chat: Receiver) -> None:
    (body,) = posted(chat, f"json://127.0.0.1:{chat.port}/", alert)
    AppriseChannel(DESK, chat.url("/form", scheme="form"), lambda: NOON).send(alert)

    assert body["title"] == subject(alert)
    assert parse_qs(chat.posts[1].body.decode())["title"] == [subject(alert)]


def test_apprise_still_calls_its_services_what_we_call_them() -> None:
    known = {
        str(service["service_name"]) for service in apprise.Apprise().details(show_disabled=True)["schemas"]
    }

    assert known >= ours._READ_BY_PROGRAMS | ours._DRAW_MARKDOWN


def acting_letters(words: str) -> list[str]:
    """Return what moves a cursor, hides, or turns text around."""
    return [letter for letter in words if unicodedata.category(letter) in {"Cc", "Cf", "Co", "Cs"}]


def calls(words: str) -> list[str]:
    """Return what a chat takes as somebody's name."""
    return re.findall(r"@[\w!&]\S*", re.sub(r"&(lt|gt|amp);", " ", words))


def drawn(words: str) -> set[str]:
    """Return the tags Markdown makes of the words."""
    return page(MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(words)).tags


def slack_texts(body: dict[str, Any]) -> list[str]:
    """Return all that Slack draws of a post, wherever it stands."""
    found = [body[key] for key in ("title", "text") if isinstance(body.get(key), str)]
    inner = [
        each
        for value in body.values()
        for each in (value if isinstance(value, list) else [value])
        if isinstance(each, dict)
    ]
    return found + [words for each in inner for words in slack_texts(each)]


class page(HTMLParser):  # noqa: N801 - reads as a verb
    """The tags of a piece of HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
