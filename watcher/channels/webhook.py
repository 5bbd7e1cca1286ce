"""Alerts in, signed HTTP POSTs out.

The body is the line of the alert log. A receiver tells doubles by `Idempotency-Key` (the alert's id) and our
posts from others' by `X-Watcher-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`. A 2xx status
is the receiver's word, whatever becomes of the rest of its answer; no word, a busy receiver and a broken one
are tried again; any other answer is final. A redirect is never followed: the operator typed one address and
the alert goes there. An address may hold a password or a token in any part, so that errors name its host and
nothing else.
"""

import hmac
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http.client import responses
from typing import Self
from urllib.parse import quote, urlsplit

import pycurl

from watcher import __version__
from watcher.channels.answers import may_change, new_address, seconds
from watcher.channels.given import one_url, secret_of, unusable
from watcher.delivery.render import alert_json
from watcher.errors import DeliveryError
from watcher.model.alerts import Alert, ChannelId
from watcher.model.settings import ChannelSpec
from watcher.ports import Clock

_DEADLINE_MS = 10_000
_ANSWER_LIMIT = 64 * 1024
_NEVER_WILL = frozenset({pycurl.E_URL_MALFORMAT, pycurl.E_UNSUPPORTED_PROTOCOL})


class WebhookChannel:
    """Posts alerts to one address. `secret` signs them; empty is no signature."""

    KEYS = ("url", "url_file", "secret_file")

    @classmethod
    def opened(cls, spec: ChannelSpec, clock: Clock) -> tuple[Self]:
        """Return the one channel of a table."""
        return (cls(spec.id, one_url(spec), clock=clock, secret=secret_of(spec)),)

    def __init__(
        self,
        channel: ChannelId,
        url: str,
        *,
        clock: Clock,
        secret: bytes = b"",
        deadline_ms: int = _DEADLINE_MS,
    ) -> None:
        self.id = channel
        self._url, self._secret, self._clock, self._deadline_ms = url, secret, clock, deadline_ms
        self._where = _host_of(url)
        if not self._where:
            raise unusable(channel, "a webhook needs an address such as https://host/path")

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        """Post the alert; returning means that the receiver answered 2xx.

        Raises:
            DeliveryError: it did not; permanent when the same post would be refused again.
        """
        body = alert_json(alert, also).encode()
        now = self._clock()
        answer = self._post(body, self._headers(alert, body, int(now.timestamp())))
        if not 200 <= answer.status < 300:
            raise self._refusal(answer, now)

    def _headers(self, alert: Alert, body: bytes, seconds: int) -> list[str]:
        headers = [
            "Content-Type: application/json",
            f"Idempotency-Key: {quote(alert.id, safe='/@:+.,=')}",
            f"User-Agent: provocation-watcher/{__version__}",
            "Expect:",  # no round trip to ask whether a small body is welcome
        ]
        if self._secret:
            headers.append(f"X-Watcher-Signature: t={seconds},v1={sign(self._secret, seconds, body)}")
        return headers

    def _post(self, body: bytes, headers: list[str]) -> "_Answer":
        answer = _Answer()
        handle = pycurl.Curl()
        try:
            handle.setopt(pycurl.URL, self._url.encode())
            handle.setopt(pycurl.POSTFIELDS, body)
            handle.setopt(pycurl.HTTPHEADER, headers)
            handle.setopt(pycurl.TIMEOUT_MS, self._deadline_ms)
            handle.setopt(pycurl.NOSIGNAL, 1)
            handle.setopt(pycurl.FOLLOWLOCATION, 0)
            handle.setopt(pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS)
            handle.setopt(pycurl.PROXY, "")
            handle.setopt(pycurl.HEADERFUNCTION, answer.take_header)
            handle.setopt(pycurl.WRITEFUNCTION, answer.take_body)
            _trust_the_system(handle)
            handle.perform()
        except pycurl.error as error:
            if not 200 <= handle.getinfo(pycurl.RESPONSE_CODE) < 300:
                code, detail = error.args
                said = f"{self.id}: {self._where} did not take the alert: {detail}"
                # libcurl's error may hold the address
                raise DeliveryError(said, permanent=code in _NEVER_WILL) from None
        finally:
            answer.status = handle.getinfo(pycurl.RESPONSE_CODE)
            handle.close()
        return answer

    def _refusal(self, answer: "_Answer", now: datetime) -> DeliveryError:
        said = (
            f"{self.id}: {self._where} answered {answer.status} {responses.get(answer.status, '')}".rstrip()
        )
        if may_change(answer.status):
            return DeliveryError(f"{said}; it is tried again", retry_after=seconds(answer.retry_after, now))
        advice = "it would refuse the same alert again: check the address and the secret"
        if 300 <= answer.status < 400:
            leads = new_address(answer.location, self._url)
            advice = (
                f"it leads to {leads}: redirects are not followed, put the final address into watcher.toml"
            )
        return DeliveryError(f"{said}; {advice}", permanent=True)


def sign(secret: bytes, seconds: int, body: bytes) -> str:
    """Return the signature of a body sent at a second, as a receiver computes it."""
    return hmac.digest(secret, f"{seconds}.".encode() + body, "sha256").hex()


@dataclass(slots=True)
class _Answer:
    """What we keep of an answer: its status, when to come back, and whereto."""

    status: int = 0
    retry_after: str = ""
    location: str = ""
    taken: int = 0

    def take_header(self, line: bytes) -> None:
        name, _, value = line.decode("latin-1").partition(":")
        if name.strip().lower() == "retry-after":
            self.retry_after = value.strip()[:64]
        if name.strip().lower() == "location":
            self.location = value.strip()

    def take_body(self, chunk: bytes) -> int:
        self.taken += len(chunk)
        return len(chunk) if self.taken <= _ANSWER_LIMIT else 0


def _host_of(url: str) -> str:
    """Return scheme, host and port of an http address, or an empty string."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return ""
    usable = parts.scheme in {"http", "https"} and parts.hostname
    return f"{parts.scheme}://{parts.hostname}{port}" if usable else ""


def _trust_the_system(handle: pycurl.Curl) -> None:
    """Use the certificates of this machine: the bundled libcurl looks where its builder kept them."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile:
        handle.setopt(pycurl.CAINFO, paths.cafile)
    if paths.capath:
        handle.setopt(pycurl.CAPATH, paths.capath)
