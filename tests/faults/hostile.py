"""Feeds that do what no feed should: each with how it answers, and what must come of it.

`ITEMS`: what it says of an ICBM is alerted. `ERROR`: it is an error of this feed, which is not to be taken
for a quiet one. `EITHER`: one of the two, and nothing worse.
"""

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import repeat
from typing import NamedTuple

from tests.builders import rss
from tests.loopback import LoopbackServer
from tests.workspace import news

ITEMS, ERROR, EITHER = "items", "error", "either"
TITLE = "ICBM seen by a hostile feed"
GOOD = news(TITLE)
CANARY = "CANARY"
"""Stands in an answer for the address of a server that nobody may reach."""

MIB = 1 << 20


class Hostile(NamedTuple):
    """A feed: its setup at a path of a server, given the canary's address, and the expected outcome."""

    outcome: str
    answer: Callable[[LoopbackServer, str], str]
    times: int = 1
    """How often it is polled."""


def http(body: bytes = GOOD, *lines: str, status: str = "200 OK", length: bool = True) -> bytes:
    """Return an answer as it goes over the wire."""
    own = [f"Content-Length: {len(body)}"] if length else []
    return "\r\n".join([f"HTTP/1.1 {status}", *own, *lines, "", ""]).encode("latin-1", "replace") + body


def sends(outcome: str, *answers: bytes, times: int = 1) -> Hostile:
    """Answer with these very bytes."""
    return Hostile(outcome, lambda server, _: server.raw("/f", *answers), times)


def says(outcome: str, document: str | bytes, *lines: str, times: int = 1) -> Hostile:
    """Answer with a document."""
    body = document if isinstance(document, bytes) else document.encode()
    return Hostile(
        outcome,
        lambda server, canary: server.raw("/f", http(body.replace(CANARY.encode(), canary.encode()), *lines)),
        times,
    )


def streams(outcome: str, parts: Callable[[], Iterable[bytes]], every: float = 0.0) -> Hostile:
    """Answer part after part."""
    return Hostile(outcome, lambda server, _: server.stream("/f", parts, every))


def waits(outcome: str, first: bytes = b"") -> Hostile:
    """Answer a little, then nothing for ever."""
    return Hostile(outcome, lambda server, _: server.hold("/f", first))


def breaks_off(outcome: str, first: bytes = b"") -> Hostile:
    """Answer a little, then reset the connection."""
    return Hostile(outcome, lambda server, _: server.reset("/f", first))


def leads(outcome: str, *places: str, status: int = 302) -> Hostile:
    """Redirect from place to place; `/f` is this one itself."""

    def answer(server: LoopbackServer, canary: str) -> str:
        for number, place in enumerate(places):
            server.redirect(f"/f{number or ''}", place.replace(CANARY, canary), status)
        server.serve("/good", GOOD)
        return server.url("/f")

    return Hostile(outcome, answer)


def single(raw: bytes) -> Iterator[bytes]:
    return (raw[at : at + 1] for at in range(len(raw)))


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


