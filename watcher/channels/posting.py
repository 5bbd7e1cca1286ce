"""A body in, an HTTP POST of it out; returning means that the receiver took it.

A 2xx status is the receiver's word, whatever becomes of the rest of its answer; no word, a busy receiver and
a broken one are tried again; any other answer is final. A redirect is never followed: the operator typed one
address and the alert goes there. An address may hold a password or a token in any part, so that errors name
its host and nothing else.
"""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http.client import responses
from urllib.parse import urlsplit

import pycurl

from watcher import __version__
from watcher.channels.answers import may_change, new_address, seconds
from watcher.channels.given import unusable
from watcher.errors import DeliveryError
from watcher.model.alerts import ChannelId

_DEADLINE_MS = 10_000
_ANSWER_LIMIT = 64 * 1024
_NEVER_WILL = frozenset({pycurl.E_URL_MALFORMAT, pycurl.E_UNSUPPORTED_PROTOCOL})


class Poster:
    """Posts JSON to the one address of a channel; `needs` says what it needs, for who typed none.

    Raises:
        UsageError: the address is none of http or https.
    """

    def __init__(self, channel: ChannelId, url: str, needs: str, *, deadline_ms: int = _DEADLINE_MS) -> None:
        self._channel, self._url, self._deadline_ms = channel, url, deadline_ms
        self._where = _host_of(url)
        if not self._where:
            raise unusable(channel, needs)

    def post(self, body: bytes, now: datetime, headers: Sequence[str] = ()) -> None:
        """Post a body.

        Raises:
            DeliveryError: it was not taken; permanent when the same post would be refused again.
        """
        sent = [
            "Content-Type: application/json",
            f"User-Agent: provocation-watcher/{__version__}",
            "Expect:",  # no round trip to ask whether a small body is welcome
            *headers,
        ]
        answer = self._answer(body, sent)
        if not 200 <= answer.status < 300:
            raise self._refusal(answer, now)

    def _answer(self, body: bytes, headers: list[str]) -> "_Answer":
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
                said = f"{self._channel}: {self._where} did not take the alert: {detail}"
                # libcurl's error may hold the address
                raise DeliveryError(said, permanent=code in _NEVER_WILL) from None
        finally:
            answer.status = handle.getinfo(pycurl.RESPONSE_CODE)
            handle.close()
        return answer

    def _refusal(self, answer: "_Answer", now: datetime) -> DeliveryError:
        word = responses.get(answer.status, "")
        said = f"{self._channel}: {self._where} answered {answer.status} {word}".rstrip()
        if may_change(answer.status):
            return DeliveryError(f"{said}; it is tried again", retry_after=seconds(answer.retry_after, now))
        advice = "it would refuse the same alert again: check the address and the secret"
        if 300 <= answer.status < 400:
            leads = new_address(answer.location, self._url)
            advice = (
                f"it leads to {leads}: redirects are not followed, put the final address into watcher.toml"
            )
        return DeliveryError(f"{said}; {advice}", permanent=True)


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
