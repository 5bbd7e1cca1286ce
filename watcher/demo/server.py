"""A story and a clock in, its feeds over local HTTP out, with ETags, 304s and the failures of the story."""

from dataclasses import dataclass
from hashlib import blake2b
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self

from watcher.demo.edition import CONTENT_TYPES, edition
from watcher.demo.story import Story
from watcher.model.news import FeedId
from watcher.ports import Clock

HOST = "127.0.0.1"

_PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>Back soon</title></head>"
    b"<body><h1>We are moving house</h1></body></html>\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What the server says to one request."""

    status: HTTPStatus
    body: bytes = b""
    content_type: str = ""
    etag: str = ""


class FeedServer:
    """`with FeedServer(story, clock) as server: server.url(outlet)`."""

    def __init__(self, story: Story, clock: Clock) -> None:
        self._outlets = {f"/{outlet.id}": outlet for outlet in story.outlets}
        self._story, self._clock = story, clock
        self._server = _Server((HOST, 0), _Handler)
        self._server.feeds = self
        self._thread = Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="demo-feeds", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, outlet: FeedId) -> str:
        """Return the address of an outlet's feed."""
        return f"http://{HOST}:{self._server.server_port}/{outlet}"

    def answer(self, path: str, known_etag: str | None) -> Served:
        """Say what a request is told at this moment of the story."""
        outlet, now = self._outlets.get(path), self._clock()
        if outlet is None:
            return Served(status=HTTPStatus.NOT_FOUND)
        if trouble := self._story.trouble(outlet.id, now):
            return Served(status=HTTPStatus.GONE) if trouble.answer == "gone" else _page()
        body = edition(outlet, self._story.published(outlet.id, now))
        etag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
        if known_etag == etag:
            return Served(status=HTTPStatus.NOT_MODIFIED, etag=etag)
        return Served(status=HTTPStatus.OK, body=body, content_type=CONTENT_TYPES[outlet.format], etag=etag)


def _page() -> Served:
    return Served(status=HTTPStatus.OK, body=_PAGE, content_type="text/html")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    feeds: FeedServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is normal here."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    wbufsize = (
        -1
    )  # head and body in one packet; otherwise each answer waits for the client to acknowledge its head

    def do_GET(self) -> None:
        served = self.server.feeds.answer(self.path, self.headers.get("If-None-Match"))
        self.send_response(served.status)
        if served.etag:
            self.send_header("ETag", served.etag)
        if served.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", served.content_type or "text/plain")
            self.send_header("Content-Length", str(len(served.body)))
        self.end_headers()
        self.wfile.write(served.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
        """Say nothing: the service's own log says all there is to say."""