def endless(first: bytes, part: bytes) -> Iterator[bytes]:
    yield first
    yield from repeat(part, 512 * MIB // len(part))


def bomb(packed: Callable[[bytes], bytes], size: int = 64 * MIB) -> bytes:
    return packed(b"<rss><channel>" + bytes(size))


def deflated(body: bytes) -> bytes:
    return zlib.compress(body, 9)


def entities(levels: int) -> str:
    """Return a feed whose title would be as long as ten to the power of `levels`."""
    nested = "".join(f'<!ENTITY e{level} "{f"&e{level - 1};" * 10}">' for level in range(1, levels))
    return rss(
        f"<title>{TITLE} &e{levels - 1};</title>", declaration=f'<!DOCTYPE rss [<!ENTITY e0 "ICBM">{nested}]>'
    )


CHUNKS = http(b"", "Transfer-Encoding: chunked", length=False)
HALF = GOOD[: GOOD.index(b"<item>") + 20]

TIME = {
    "body drips": streams(
        ERROR, lambda: [http(b"", f"Content-Length: {len(GOOD)}", length=False), *single(GOOD)], every=0.2
    ),
    "headers drip": streams(ERROR, lambda: single(http()), every=0.2),
    "says nothing": waits(ERROR),
    "stops after half": waits(ERROR, http(HALF, f"Content-Length: {len(GOOD)}", length=False)),
    "redirects and then says nothing": Hostile(
        ERROR,
        lambda server, _: (server.hold("/mute"), server.redirect("/f", "/mute"))[
            1
        ],  # each hop counts against one deadline
    ),
    "is slow and whole": streams(ITEMS, lambda: [http()[:60], http()[60:]], every=0.3),
}

SIZE = {
    "never ends": streams(ERROR, lambda: endless(CHUNKS, chunked(b"x" * 65536))),
    "never ends its items": streams(
        ERROR,
        lambda: endless(
            CHUNKS + chunked(b"<rss><channel>"), chunked(rss(f"<title>{TITLE}</title>").encode() * 999)
        ),
    ),
    "never ends its headers": streams(
        ERROR, lambda: endless(b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 1000 + b"\r\n")
    ),
    "one header of a megabyte": sends(EITHER, http(GOOD, "X-Long: " + "x" * MIB)),
    "a length of ten terabytes": sends(ERROR, http(GOOD, "Content-Length: 10000000000000", length=False)),
    "gzip bomb": streams(ERROR, lambda: [http(bomb(gzip.compress), "Content-Encoding: gzip")]),
    "deflate bomb": streams(ERROR, lambda: [http(bomb(deflated), "Content-Encoding: deflate")]),
    "gzip bomb in gzip": streams(
        ERROR, lambda: [http(gzip.compress(bomb(gzip.compress)), "Content-Encoding: gzip, gzip")]
    ),
    "honest gzip": sends(ITEMS, http(gzip.compress(GOOD), "Content-Encoding: gzip")),
    "gzip that is none": sends(EITHER, http(GOOD, "Content-Encoding: gzip")),
    "half a gzip": sends(ERROR, http(gzip.compress(GOOD)[:-12], "Content-Encoding: gzip")),
    "gzip unannounced": sends(EITHER, http(gzip.compress(GOOD), "Content-Type: application/gzip")),
    "an encoding nobody knows": sends(ERROR, http(GOOD, "Content-Encoding: x-snake-oil")),
}

REDIRECTS = {
    "leads to itself": leads(ERROR, "/f"),
    "leads in a circle": leads(ERROR, "/f1", "/f"),
    "leads on and on": leads(ERROR, *(f"/f{number}" for number in range(1, 20)), "/good"),
    "leads once": leads(ITEMS, "/good", status=301),
    "leads nowhere": sends(ERROR, http(b"", status="302 Found")),
    "leads to no address": leads(ERROR, "http://[::bad"),
    "leads to a private server": leads(ERROR, CANARY),
    "leads to a private server by hops": leads(ERROR, "/f1", "/f2", CANARY),
    "leads to a file": leads(ERROR, "file:///etc/hostname"),
    "leads to ftp": leads(ERROR, "ftp://127.0.0.2/"),
    "leads to a script": leads(ERROR, "javascript:alert(1)"),
    "refreshes to a private server": says(
        ERROR, f'<html><head><meta http-equiv="refresh" content="0; url={CANARY}"></head></html>'
    ),
    "is the name of a file": says(ERROR, "/etc/hostname"),
    "is an address": says(ERROR, CANARY),
    "has links to a private server": says(
        ITEMS,
        rss(
            f"<title>{TITLE}</title><link>{CANARY}</link><comments>{CANARY}</comments>"
            f"<enclosure url='{CANARY}'/>"
        ),
    ),
    "has entities at a private server": says(
        EITHER,
        rss(
            f"<title>{TITLE} &x;</title>",
            declaration=f'<!DOCTYPE rss SYSTEM "{CANARY}" [<!ENTITY x SYSTEM "{CANARY}">]>',
        ),
    ),
    "has entities in files": says(
        EITHER,
        rss(
            f"<title>{TITLE} &x;</title>",
            declaration='<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        ),
    ),
    "has a stylesheet at a private server": says(
        ITEMS, rss(f"<title>{TITLE}</title>", declaration=f'<?xml-stylesheet href="{CANARY}"?>')
    ),
}

STATUS = {
    **{
        f"answers {code}": sends(ERROR, http(b"no", status=f"{code} No"))
        for code in (400, 401, 403, 404, 410, 429, 451, 500, 503)
    },
    "answers 500 with a feed": sends(ERROR, http(status="500 Internal Server Error")),
    "answers 304 to whoever asks": sends(ERROR, http(b"", status="304 Not Modified", length=False), times=2),
    "answers 204": sends(ERROR, http(b"", status="204 No Content", length=False)),
    "wants to be left alone for ten years": sends(
        ERROR, http(b"", "Retry-After: 315360000", status="429 Too Many Requests")
    ),
    "wants to be left alone for nonsense": sends(
        ERROR, http(b"", "Retry-After: -1e99, soon", status="503 Unavailable")
    ),
    "has odd validators": sends(
        ITEMS, http(GOOD, 'ETag: "a\\"b\u00ff' + "x" * 4000 + '"', "Last-Modified: ??? \u00e9"), times=2
    ),
    "is a wall for robots": says(
        ERROR,
        "<!doctype html><html><title>Just a moment...</title><p>Are you human? ICBM</p></html>",
        "Content-Type: text/html",
    ),
    "is empty": says(ERROR, b""),
    "is blank": says(ERROR, b" \n\t" * 99),
    "is a feed that calls itself a picture": says(ITEMS, GOOD, "Content-Type: image/png"),
}

WIRE = {
    "a chunk cut short": sends(ERROR, CHUNKS + b"%x\r\n" % (len(GOOD) + 9) + GOOD),
    "no last chunk": sends(ERROR, CHUNKS + chunked(GOOD)),
    "a chunk of size zz": sends(ERROR, CHUNKS + b"zz\r\n" + GOOD),
    "a chunk of all there is": sends(ERROR, CHUNKS + b"ffffffffffffffff\r\n" + GOOD),
    "shorter than it says": sends(ERROR, http(GOOD, f"Content-Length: {len(GOOD) + 9}", length=False)),
    "longer than it says": sends(EITHER, http(GOOD, f"Content-Length: {len(GOOD) - 9}", length=False)),
    "a negative length": sends(EITHER, http(GOOD, "Content-Length: -1", length=False)),
    "two lengths": sends(EITHER, http(GOOD, "Content-Length: 10")),
    "breaks off in the middle": breaks_off(ERROR, http(HALF, f"Content-Length: {len(GOOD)}", length=False)),
    "breaks off at once": breaks_off(ERROR),
    "closes without a byte": sends(ERROR, b""),
    "no HTTP": sends(ERROR, bytes(range(256)) * 16),
    "no status line": sends(ERROR, GOOD),
    "a status of abc": sends(ERROR, b"HTTP/1.1 abc OK\r\n\r\n" + GOOD),
    "NUL and ESC in headers": sends(EITHER, http(GOOD, "X-Odd: a\0b\x1b[31m")),
    "a status that looks like a log": sends(ERROR, http(b"", status="500 \x1b[2J\rERROR all feeds are fine")),
    "continue, continue": sends(EITHER, b"HTTP/1.1 100 Continue\r\n\r\n" * 5000 + http()),
    "five hundred cookies": sends(
        ITEMS, http(GOOD, *(f"Set-Cookie: c{number}={'x' * 40}" for number in range(500))), times=3
    ),
}

MARKUP = {
    "a billion laughs": says(ERROR, entities(9)),
    "a long entity, often": says(
        ERROR,
        rss(
            f"<title>{TITLE} {'&e;' * 20_000}</title>",
            declaration=f'<!DOCTYPE rss [<!ENTITY e "{"x" * 50_000}">]>',
        ),
    ),
    "a hundred thousand items": says(
        ITEMS,
        rss(
            f"<title>{TITLE}</title>",
            *(f"<title>Weather {number}</title><guid>{number}</guid>" for number in range(100_000)),
        ),
    ),
    "a hundred thousand levels": says(
        EITHER, rss(f"<title>{TITLE}</title><description>{'<b>' * 100_000}</description>")
    ),
    "levels in escaped markup": says(
        ITEMS, rss(f"<title>{TITLE}</title><description>{'&lt;div&gt;' * 50_000}</description>")
    ),
    "sixty thousand attributes": says(
        EITHER, GOOD.replace(b"<rss", b"<rss " + b" ".join(b"a%d=''" % n for n in range(60_000)))
    ),
    "a title of five megabytes": says(ITEMS, rss(f"<title>{TITLE} {'x ' * (5 * MIB // 2)}</title>")),
    "a comment of five megabytes": says(ITEMS, rss(f"<!--{'x' * 5 * MIB}--><title>{TITLE}</title>")),
    "a title that is slow to match": says(ITEMS, rss(f"<title>{TITLE} {'a' * 900}! {'ICB ' * 999}</title>")),
    "a character that is none": says(EITHER, rss(f"<title>{TITLE} &#x110000; &#0; &#xD800;</title>")),
    "control characters": says(EITHER, rss(f"<title>{TITLE} \x00\x08\x1b[31m</title>")),
    "an end that is missing": says(ITEMS, GOOD.removesuffix(b"</channel></rss>")),
    "an end in the middle of a word": says(ITEMS, GOOD.removesuffix(b"nnel></rss>") + b"<item><title>Wea"),
    "an ampersand by itself": says(ITEMS, rss(f"<title>{TITLE} & more &unknown; </title>")),
    "UTF-16 that says it is UTF-8": says(
        ITEMS,
        rss(f"<title>{TITLE}</title>", declaration='<?xml version="1.0" encoding="utf-8"?>').encode("utf-16"),
    ),
    "an encoding it does not have": says(
        ITEMS,
        rss(f"<title>{TITLE} caf\u00e9</title>", declaration='<?xml version="1.0" encoding="utf-8"?>').encode(
            "latin-1"
        ),
    ),
    "an encoding there is not": says(
        ITEMS, rss(f"<title>{TITLE}</title>", declaration='<?xml version="1.0" encoding="klingon-8"?>')
    ),
    "a page": says(
        ERROR, f"<!doctype html><html><body><h1>{TITLE}</h1><p>rss channel item</p></body></html>"
    ),
    "a picture": says(ERROR, b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 99),
    "JSON nested for ever": says(
        ERROR, '{"version": "https://jsonfeed.org/version/1.1", "items": ' + "[" * 500_000
    ),
    "JSON with a number for ever": says(
        EITHER, '{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": ' + "9" * 500_000 + "}]}"
    ),
    "JSON that is no feed": says(ERROR, f'{{"error": "{TITLE}"}}'),
    "dates of no calendar": says(
        ITEMS, rss(f"<title>{TITLE}</title><pubDate>Mon, 99 Foo -0001 99:99:99 +9999</pubDate>")
    ),
    "a script in the title": says(
        ITEMS,
        rss(f"<title>{TITLE} &lt;script&gt;alert(1)&lt;/script&gt;</title><link>javascript:alert(1)</link>"),
    ),
}

ALL: dict[str, Hostile] = {**TIME, **SIZE, **REDIRECTS, **STATUS, **WIRE, **MARKUP}
