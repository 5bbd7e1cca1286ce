"""A webhook gets every alert, signed, and is told apart from one that refuses."""

import hashlib
import hmac
import json
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime

import pytest

from tests.builders import NOON, an_alert
from tests.channels.receiver import Receiver, receiving
from watcher.channels.webhook import WebhookChannel
from watcher.delivery.render import alert_json
from watcher.errors import DeliveryError, UsageError
from watcher.model.alerts import ChannelId

DESK = ChannelId("desk")
SECRET = b"keep me"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def a_webhook(url: str, *, secret: bytes = SECRET, deadline_ms: int = 5000) -> WebhookChannel:
    return WebhookChannel(DESK, url, clock=lambda: NOON, secret=secret, deadline_ms=deadline_ms)


def refusal(url: str, *, deadline_ms: int = 5000) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        a_webhook(url, deadline_ms=deadline_ms).send(an_alert())
    return caught.value


def test_a_receiver_gets_the_line_of_the_alert_log_under_the_alerts_key(receiver: Receiver) -> None:
    alert = an_alert("북한, 화성-19형 시험발사", alert_id="ab12")

    a_webhook(receiver.url("/hook?team=desk")).send(alert)

    (post,) = receiver.posts
    assert post.body.decode() == alert_json(alert)
    assert json.loads(post.body)["title"] == "북한, 화성-19형 시험발사"
    assert post.path == "/hook?team=desk"
    assert post.headers["Content-Type"] == "application/json"
    assert post.headers["Idempotency-Key"] == "ab12"
    assert post.headers["User-Agent"].startswith("provocation-watcher/")


def test_a_receiver_can_check_the_signature_with_the_shared_secret(receiver: Receiver) -> None:
    a_webhook(receiver.url()).send(an_alert())

    (post,) = receiver.posts
    seconds = int(NOON.timestamp())
    expected = hmac.new(SECRET, f"{seconds}.".encode() + post.body, hashlib.sha256).hexdigest()
    assert post.headers["X-Watcher-Signature"] == f"t={seconds},v1={expected}"


def test_a_channel_without_a_secret_signs_nothing(receiver: Receiver) -> None:
    a_webhook(receiver.url(), secret=b"").send(an_alert())

    assert "X-Watcher-Signature" not in receiver.posts[0].headers


def test_an_alert_sent_again_has_the_same_key_and_body(receiver: Receiver) -> None:
    hook = a_webhook(receiver.url())

    hook.send(an_alert())
    hook.send(an_alert())

    first, second = receiver.posts
    assert (first.body, first.headers["Idempotency-Key"]) == (second.body, second.headers["Idempotency-Key"])


def test_an_id_with_a_line_break_adds_no_header(receiver: Receiver) -> None:
    a_webhook(receiver.url()).send(an_alert(alert_id="a\r\nX-Evil: 1"))

    assert "X-Evil" not in receiver.posts[0].headers


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 599])
def test_a_busy_or_broken_receiver_is_tried_again(receiver: Receiver, status: int) -> None:
    receiver.status = status

    error = refusal(receiver.url())

    assert not error.permanent
    assert str(status) in error.detail


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 422, 451])
def test_a_refusal_is_final_and_says_what_to_check(receiver: Receiver, status: int) -> None:
    receiver.status = status

    error = refusal(receiver.url())

    assert error.permanent
    assert f"answered {status}" in error.detail
    assert "check the address" in error.detail


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_never_followed(receiver: Receiver, status: int) -> None:
    with receiving() as elsewhere:
        receiver.status, receiver.headers = status, {"Location": elsewhere.url()}

        error = refusal(receiver.url())

    assert error.permanent
    assert f"leads to {elsewhere.url().rpartition('/')[0]}" in error.detail
    assert "redirects are not followed" in error.detail
    assert elsewhere.posts == []


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("7", 7.0),
        ("999999999", 86_400.0),
        (format_datetime(NOON + timedelta(minutes=2), usegmt=True), 120.0),
        (format_datetime(NOON - timedelta(minutes=2), usegmt=True), 0.0),
        ("soon", None),
        ("-3", None),
        ("Sat, 10 Oct 2026 12:00:00 -0000", None),
    ],
)
def test_retry_after_is_understood_as_seconds_or_a_date(
    receiver: Receiver, said: str, understood: float | None
) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": said}

    assert refusal(receiver.url()).retry_after == understood


def test_an_endless_answer_is_not_read_to_its_end(receiver: Receiver) -> None:
    receiver.endless = True

    a_webhook(receiver.url()).send(an_alert())

    assert len(receiver.posts) == 1


def test_a_receiver_that_never_answers_is_left_at_the_deadline(receiver: Receiver) -> None:
    receiver.silent = True

    error = refusal(receiver.url(), deadline_ms=200)

    assert not error.permanent
    assert "timed out" in error.detail


def test_a_receiver_that_is_not_there_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]

    error = refusal(f"http://127.0.0.1:{port}/hook")

    assert not error.permanent
    assert f"http://127.0.0.1:{port}" in error.detail


def test_an_error_holds_no_secret_of_the_address(receiver: Receiver) -> None:
    receiver.status = 503
    address = receiver.url("/hook/T0KEN?key=T0KEN2", user="alice:S3CRET@")

    errors = [refusal(address)]
    receiver.status = 404
    errors.append(refusal(address))
    receiver.silent = True
    errors.append(refusal(address, deadline_ms=100))

    for error in errors:
        assert not [word for word in ("T0KEN", "S3CRET", "alice", "keep me") if word in repr(error)]
        assert error.__cause__ is None
    assert receiver.posts[0].headers["Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    "url",
    ["ftp://host/x", "file:///etc/passwd", "host/path", "http://", "http://[::bad", "http://host:port/", ""],
)
def test_only_an_http_address_makes_a_webhook(url: str) -> None:
    with pytest.raises(UsageError, match="channel desk: a webhook needs an address"):
        a_webhook(url)
