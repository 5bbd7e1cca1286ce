"""apprise gets the subject and the text, and its failures are ours."""

import json
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import parse_qs

import pytest
from apprise.conversion import convert_between

from tests.builders import NOON, an_alert
from tests.channels.mailbox import Mailbox, mailbox
from tests.channels.receiver import Receiver, receiving
from watcher.channels.apprise import AppriseChannel, asked, fitted
from watcher.delivery.render import subject, text
from watcher.errors import DeliveryError, UsageError
from watcher.model.alerts import ChannelId
from watcher.model.settings import ChannelSpec

# apprise 2.2 loads a plugin that imports a module Python 3.13 drops.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

CHAT = ChannelId("chat")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def chat(url: str, *, deadline: float = 30.0) -> AppriseChannel:
    return AppriseChannel(CHAT, url, lambda: NOON, deadline=deadline)


def a_mail_to(box: Mailbox) -> str:
    return f"{box.url('mailto')}/?from=watcher@desk.example&to=desk@desk.example&mode=insecure"


def refusal(channel: AppriseChannel) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        channel.send(an_alert())
    return caught.value


def test_a_json_service_gets_subject_and_text(receiver: Receiver) -> None:
    alert = an_alert("북한, {{7*7}} ${HOME} <b>ICBM</b> 발사")

    chat(receiver.url(scheme="json")).send(alert)

    said = json.loads(receiver.posts[0].body)
    assert said["title"] == subject(alert)
    assert said["message"].strip() == text(alert).strip()


def test_a_form_service_gets_subject_and_text(receiver: Receiver) -> None:
    chat(receiver.url(scheme="form")).send(an_alert())

    said = parse_qs(receiver.posts[0].body.decode())
    assert said["title"] == [subject(an_alert())]


def test_ntfy_gets_subject_and_text(receiver: Receiver) -> None:
    chat(receiver.url("/topic", scheme="ntfy")).send(an_alert())

    said = json.loads(receiver.posts[0].body)
    assert (said["topic"], said["title"], said["message"].strip()) == (
        "topic",
        subject(an_alert()),
        text(an_alert()).strip(),
    )


def test_a_mail_server_gets_subject_and_text() -> None:
    with mailbox() as box:
        chat(a_mail_to(box)).send(an_alert("북한 ICBM 발사"))

    assert box.letters[0].mail["Subject"] == subject(an_alert("북한 ICBM 발사"))
    assert box.letters[0].part("plain").strip() == text(an_alert("북한 ICBM 발사")).strip()


@pytest.mark.parametrize("answer", ["451 later", "550 never"])
def test_a_mail_server_that_refuses_is_tried_again(answer: str) -> None:
    with mailbox() as box:
        box.answers["MAIL"] = answer

        error = refusal(chat(a_mail_to(box)))

    assert not error.permanent
    assert "E-Mail did not take the alert" in error.detail


@pytest.mark.parametrize("scheme", ["form", "json", "ntfy"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_a_refusal_that_will_not_change_is_final(receiver: Receiver, scheme: str, status: int) -> None:
    receiver.status = status

    error = refusal(chat(receiver.url("/topic", scheme=scheme)))

    assert error.permanent
    assert error.detail.startswith("chat: ")
    assert f"{status} would be the answer to the same alert again" in error.detail


@pytest.mark.parametrize("scheme", ["form", "json", "ntfy"])
@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503])
def test_a_service_that_is_busy_or_broken_is_tried_again(
    receiver: Receiver, scheme: str, status: int
) -> None:
    receiver.status, receiver.headers = status, {"Retry-After": "70"}

    error = refusal(chat(receiver.url("/topic", scheme=scheme)))

    assert not error.permanent
    assert error.retry_after == 70.0
    assert str(status) in error.detail


def test_an_error_holds_no_secret_of_the_address(receiver: Receiver) -> None:
    receiver.status = 500
    refused = refusal(chat(receiver.url("/T0KEN", scheme="json", user="alice:S3CRET@")))
    absent = refusal(chat("json://alice:S3CRET@127.0.0.1:1/T0KEN"))

    for error in (refused, absent):
        assert not error.permanent
        assert not [word for word in ("T0KEN", "S3CRET", "alice") if word in repr(error)]


