"""A number of feeds in, a loopback server of them out, in a process of its own so that its cost is not ours.

`python -m benchmarks.server FEEDS ITEMS [burst]` prints its address. `/N/any.xml` is feed N. What is asked of
`/-/WHAT` changes what it serves: `tenth` puts one more item on top of a tenth of the feeds, `plain` leaves
out ETags and answers in full, `tagged` ends that.
"""

import asyncio
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b

from benchmarks.news import feed_document


class _Feeds:
    """The documents as they are now, each with its ETag."""

    def __init__(self, count: int, items: int, *, burst: bool) -> None:
        self._burst, self._items = burst, items
        self._newest = dict.fromkeys(range(count), 30)
        self._tagged = True
        self._documents = {number: self._made(number) for number in range(count)}

    def answer(self, path: str, tag: str) -> bytes:
        """Return the whole answer to a request for a path by who has a document with this tag."""
        first = path.split("/")[1]
        if first == "-":
            self._change(path.rpartition("/")[2])
            return b"HTTP/1.1 204 No Content\r\n\r\n"
        body, own = self._documents[int(first)]
        if self._tagged and tag == own:
            return f"HTTP/1.1 304 Not Modified\r\nETag: {own}\r\n\r\n".encode()
        line = f"ETag: {own}\r\n" if self._tagged else ""
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n{line}Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def _made(self, number: int) -> tuple[bytes, str]:
        body = feed_document(number, items=self._items, newest=self._newest[number], burst=self._burst)
        return body, f'"{blake2b(body, digest_size=8).hexdigest()}"'

    def _change(self, what: str) -> None:
        if what == "tenth":
            for number in range(0, len(self._documents), 10):
                self._newest[number] += 1
                self._documents[number] = self._made(number)
        else:
            self._tagged = what == "tagged"


class _Connection(asyncio.Protocol):
    def __init__(self, feeds: _Feeds) -> None:
        self._feeds, self._read = feeds, b""
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read and self._transport:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            first, *lines = head.decode("latin-1").split("\r\n")
            tags = (line for line in lines if line.lower().startswith("if-none-match:"))
            tag = next(tags, ":").partition(":")[2].strip()
            self._transport.write(self._feeds.answer(first.split(" ")[1], tag))


async def _serve(feeds: _Feeds) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Connection(feeds), "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    print(f"http://{host}:{port}", flush=True)
    await server.serve_forever()


@contextmanager
def serving(feeds: int, *, items: int = 30, burst: bool = False) -> Iterator[str]:
    """Run a server of so many feeds of so many items; give its address."""
    more = ["burst"] if burst else []
    command = [sys.executable, "-m", "benchmarks.server", str(feeds), str(items), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - ourselves
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def change(server: str, what: str) -> None:
    """Change what a server serves: `tenth`, `plain` or `tagged`."""
    with urllib.request.urlopen(f"{server}/-/{what}", timeout=60):  # noqa: S310 - our own server
        pass


if __name__ == "__main__":
    asyncio.run(_serve(_Feeds(int(sys.argv[1]), int(sys.argv[2]), burst="burst" in sys.argv)))
