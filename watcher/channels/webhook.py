"""Alerts in, signed HTTP POSTs out.

The body is the line of the alert log. A receiver tells doubles by `Idempotency-Key` (the alert's id) and our
posts from others' by `X-Watcher-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`.
`watcher.channels.posting` says which answers are final.
"""

import hmac
from collections.abc import Sequence
from typing import Self
from urllib.parse import quote

from watcher.channels.given import one_url, secret_of
from watcher.channels.posting import Poster
from watcher.delivery.render import alert_json
from watcher.model.alerts import Alert, ChannelId
from watcher.model.settings import ChannelSpec
from watcher.ports import Clock

_DEADLINE_MS = 10_000


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
        self._secret, self._clock = secret, clock
        self._poster = Poster(
            channel, url, "a webhook needs an address such as https://host/path", deadline_ms=deadline_ms
        )

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        """Post the alert; returning means that the receiver answered 2xx.

        Raises:
            DeliveryError: it did not; permanent when the same post would be refused again.
        """
        body = alert_json(alert, also).encode()
        now = self._clock()
        headers = [f"Idempotency-Key: {quote(alert.id, safe='/@:+.,=')}"]
        if self._secret:
            seconds = int(now.timestamp())
            headers.append(f"X-Watcher-Signature: t={seconds},v1={sign(self._secret, seconds, body)}")
        self._poster.post(body, now, headers)


def sign(secret: bytes, seconds: int, body: bytes) -> str:
    """Return the signature of a body sent at a second, as a receiver computes it."""
    return hmac.digest(secret, f"{seconds}.".encode() + body, "sha256").hex()
