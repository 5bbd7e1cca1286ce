"""A small HTTP server on 127.0.0.1 that answers what it was told to, well-formed or not."""

import os
import socket
import socketserver
import struct
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count, islice
from threading import Event, Thread
from types import TracebackType
from typing import Self

_PHRASES = {200: "OK", 304: "Not Modified"}


_FIRST, _PORTS = 20_000, 12_000
_NEXT = count(os.getpid() * 100)


def free_port() -> int:
    """Return a port that nobody listens at, for a program that has to be told one; never the same twice.

    It is none of those that Linux hands out by itself: between this call and the program's start it would be
    given to another test that runs at the same time, for a server or for the near end of a connection.
    """
    for number in islice(_NEXT, _PORTS):
        with suppress(OSError), socket.create_server(("127.0.0.1", _FIRST + number % _PORTS)) as taken:
            return int(taken.getsockname()[1])
    raise OSError("no port is free")


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived; header names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(slots=True)
class _Route:
    raw: tuple[bytes, ...] = ()
    close: bool = True
    hold: bool = False
    reset: bool = False
    stream: Callable[[], Iterable[bytes]] | None = None
    every: float = 0.0
    etag: str = ""
    then: bytes = field(default=b"")


class LoopbackServer:
    """`with LoopbackServer() as server: server.serve("/feed.xml", body)`.

    `requests` is what came in. `held` is set once a path of `hold` was asked for; `let_go` ends the wait.
    """

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._host = host
        self.requests: list[Seen] = []
        self.connections = 0
        self.held, self.let_go = Event(), Event()
        self._routes: dict[str, _Route] = {}
        self._server = _Server((host, 0), _Handler)
        self._server.loopback = self
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, path: str, host: str = "") -> str:
        return f"http://{host or self._host}:{self.port}{path}"

    def serve(
        self, path: str, body: bytes = b"", *, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> str:
        """Answer a path; with an ETag among the headers, 304 to whoever names it. Returns the address."""
        given = dict(headers or {})
        if status != 304:
            given.setdefault("Content-Length", str(len(body)))
        lines = [
            f"HTTP/1.1 {status} {_PHRASES.get(status, 'Status')}",
            *(f"{name}: {value}" for name, value in given.items()),
        ]
        raw = "\r\n".join([*lines, "", ""]).encode("latin-1") + body
        self._routes[path] = _Route(raw=(raw,), close=False, etag=given.get("ETag", ""))
        return self.url(path)

    def redirect(self, path: str, to: str, status: int = 302) -> str:
        """Send a path somewhere else."""
        return self.serve(path, status=status, headers={"Location": to})

    def raw(self, path: str, *answers: bytes) -> str:
        """Answer with these very bytes, then close; several are given in turn, the last one for ever."""
        self._routes[path] = _Route(raw=answers)
        return self.url(path)

    def hold(self, path: str, first: bytes = b"", then: bytes = b"") -> str:
        """Send `first`, wait for `let_go`, send `then` and close."""
        self._routes[path] = _Route(raw=(first,), hold=True, then=then)
        return self.url(path)

    def reset(self, path: str, first: bytes = b"") -> str:
        """Send `first`, then break the connection off."""
        self._routes[path] = _Route(raw=(first,), reset=True)
        return self.url(path)

    def stream(self, path: str, parts: Callable[[], Iterable[bytes]], every: float = 0.0) -> str:
        """Send parts, so many seconds apart, while there are any and the client listens, then close."""
        self._routes[path] = _Route(stream=parts, every=every)
        return self.url(path)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, connection: socket.socket, seen: Seen) -> bool:
        """Send what a path was told to; says whether the connection stays open."""
        self.requests.append(seen)
        route = self._routes.get(seen.path.partition("?")[0])
        if route is None:
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return True
        if route.etag and seen.headers.get("if-none-match") == route.etag:
            connection.sendall(f"HTTP/1.1 304 Not Modified\r\nETag: {route.etag}\r\n\r\n".encode())
            return True
        if route.stream:
            self._stream(connection, route.stream(), route.every)
        if route.raw:
            connection.sendall(route.raw[0])
        if len(route.raw) > 1:
            route.raw = route.raw[1:]
        if route.hold:
            self.held.set()
            self.let_go.wait()
            connection.sendall(route.then)
        if route.reset:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(connection.detach())  # a close would wait for the stream that reads of it
        return not route.close

    def _stream(self, connection: socket.socket, parts: Iterable[bytes], every: float) -> None:
        for part in parts:
            connection.sendall(part)
            if self.let_go.wait(every):
                return


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    loopback: LoopbackServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is normal here."""


class _Handler(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.server.loopback.connections += 1
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = self.request.makefile("rb")
        while (seen := _read(stream)) and self.server.loopback.answer(self.request, seen):
            pass
        self.request.shutdown(socket.SHUT_WR)


def _read(stream: "socket.SocketIO") -> Seen | None:
    words = stream.readline().decode("latin-1").split()
    if len(words) < 2:
        return None
    headers = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    body = stream.read(int(headers.get("content-length", 0))) or b""
    return Seen(words[0], words[1], headers, body)