@pytest.mark.parametrize("scheme", ["form", "json", "ntfy"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_that_names_the_new_address(
    receiver: Receiver, scheme: str, status: int
) -> None:
    with receiving() as elsewhere:
        receiver.status, receiver.headers = status, {"Location": elsewhere.url("/new")}

        error = refusal(chat(receiver.url("/topic", scheme=scheme)))

    assert error.permanent
    assert f"{status}; it leads to {elsewhere.url('/new')}" in error.detail
    assert elsewhere.posts == []


def test_an_address_cannot_ask_for_redirects(receiver: Receiver) -> None:
    with pytest.raises(UsageError, match="leave redirect= out"):
        chat(receiver.url("/?redirect=yes", scheme="json"))


# --- what a service takes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "discord://123456789012345678/abcdefghijklmnopqrstuvwxyz",
        "tgram://123456789:abcdefg_hijklmnop/12315544/",
        "pover://abcdefghijklmnopqrstuvwxyz1234@abcdefghijklmnopqrstuvwxyz1234",
        "twilio://AC735c307c62944b5a:e29dfbcebf390dee9@12025550100/12025550199",
        "ntfy://ntfy.example/topic",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general",
        "kodi://192.0.2.7",
        "mailto://user:word@desk.example",
    ],
)
@pytest.mark.parametrize(
    "title", ["North Korea <fires> an ICBM & *more*", "북한, 동해상으로 탄도미사일 발사 😀" * 8]
)
def test_a_long_alert_fits_its_service_and_says_what_it_is_and_where_the_rest_is(
    address: str, title: str
) -> None:
    (service,) = asked([address])
    items = tuple(an_alert(f"{title} {number}").items[0] for number in range(9))
    alert = an_alert(title, why="보고 " * 900, items=items)

    shown, body = fitted(service, alert, ())

    as_sent: str = convert_between("text", service.resolve_format("text"), body)  # type: ignore[no-untyped-call]
    assert len(as_sent) <= service.body_maxlen
    assert len(shown) <= service.title_maxlen
    assert body.replace("\\", "").startswith("[CRITICAL]")
    assert title[:5] in body
    assert f"watcher explain {alert.id}" in body.replace("\\", "")
    if service.body_max_line_count:
        assert len(body.splitlines()) <= service.body_max_line_count


@pytest.mark.parametrize("word", ["report ", "보고 ", "😀 "])
def test_a_long_alert_stays_a_message_of_ntfy_with_its_title(receiver: Receiver, word: str) -> None:
    chat(receiver.url("/topic", scheme="ntfy")).send(an_alert(why=word * 2000))

    (post,) = receiver.posts
    said = json.loads(post.body)
    assert said["title"] == subject(an_alert())
    assert len(said["message"].encode()) <= 4096
    assert "watcher explain a1" in said["message"]


def test_an_alert_that_fits_is_told_in_full(receiver: Receiver) -> None:
    (service,) = asked([receiver.url("/topic", scheme="ntfy")])

    assert fitted(service, an_alert(), ()) == (subject(an_alert()), text(an_alert()))


# --- several targets ----------------------------------------------------------------------------------------


def opened(url: str) -> list[str]:
    spec = ChannelSpec(id=ChannelId("phones"), type="apprise", urls=(url,))
    return [channel.id for channel in AppriseChannel.opened(spec, lambda: NOON)]


@pytest.mark.parametrize(
    ("url", "count"),
    [
        ("ntfy://ntfy.example/night", 1),
        ("ntfy://ntfy.example/night/day/chief", 3),
        ("ntfy://ntfy.example/night/day?retry=2", 2),
        ("mailto://user:word@desk.example?to=lee@desk.example,kim@desk.example", 2),
        ("tgram://123456789:abcdefg_hijklmnop/12315544/12315545", 2),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general/#night", 2),
        ("twilio://AC735c307c62944b5a:e29dfbcebf390dee9@12025550100/12025550199/12025550198", 2),
        ("discord://123456789012345678/abcdefghijklmnopqrstuvwxyz", 1),
        ("json://desk.example/a, ntfy://ntfy.example/night/day", 3),
        ("nosuchservice://night/day", 1),
    ],
)
def test_an_address_with_several_targets_is_several_channels(url: str, count: int) -> None:
    several = [f"phones/{number}" for number in range(1, count + 1)]

    assert opened(url) == (several if count > 1 else ["phones"])


def test_each_target_is_told_by_its_own_channel(receiver: Receiver) -> None:
    url = receiver.url("/night/day/chief", scheme="ntfy")
    spec = ChannelSpec(id=ChannelId("phones"), type="apprise", urls=(url,))

    for channel in AppriseChannel.opened(spec, lambda: NOON):
        channel.send(an_alert())

    assert [json.loads(post.body)["topic"] for post in receiver.posts] == ["night", "day", "chief"]


@pytest.mark.parametrize(
    "url", ["nosuchservice://S3CRET", "S3CRET", "discord://", "json://127.0.0.1:1/, nosuchservice://S3CRET"]
)
def test_an_address_apprise_does_not_know_is_a_permanent_error(url: str) -> None:
    error = refusal(chat(url))

    assert error.permanent
    assert "S3CRET" not in repr(error)


def test_a_service_that_hangs_is_left_and_not_piled_upon(receiver: Receiver) -> None:
    receiver.silent = True
    channel = chat(receiver.url(scheme="json"), deadline=0.2)

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
