"""A network of its own in, what was dialled in it out, as JSON: `unshare -rnm python -m tests.fetch.decoys`.

In a fresh network namespace every IPv4 and IPv6 address is routed to this machine, so that whatever is
dialled is reached and counted: nothing is refused for want of a route. A few public addresses are a news site
that redirects; the name server answers with whatever a test wants, and with something else the second time it
is asked. All that is not the news site is a decoy.
"""

import json
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from watcher.errors import FetchError
from watcher.fetch.curl import CurlFetcher
from watcher.fetch.limits import Limits
from watcher.model.news import Feed, FeedId
from watcher.model.polling import Request

SITE, SITE_6 = "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
BODY = b"<rss version='2.0'><channel><title>Wire</title></channel></rss>"
DECOYS = ("10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::1", "64:ff9b::a00:1", "2002:7f00:1::1")
LIMITS = Limits(timeout=2, connect_timeout=1)

LITERALS = (
    *(
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "0x7f.0x0.0x0.0x1",
        "127.0.0.1.",
    ),
    *(
        "0.0.0.0",
        "0",
        "0x0",
        "10.0.0.1",
        "167772161",
        "012.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "0xc0a80101",
        "100.64.0.1",
    ),
    *(
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "198.18.0.1",
        "192.0.0.8",
        "224.0.0.1",
        "255.255.255.255",
    ),
    *(
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[fe80::1]",
        "[fe80::1%25lo]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[ff02::1]",
    ),
    *(
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[::127.0.0.1]",
        "[::ffff:0:127.0.0.1]",
    ),
    *("[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b::10.0.0.1]", "[64:ff9b:1::10.0.0.1]"),
    *(
        "[2002:7f00:1::1]",
        "[2002:a9fe:a9fe::1]",
        "[2002:0a00:0001::]",
        "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
        "[2001:db8::1]",
    ),
    *(
        "localhost",
        "LOCALHOST",
        "localhost.",
        "ｌｏｃａｌｈｏｓｔ",
        "１２７.0.0.1",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "user:pw@127.0.0.1",
    ),
    *(f"{SITE}@127.0.0.1", f"{SITE}%40127.0.0.1", "127.0.0.1%00.site.example", "127.0.0.1%2f.site.example"),
)
NAMES: dict[str, tuple[tuple[str, ...], ...]] = {
    "site.example": ((SITE,),),
    "private.example": (("10.0.0.1",),),
    "metadata.example": (("169.254.169.254",),),
    "six.example": (("fd00::1",),),
    "mapped.example": (("::ffff:127.0.0.1",),),
    "nat64.example": (("64:ff9b::a00:1",),),
    "both.example": ((SITE, "127.0.0.1", "10.0.0.1"),),
    "mixed.example": (("::1", SITE),),
    "rebinding.example": ((SITE,), ("127.0.0.1",)),
    "flipping.example": (("10.0.0.1",), (SITE,), ("10.0.0.1",)),
}
"""Names and what they mean: each time they are asked for the next answer, the last one for ever."""


@dataclass(slots=True)
class World:
    """What is reached in the namespace, and what the fetcher said of it."""

    reached: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    answers: dict[str, str] = field(default_factory=dict)

    def serve(self) -> None:
        """Take connections on every address: the site redirects `/to/PLACE`, and all else is published."""
        for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            for port in (80, 443, 8080):
                listener = socket.create_server((host, port), family=family, backlog=200)
                Thread(target=self._accept, args=(listener,), daemon=True).start()
        resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        resolver.bind(("127.0.0.53", 53))
        Thread(target=self._resolve, args=(resolver,), daemon=True).start()

    def dial(self, host: str) -> None:
        """Reach a decoy on purpose: what counts connections is tested too."""
        with socket.create_connection((host, 80), 2) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            connection.recv(100)

    def fetch(self, url: str, times: int = 1) -> None:
        """Fetch an address, also with one fetcher several times in a row."""
        fetcher = CurlFetcher(LIMITS)
        for turn in range(times):
            [(_, answer)] = fetcher.fetch([Request(feed=Feed(id=FeedId("f"), url=url, owner="f"))])
            self.answers[f"{url} {turn}"] = answer.cause if isinstance(answer, FetchError) else "fetched"

    def _accept(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            self.reached[connection.getsockname()[0]] += 1
            Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection:
            path = (connection.recv(8192).split(b" ")[1:2] or [b"/"])[0]
            if path.startswith(b"/to/"):
                place = bytes.fromhex(path.removeprefix(b"/to/").partition(b"?")[0].decode())
                connection.sendall(
                    b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: http://"
                    + place
                    + b"/f\r\n\r\n"
                )
            else:
                connection.sendall(
                    b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s"
                    % (len(BODY), BODY)
                )

    def _resolve(self, resolver: socket.socket) -> None:
        while True:
            question, client = resolver.recvfrom(512)
            name, end = _name(question)
            kind = int.from_bytes(question[end : end + 2], "big")
            answers = NAMES.get(name, ((),))
            chosen = answers[min(self.asked[f"{name} {kind}"], len(answers) - 1)]
            self.asked[f"{name} {kind}"] += 1
            records = [record for address in chosen if (record := _record(address, kind))]
            head = question[:2] + b"\x81\x80\x00\x01" + len(records).to_bytes(2, "big") + bytes(4)
            resolver.sendto(head + question[12 : end + 4] + b"".join(records), client)


def main() -> None:
    """Try every way to a decoy, from the outside and by redirect, and print what was reached."""
    for command in (
        "ip link set lo up",
        "ip route add local 0.0.0.0/0 dev lo",
        "ip -6 route add local ::/0 dev lo",
    ):
        subprocess.run(command.split(), check=True)
    with TemporaryDirectory() as folder:
        resolver = Path(folder) / "resolv.conf"
        resolver.write_text("nameserver 127.0.0.53\noptions timeout:1 attempts:1\n", encoding="utf-8")
        subprocess.run(["mount", "--bind", str(resolver), "/etc/resolv.conf"], check=True)
    world = World()
    world.serve()
    for host in DECOYS:
        world.dial(host)
    control = dict(world.reached)
    world.reached.clear()
    for url, times in _ways():
        world.fetch(url, times)
    json.dump(
        {"control": control, "reached": world.reached, "asked": world.asked, "answers": world.answers},
        sys.stdout,
    )


def _ways() -> Iterator[tuple[str, int]]:
    yield f"http://{SITE}/f", 1
    yield f"http://[{SITE_6}]/f", 1
    for place in (*LITERALS, *NAMES, f"{SITE}:80@10.0.0.1:8080", "10.0.0.1:8080", "[::1]:443"):
        yield f"http://{place}/f", 3
        yield f"http://site.example/to/{place.encode().hex()}", 1
        yield f"http://[{SITE_6}]/to/{place.encode().hex()}", 1
    hop = f"site.example/to/{b'127.0.0.1'.hex()}?"
    yield f"http://site.example/to/{hop.encode().hex()}", 1


def _name(question: bytes) -> tuple[str, int]:
    labels, at = [], 12
    while size := question[at]:
        labels.append(question[at + 1 : at + 1 + size].decode("latin-1").lower())
        at += 1 + size
    return ".".join(labels), at + 1


def _record(address: str, kind: int) -> bytes:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    if kind != (28 if family is socket.AF_INET6 else 1):
        return b""
    packed = socket.inet_pton(family, address)
    return (
        b"\xc0\x0c"
        + kind.to_bytes(2, "big")
        + b"\x00\x01"
        + bytes(4)
        + len(packed).to_bytes(2, "big")
        + packed
    )


if __name__ == "__main__":
    main()
