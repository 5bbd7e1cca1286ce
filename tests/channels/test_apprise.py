"""apprise gets the subject and the text, and its failures are ours."""

import json
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest

from tests.builders import an_alert
from tests.channels.mailbox import Mailbox, mailbox
from tests.channels.receiver import Receiver, receiving
from watcher.channels.apprise import AppriseChannel
from watcher.delivery.render import subject, text
from watcher.errors import DeliveryError
from watcher.model.alerts import ChannelId

# apprise 2.2 loads a plugin that imports a module Python 3.13 drops.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

CHAT = ChannelId("chat")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def a_mail_to(box: Mailbox) -> str:
    return f"{box.url('mailto')}/?from=watcher@desk.example&to=desk@desk.example&mode=insecure"


def refusal(channel: AppriseChannel) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.send(an_alert())
    return caught.value


def test_a_json_service_gets_subject_and_text(receiver: Receiver) -> None:
    alert = an_alert("북한, {{7*7}} ${HOME} <b>ICBM</b> 발사")

    AppriseChannel(CHAT, receiver.url(scheme="json")).send(alert)

    said = json.loads(receiver.posts[0].body)
    assert said["title"] == subject(alert)
    assert said["message"].strip() == text(alert).strip()


def test_a_form_service_gets_subject_and_text(receiver: Receiver) -> None:
    AppriseChannel(CHAT, receiver.url(scheme="form")).send(an_alert())

    said = parse_qs(receiver.posts[0].body.decode())
    assert said["title"] == [subject(an_alert())]


def test_ntfy_gets_subject_and_text(receiver: Receiver) -> None:
    AppriseChannel(CHAT, receiver.url("/topic", scheme="ntfy")).send(an_alert())

    said = json.loads(receiver.posts[0].body)
    assert (said["topic"], said["title"], said["message"].strip()) == (
        "topic",
        subject(an_alert()),
        text(an_alert()).strip(),
    )


def test_a_mail_server_gets_subject_and_text() -> None:
    with mailbox() as box:
        AppriseChannel(CHAT, a_mail_to(box)).send(an_alert("북한 ICBM 발사"))

    assert box.letters[0].mail["Subject"] == subject(an_alert("북한 ICBM 발사"))
    assert box.letters[0].part("plain").strip() == text(an_alert("북한 ICBM 발사")).strip()


@pytest.mark.parametrize("answer", ["451 later", "550 never"])
def test_a_mail_server_that_refuses_is_tried_again(answer: str) -> None:
    with mailbox() as box:
        box.answers["MAIL"] = answer

        error = refusal(AppriseChannel(CHAT, a_mail_to(box)))

    assert not error.permanent
    assert "E-Mail did not take the alert" in error.detail


@pytest.mark.parametrize("scheme", ["form", "ntfy"])
@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_form_and_ntfy_that_refuse_are_tried_again(receiver: Receiver, scheme: str, status: int) -> None:
    receiver.status = status

    assert not refusal(AppriseChannel(CHAT, receiver.url("/topic", scheme=scheme))).permanent


@pytest.mark.parametrize("status", [404, 429, 500])
def test_a_service_that_refuses_is_tried_again_and_its_status_is_told(
    receiver: Receiver, status: int
) -> None:
    receiver.status = status

    error = refusal(AppriseChannel(CHAT, receiver.url(scheme="json")))

    assert not error.permanent
    assert error.detail.startswith("chat: JSON did not take the alert")
    assert str(status) in error.detail


def test_an_error_holds_no_secret_of_the_address(receiver: Receiver) -> None:
    receiver.status = 500
    refused = refusal(AppriseChannel(CHAT, receiver.url("/T0KEN", scheme="json", user="alice:S3CRET@")))
    absent = refusal(AppriseChannel(CHAT, "json://alice:S3CRET@127.0.0.1:1/T0KEN"))

    for error in (refused, absent):
        assert not error.permanent
        assert not [word for word in ("T0KEN", "S3CRET", "alice") if word in repr(error)]


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    with receiving() as elsewhere:
        receiver.status, receiver.headers = 307, {"Location": elsewhere.url()}

        refusal(AppriseChannel(CHAT, receiver.url(scheme="json")))

    assert elsewhere.posts == []


@pytest.mark.parametrize("url", ["nosuchservice://S3CRET", "S3CRET", "discord://"])
def test_an_address_apprise_does_not_know_is_a_permanent_error(url: str) -> None:
    error = refusal(AppriseChannel(CHAT, url))

    assert error.permanent
    assert "S3CRET" not in repr(error)


def test_a_service_that_hangs_is_left_and_not_piled_upon(receiver: Receiver) -> None:
    receiver.silent = True
    channel = AppriseChannel(CHAT, receiver.url(scheme="json"), deadline=0.2)

    first, second = refusal(channel), refusal(channel)

    assert "no answer within 0.2 seconds" in first.detail
    assert "still busy with the last message" in second.detail
    assert len(receiver.posts) == 1
    assert not first.permanent
    assert not second.permanent


def test_a_service_loads_nothing_heavy_for_channels_it_does_not_have() -> None:
    heavy = ("apprise", "requests", "pydantic", "smtplib", "xml.etree.ElementTree")
    program = f"import sys, watcher.channels; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
