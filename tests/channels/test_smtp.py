"""Mail reaches a real server, and what the server says decides what becomes of it."""

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import NOON, an_alert
from tests.channels.mailbox import Mailbox, mailbox, trusting
from watcher.channels import open_channel
from watcher.channels.smtp import SmtpChannel, mail_server
from watcher.delivery.render import html, subject, text
from watcher.errors import DeliveryError, UsageError
from watcher.model.alerts import ChannelId
from watcher.model.settings import ChannelSpec

MAIL = ChannelId("mail")


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as running:
        yield running


def channel(
    url: str,
    *,
    tls: str = "",
    password: str = "",
    to: str = "desk@desk.example",
    sender: str = "Watcher <watcher@desk.example>",
    deadline: float = 10,
    trust: ssl.SSLContext | None = None,
) -> SmtpChannel:
    server = mail_server(MAIL, url, tls=tls, password=password)
    return SmtpChannel(MAIL, server, sender=sender, to=to, deadline=deadline, trust=trust)


def refusal(sender: SmtpChannel) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sender.send(an_alert())
    return caught.value


def test_a_mail_says_the_alert_as_text_and_as_html(box: Mailbox) -> None:
    alert = an_alert("북한, 동해상으로 ICBM 추정 미사일 발사")

    channel(box.url(), to="Desk <desk@desk.example>, night@desk.example").send(alert)

    (letter,) = box.letters
    assert (letter.sender, letter.to) == ("watcher@desk.example", ("desk@desk.example", "night@desk.example"))
    assert letter.mail["Subject"] == subject(alert)
    assert letter.mail["From"] == "Watcher <watcher@desk.example>"
    assert letter.mail["To"] == "Desk <desk@desk.example>, night@desk.example"
    assert letter.mail["Date"] == "Sat, 10 Oct 2026 12:00:00 +0000"
    assert letter.mail["Auto-Submitted"] == "auto-generated"
    assert letter.part("plain") == text(alert)
    assert html(alert) in letter.part("html")


def test_the_same_alert_is_the_same_mail_whenever_it_is_sent(box: Mailbox) -> None:
    sender = channel(box.url())

    sender.send(an_alert())
    sender.send(an_alert())

    assert [letter.mail["Message-ID"] for letter in box.letters] == ["<a1@desk.example>"] * 2


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=()), max_size=400))
def test_whatever_a_headline_says_it_adds_no_header_and_is_read_back_as_it_was(
    box: Mailbox, title: str
) -> None:
    alert = an_alert(title)

    channel(box.url()).send(alert)

    mail = box.letters[-1].mail
    assert set(mail.keys()) == {
        "Subject",
        "From",
        "To",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "MIME-Version",
        "Content-Type",
    }
    assert mail["Subject"].split() == subject(alert).split()
    assert box.letters[-1].part("plain") == text(alert)
    assert not mail.defects


@pytest.mark.parametrize(
    ("verb", "code"), [("CONNECT", 421), ("MAIL", 451), ("RCPT", 450), (".", 452), ("EHLO", 421)]
)
def test_what_the_server_puts_off_is_tried_again(box: Mailbox, verb: str, code: int) -> None:
    box.answers[verb] = box.answers["HELO"] = f"{code} later"

    error = refusal(channel(box.url()))

    assert not error.permanent
    assert f"{code} later" in error.detail


@pytest.mark.parametrize(
    ("verb", "code"), [("CONNECT", 554), ("MAIL", 550), ("RCPT", 550), ("DATA", 554), (".", 552)]
)
def test_what_the_server_refuses_is_final(box: Mailbox, verb: str, code: int) -> None:
    box.answers[verb] = f"{code} never"

    error = refusal(channel(box.url()))

    assert error.permanent
    assert f"{code} never" in error.detail


def test_an_address_that_is_refused_is_named_though_the_others_have_the_mail(box: Mailbox) -> None:
    box.answers["RCPT TO:<gone@desk.example>"] = "550 no such user"

    error = refusal(channel(box.url(), to="desk@desk.example, gone@desk.example"))

    assert error.permanent
    assert "refused 1 of 2 addresses: gone@desk.example: 550 no such user" in error.detail
    assert [letter.to for letter in box.letters] == [("desk@desk.example",)]


def test_a_mail_is_delivered_though_the_server_says_no_goodbye(box: Mailbox) -> None:
    box.answers["QUIT"] = "500 what?"

    channel(box.url()).send(an_alert())

    assert len(box.letters) == 1


def test_a_server_that_is_not_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert not refusal(channel(f"smtp://127.0.0.1:{port}")).permanent


@pytest.mark.parametrize("verb", ["EHLO", "DATA"])
def test_a_server_that_falls_silent_is_left_at_the_deadline(box: Mailbox, verb: str) -> None:
    box.silent_at = verb

    error = refusal(channel(box.url(), deadline=0.2))

    assert not error.permanent
    assert "did not take the mail" in error.detail


@pytest.mark.parametrize("verb", ["CONNECT", "MAIL"])
def test_a_server_whose_answer_does_not_end_is_left_at_the_deadline(box: Mailbox, verb: str) -> None:
    box.silent_at, box.dripping = verb, True

    assert not refusal(channel(box.url(), deadline=0.2)).permanent
    assert box.letters == []


