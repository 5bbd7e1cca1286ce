"""A WebSub hub on 127.0.0.1: it takes subscriptions, verifies them, and announces news."""

import hmac
import http.client
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlencode, urlsplit


@dataclass(frozen=True, slots=True)
class Asked:
    """What a subscriber asked for, as it arrived."""

    form: dict[str, str]
    content_type: str

    def __getitem__(self, name: str) -> str:
        return self.form[f"hub.{name}"]


class LoopbackHub:
    """Calls back at a port of this machine, whatever host the callback names: there is no reverse proxy here.

    `refuses` answers subscriptions with 403; `asks` says whether it asks if they were meant, as soon as it
    has taken one.
    """

    def __init__(self, callback_port: int) -> None:
        self.callback_port = callback_port
        self.refuses, self.asks = False, True
        self.asked: list[Asked] = []
        self.confirmed: list[str] = []
        """Topics whose subscriber meant it."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.hub = self  # type: ignore[attr-defined]
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hub"

    def verify(self, asked: Asked, mode: str = "subscribe", **other: str) -> tuple[int, str]:
        """Ask whether a subscription was meant; return what is answered."""
        said = {
            "mode": mode,
            "topic": asked["topic"],
            "challenge": f"c-{len(self.asked)}",
            "lease_seconds": asked["lease_seconds"],
        } | other
        path = urlsplit(asked["callback"]).path
        status, body = self._call(
            "GET", f"{path}?{urlencode({f'hub.{name}': value for name, value in said.items()})}", asked
        )
        if status == 200 and body == said["challenge"]:
            self.confirmed.append(said["topic"])
        return status, body

    def publish(
        self, asked: Asked, body: bytes = b"<rss/>", *, signature: str | None = None, path: str = ""
    ) -> int:
        """Call a subscriber; return the status of its answer."""
        signed = (
            f"sha256={hmac.digest(asked['secret'].encode(), body, 'sha256').hex()}"
            if signature is None
            else signature
        )
        headers = {"Content-Type": "application/rss+xml"} | ({"X-Hub-Signature": signed} if signed else {})
        return self._call("POST", path or urlsplit(asked["callback"]).path, asked, body, headers)[0]

    def take(self, asked: Asked) -> int:
        """Take a subscription, or refuse it."""
        self.asked.append(asked)
        if self.refuses:
            return 403
        if self.asks:
            Thread(target=self.verify, args=(asked,), daemon=True).start()
        return 202

    def _call(
        self,
        method: str,
        target: str,
        asked: Asked,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, str]:
        host = {"Host": urlsplit(asked["callback"]).netloc}
        with closing(http.client.HTTPConnection("127.0.0.1", self.callback_port, timeout=10)) as connection:
            connection.request(method, target, body, host | (headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        self.send_response(self.server.hub.take(Asked(form, self.headers["Content-Type"])))  # type: ignore[attr-defined]
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Say nothing."""