def test_a_password_goes_only_over_an_encrypted_line(box: Mailbox) -> None:
    box.starttls = True

    channel(box.url(user="watcher%40desk@"), tls="starttls", password="S3CRET", trust=trusting()).send(
        an_alert()
    )

    assert [(letter.encrypted, letter.login) for letter in box.letters] == [(True, "watcher@desk S3CRET")]


def test_smtps_is_encrypted_from_the_first_byte() -> None:
    with mailbox(implicit_tls=True) as box:
        channel(box.url("smtps"), trust=trusting()).send(an_alert())

    assert [letter.encrypted for letter in box.letters] == [True]


def test_a_server_without_starttls_gets_nothing_where_it_is_demanded(box: Mailbox) -> None:
    error = refusal(channel(box.url(user="me@"), tls="starttls", password="S3CRET"))

    assert error.permanent
    assert "STARTTLS" in error.detail
    assert "AUTH" not in box.verbs
    assert "S3CRET" not in repr(error)


def test_a_certificate_nobody_vouches_for_is_refused(box: Mailbox) -> None:
    box.starttls = True

    assert "certificate" in refusal(channel(box.url(), tls="starttls")).detail
    assert box.letters == []


def test_a_wrong_password_is_final_and_not_told(box: Mailbox) -> None:
    box.answers["AUTH"] = "535 wrong"

    error = refusal(channel(box.url(user="me@"), password="S3CRET"))

    assert error.permanent
    assert "535 wrong" in error.detail
    assert "S3CRET" not in repr(error)


def test_a_korean_mailbox_needs_a_server_that_knows_it(box: Mailbox) -> None:
    sender = channel(box.url(), to="상황실@desk.example")

    sender.send(an_alert())
    box.smtputf8 = False

    assert box.letters[0].to == ("상황실@desk.example",)
    assert refusal(sender).permanent


@pytest.mark.parametrize(
    ("url", "tls", "encrypted"),
    [
        ("smtp://mail.example", "", (587, True, False)),
        ("smtp://mail.example:25", "none", (25, False, False)),
        ("smtp://127.0.0.1", "", (587, False, False)),
        ("smtp://[::1]", "starttls", (587, True, False)),
        ("smtp://localhost", "", (587, False, False)),
        ("smtps://mail.example", "", (465, False, True)),
    ],
)
def test_the_line_is_encrypted_unless_the_server_is_here_or_somebody_says_so(
    url: str, tls: str, encrypted: tuple[int, bool, bool]
) -> None:
    server = mail_server(MAIL, url, tls=tls)

    assert (server.port, server.starttls, server.implicit_tls) == encrypted


@pytest.mark.parametrize(
    ("url", "tls", "password", "said"),
    [
        (
            "smtp://me:S3CRET@mail.example",
            "",
            "",
            "leave the password out of the address; write it into a file",
        ),
        ("http://mail.example", "", "", "a mail server is written"),
        ("smtp://mail.example:many", "", "", "a mail server is written"),
        ("smtp://", "", "", "a mail server is written"),
        ("smtp://mail.example", "maybe", "", "tls is"),
        ("smtps://mail.example", "none", "", "tls is"),
        ("smtp://mail.example", "", "S3CRET", "one is missing"),
        ("smtp://me@mail.example", "", "", "one is missing"),
        ("smtp://me@mail.example", "none", "S3CRET", "others could read the password"),
    ],
)
def test_what_makes_no_mail_server_is_refused_with_the_reason(
    url: str, tls: str, password: str, said: str
) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        mail_server(MAIL, url, tls=tls, password=password)

    assert "S3CRET" not in str(caught.value)


@pytest.mark.parametrize(
    "to", ["", "nobody", "a@b\r\nBcc: all@desk.example", "@", "desk@" + "x" * 70 + ".example"]
)
def test_what_is_no_mail_address_is_refused(to: str) -> None:
    with pytest.raises(UsageError, match="channel mail: `to`"):
        channel("smtp://127.0.0.1", to=to)


def test_a_table_makes_a_mail_channel(box: Mailbox, tmp_path: Path) -> None:
    secret = tmp_path / "mail.secret"
    secret.write_text("S3CRET\n")
    extra = {"from": "watcher@desk.example", "to": "desk@desk.example"}
    spec = ChannelSpec(
        id=MAIL, type="smtp", urls=(box.url(user="me@"),), secret_file=str(secret), extra=extra
    )

    (channel,) = open_channel(spec, lambda: NOON)
    channel.send(an_alert())

    assert box.letters[0].login == "me S3CRET"


def test_each_address_is_a_channel_so_that_a_retry_tells_nobody_again(box: Mailbox) -> None:
    to = "Lee <lee@desk.example>, kim@desk.example"
    extra = {"from": "watcher@desk.example", "to": to}
    spec = ChannelSpec(id=ChannelId("mail"), type="smtp", urls=(box.url(),), extra=extra)

    channels = open_channel(spec, lambda: NOON)
    for channel in channels:
        channel.send(an_alert())

    assert [channel.id for channel in channels] == ["mail/1", "mail/2"]
    assert [letter.to for letter in box.letters] == [("lee@desk.example",), ("kim@desk.example",)]
    assert {letter.mail["To"] for letter in box.letters} == {to}
    assert len({letter.mail["Message-ID"] for letter in box.letters}) == 1
