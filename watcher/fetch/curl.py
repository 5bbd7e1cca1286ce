"""Requests in, answers out as they complete: one libcurl multi, one deadline an exchange, every dialled address checked.

A line (`_Line`) is a multi with its handles; it is kept between fetches, so that connections, TLS sessions
and the parsed CA store are too. An exchange carries one request over one handle, hop by hop: redirects are
followed here and not by libcurl, because a feed's own headers must not reach another host and because a
permanent move is worth knowing. The check of the address sits in the callback that opens the socket: it sees
what is dialled, whatever the address was called, at every hop. A connection that is used again is checked
again before the request goes out: it may have been opened for a feed that is allowed more.
"""

import socket
from collections.abc import Iterator, Sequence
from threading import Event
from time import monotonic

import pycurl

from watcher.errors import FetchError
from watcher.fetch.addresses import is_private
from watcher.fetch.decode import decompress
from watcher.fetch.handle import go_own_ways, has_own_ways, new_handle
from watcher.fetch.head import Head, read_head, safe_value
from watcher.fetch.legacy import LegacyTls
from watcher.fetch.limits import Limits
from watcher.fetch.login import authorization
from watcher.fetch.turns import Turns
from watcher.fetch.urls import as_plain, dialable, host_of, origin, resolve, without_login
from watcher.model.news import Feed
from watcher.model.polling import Fetched, Request

_MOVED, _FOR_GOOD = frozenset({301, 302, 303, 307, 308}), frozenset({301, 308})
_ASKED = (
    "Accept: application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
    "Accept-Encoding: gzip, deflate",
)
_TOO_LARGE = 100  # CURLE_TOO_LARGE, which pycurl does not name: one header line beyond libcurl's own bound
_WAIT = 0.25  # longest nap in seconds: `stop` is heard after it

_CAUSES = {
    "timeout": (pycurl.E_OPERATION_TIMEDOUT,),
    "dns": (pycurl.E_COULDNT_RESOLVE_HOST, pycurl.E_COULDNT_RESOLVE_PROXY),
    "connect": (pycurl.E_COULDNT_CONNECT,),
    "tls": (
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_PEER_FAILED_VERIFICATION,
        pycurl.E_SSL_CERTPROBLEM,
        pycurl.E_SSL_CIPHER,
        pycurl.E_SSL_CACERT_BADFILE,
        pycurl.E_SSL_ISSUER_ERROR,
        pycurl.E_USE_SSL_FAILED,
    ),
    "refused": (pycurl.E_URL_MALFORMAT,),
    "too_large": (pycurl.E_FILESIZE_EXCEEDED,),
    "truncated": (pycurl.E_PARTIAL_FILE,),
    "protocol": (
        pycurl.E_UNSUPPORTED_PROTOCOL,  # also HTTP/0.9
        pycurl.E_FTP_WEIRD_SERVER_REPLY,  # the older name of WEIRD_SERVER_REPLY
        pycurl.E_HTTP2,
        pycurl.E_BAD_CONTENT_ENCODING,
    ),
}
_CAUSE_OF = {code: cause for cause, codes in _CAUSES.items() for code in codes}
_ADVICE = {
    401: ": the server wants a login",
    403: ": the server does not let us in",
    410: ": the feed is gone for good; remove it or find where it went",
}

Answer = tuple[Feed, Fetched | FetchError]


class CurlFetcher:
    """The `Fetcher` port over libcurl."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._stopped = Event()
        self._idle: list[_Line] = []

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        """Yield every request's answer as it completes, in any order, each within its own deadline."""
        line = self._idle.pop() if self._idle else _Line(self._limits)
        try:
            yield from line.run(requests, self._stopped)
        finally:
            line.hang_up()
            self._idle.append(line)

    def stop(self) -> None:
        """Make running fetches end at once, and later ones not begin: what is not done is answered as stopped."""
        self._stopped.set()


class _Line:
    """One multi and the handles that take turns on it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, limits.in_flight)
        self._active: dict[pycurl.Curl, _Exchange] = {}
        self._free: list[_Exchange] = []

    def run(self, requests: Sequence[Request], stopped: Event) -> Iterator[Answer]:
        turns = Turns(requests, self._limits.per_host)
        while (turns or self._active) and not stopped.is_set():
            answers = [*self._start(turns), *self._finish(turns)]
            if answers:
                before = monotonic()
                yield from answers
                self._forgive(monotonic() - before)
            elif self._active:
                self._multi.select(self._patience())
        under_way = [exchange.request for exchange in self._active.values()]
        for request in (*under_way, *turns.rest()):
            yield (
                request.feed,
                FetchError("stopped", "the watcher is stopping; the feed is due again at the next start"),
            )

    def hang_up(self) -> None:
        """Drop whatever is under way."""
        for handle in list(self._active):
            self._release(handle)

    def _start(self, turns: Turns) -> Iterator[Answer]:
        while len(self._active) < self._limits.in_flight and (request := turns.take()):
            exchange = self._exchange(request.feed)
            try:
                exchange.begin(request)
            except FetchError as error:
                self._put_back(exchange)
                turns.done(request)
                yield request.feed, _light(error)
            else:
                self._active[exchange.handle] = exchange
                self._multi.add_handle(exchange.handle)

    def _finish(self, turns: Turns) -> Iterator[Answer]:
        self._multi.perform()
        more = 1
        while more:
            more, good, bad = self._multi.info_read()
            for handle, code, message in (*((handle, pycurl.E_OK, "") for handle in good), *bad):
                exchange = self._active[handle]
                if (answer := self._hop(exchange, code, message)) is not None:
                    turns.done(exchange.request)
                    yield exchange.request.feed, answer
                    if exchange.met_a_deaf_host:
                        yield from _in_vain(exchange.request, turns)

    def _hop(self, exchange: "_Exchange", code: int, message: str) -> Fetched | FetchError | None:
        """Take what a handle brought: an answer, or None when a redirect sends it on."""
        try:
            result = exchange.end(code, message)
        except FetchError as error:
            result = _light(error)
        if result is None:
            self._multi.remove_handle(exchange.handle)
            self._multi.add_handle(exchange.handle)
            return None
        self._release(exchange.handle)
        return result

    def _release(self, handle: pycurl.Curl) -> None:
        self._multi.remove_handle(handle)
        exchange = self._active.pop(handle)
        exchange.forget()
        self._put_back(exchange)

    def _exchange(self, feed: Feed) -> "_Exchange":
        if has_own_ways(feed):
            return _Exchange(self._limits, is_for_one=True)
        return self._free.pop() if self._free else _Exchange(self._limits)

    def _put_back(self, exchange: "_Exchange") -> None:
        if not exchange.is_for_one:
            self._free.append(exchange)

    def _forgive(self, held: float) -> None:
        """Do not count against servers the time our caller kept us from listening to them."""
        if held > 0.01:
            for exchange in self._active.values():
                exchange.extend(held)

    def _patience(self) -> float:
        due: int = self._multi.timeout()
        return _WAIT if due < 0 else min(due / 1000, _WAIT)


class _Exchange:
    """One handle and the request it carries; one for a feed that goes its own ways is used once."""

    request: Request

    def __init__(self, limits: Limits, *, is_for_one: bool = False) -> None:
        self._limits = limits
        self.is_for_one = is_for_one
        self.handle = new_handle(limits)
        self.handle.setopt(pycurl.HEADERFUNCTION, self._on_head)
        self.handle.setopt(pycurl.WRITEFUNCTION, self._on_body)
        self.handle.setopt(pycurl.OPENSOCKETFUNCTION, self._on_dial)
        self.handle.setopt(pycurl.SOCKOPTFUNCTION, self._on_socket)
        self.handle.setopt(pycurl.PREREQFUNCTION, self._on_request)

    def begin(self, request: Request) -> None:
        """Aim the handle at a feed.

        Raises:
            FetchError: the feed's address or headers cannot be sent.
        """
        self.request = request
        self.met_a_deaf_host = False
        self._allowed = (*self._limits.allow_private, *request.feed.allow_private)
        self._proxied = bool(request.feed.proxy or self._limits.proxy)
        self._started = monotonic()
        self._forgiven = 0.0
        self._hops = 0
        self._for_good = True
        try:
            self._url = self._home = dialable(request.feed.url)
            if self.is_for_one:
                go_own_ways(self.handle, request.feed)
        except (pycurl.error, ValueError, TypeError) as error:
            raise FetchError("refused", f"{_shown(request.feed.url)}: {_plain(str(error))}") from error
        self._aim()

    def end(self, code: int, message: str) -> Fetched | FetchError | None:
        """Say what came of this hop: None when it was a redirect and the handle is aimed at where it leads.

        Raises:
            FetchError: as the answer.
        """
        head = read_head(self._lines)
        if head.status in _MOVED and not self.request.form:
            self._follow(head)
            return None
        if head.status >= 200 and head.status not in {200, 304}:
            raise _refusal(head)
        if code != pycurl.E_OK:
            raise self._failure(code, message)
        if self._legacy and self._legacy.trouble and not head.tells_its_length:
            raise FetchError("truncated", _plain(self._legacy.trouble))
        if head.status == 304 and not self._conditional:
            raise FetchError(
                "not_modified",
                "304 Not Modified to a request without conditions; the feed never came",
                status=304,
            )
        return self._fetched(head, None if head.status == 304 else self._body(head))

    def extend(self, seconds: float) -> None:
        """Move the deadline."""
        self._forgiven += seconds
        self._set_deadline()

    def forget(self) -> None:
        """Let go of what the last hop brought."""
        self._lines: list[bytes] = []
        self._head_size = 0
        self._chunks: list[bytes] = []
        self._size = 0
        self._private = ""
        self._legacy: LegacyTls | None = None

    def _aim(self) -> None:
        self.forget()
        try:
            self._legacy = self._legacy_tls()
            self.handle.setopt(pycurl.URL, as_plain(self._url) if self._legacy else self._url)
            self._set_method()
            self.handle.setopt(pycurl.HTTPHEADER, _sendable(self._headers()))
            self._set_deadline()
        except (pycurl.error, ValueError, TypeError) as error:
            raise FetchError(
                "refused", f"{_shown(self._url)}: the request cannot be sent: {_plain(str(error))}"
            ) from error

    def _set_method(self) -> None:
        if self.request.form:
            self.handle.setopt(pycurl.POSTFIELDS, self.request.form)
        else:
            self.handle.setopt(pycurl.HTTPGET, 1)

    def _set_deadline(self) -> None:
        left = self._limits.timeout + self._forgiven
        if self._hops:
            left -= self._hop_started - self._started
        self.handle.setopt(pycurl.TIMEOUT_MS, max(int(left * 1000), 1))
        self.handle.setopt(
            pycurl.CONNECTTIMEOUT_MS, int((self._limits.connect_timeout + self._forgiven) * 1000)
        )

    def _headers(self) -> list[str]:
        request, feed = self.request, self.request.feed
        conditions = []
        if etag := safe_value(request.etag):
            conditions.append(f"If-None-Match: {etag}")
        if modified := safe_value(request.modified):
            conditions.append(f"If-Modified-Since: {modified}")
        self._conditional = bool(conditions)
        lines = [f"User-Agent: {feed.user_agent or self._limits.user_agent}", *_ASKED, *conditions]
        if self._legacy:
            lines.append(f"Host: {origin(self._url)[1]}")  # not the port of the plain address
        if not self._at_home():
            return lines
        own = {name.lower() for name in feed.headers}
        lines = [line for line in lines if line.partition(":")[0].lower() not in own]
        lines += [f"{name}: {value}" for name, value in feed.headers.items()]
        return [*lines, authorization(feed.login)] if feed.login else lines

    def _at_home(self) -> bool:
        return not self._hops or origin(self._url) == origin(self._home)

    def _legacy_tls(self) -> LegacyTls | None:
        """Return how to speak to the feed's own host, where it needs the old TLS; other hosts are spoken to as ever."""
        feed, host = self.request.feed, host_of(self._url)
        if not feed.legacy_tls or not self._url.lower().startswith("https:") or host != host_of(self._home):
            return None
        if self._proxied:
            raise FetchError("refused", "legacy_tls does not work through a proxy; leave one of the two out")
        try:
            return LegacyTls(host.strip("[]"), feed.ca, self._limits.connect_timeout)
        except OSError as error:
            raise FetchError("tls", f"the file of authorities {feed.ca} cannot be used: {error}") from error

    def _on_head(self, line: bytes) -> int | None:
        self._head_size += len(line)
        if self._head_size > self._limits.max_head:
            return -1
        self._lines.append(line)
        return None

    def _on_body(self, chunk: bytes) -> int | None:
        self._size += len(chunk)
        if self._size > self._limits.max_body:
            return -1
        self._chunks.append(chunk)
        return None

    def _on_dial(self, _purpose: int, address: tuple[int, int, int, tuple[str, int]]) -> int:
        family, kind, protocol, target = address
        if not self._may_reach(target[0]):
            return int(pycurl.SOCKET_BAD)
        try:
            return (
                self._legacy.dial(*address)
                if self._legacy
                else socket.socket(family, kind, protocol).detach()
            )
        except OSError:
            return int(pycurl.SOCKET_BAD)

    def _on_socket(self, _descriptor: int, _purpose: int) -> int:
        return int(pycurl.SOCKOPT_ALREADY_CONNECTED if self._legacy else pycurl.SOCKOPT_OK)

    def _on_request(self, remote: str, _local: str, _remote_port: int, _local_port: int) -> int:
        return int(pycurl.PREREQFUNC_OK if self._may_reach(remote) else pycurl.PREREQFUNC_ABORT)

    def _may_reach(self, address: str) -> bool:
        if self._proxied or not is_private(address, self._allowed):
            return True
        self._private = address
        return False

    def _follow(self, head: Head) -> None:
        if not (location := head.fields.get(b"location")):
            raise FetchError("redirect", f"{head.title} without a Location", status=head.status)
        if self._hops == self._limits.max_redirects:
            raise FetchError(
                "redirect", f"more than {self._limits.max_redirects} redirects", status=head.status
            )
        try:
            self._url = resolve(self._url, location)
        except ValueError as error:
            where = _plain(location.decode("latin-1"))
            raise FetchError(
                "redirect", f"{head.title} leads to {where}: {_plain(str(error))}", status=head.status
            ) from error
        self._hops += 1
        self._hop_started = monotonic()
        self._for_good = self._for_good and head.status in _FOR_GOOD
        self._aim()

    def _failure(self, code: int, message: str) -> FetchError:
        limits = self._limits
        if self._head_size > limits.max_head or code == _TOO_LARGE:
            return FetchError("too_large", f"the headers are more than {limits.max_head:,} bytes")
        if self._size > limits.max_body or code == pycurl.E_FILESIZE_EXCEEDED:
            return FetchError("too_large", f"the body is more than {limits.max_body:,} bytes")
        if self._private and code in {pycurl.E_COULDNT_CONNECT, pycurl.E_ABORTED_BY_CALLBACK}:
            return FetchError(
                "refused",
                f"{self._private} is a private address; allow it with [fetch] allow_private in watcher.toml",
            )
        if self._legacy and self._legacy.trouble:
            return FetchError("tls", _plain(self._legacy.trouble))
        self.met_a_deaf_host = code == pycurl.E_OPERATION_TIMEDOUT and host_of(self._url) == host_of(
            self._home
        )
        cause = "truncated" if code == pycurl.E_RECV_ERROR and self._lines else _CAUSE_OF.get(code, "network")
        return FetchError(cause, _plain(message) or f"the exchange failed (libcurl error {code})")

    def _body(self, head: Head) -> bytes:
        encoding = head.fields.get(b"content-encoding", b"").decode("latin-1")
        body = decompress(b"".join(self._chunks), encoding, self._limits.max_decoded)
        if not body:
            raise FetchError("empty", "200 OK with an empty body", status=200)
        return body

    def _fetched(self, head: Head, body: bytes | None) -> Fetched:
        url = without_login(self._url)
        return Fetched(
            feed=self.request.feed.id,
            status=head.status,
            body=body,
            url=url,
            etag=head.text(b"etag"),
            modified=head.text(b"last-modified"),
            content_type=head.text(b"content-type"),
            moved_to=url if self._hops and self._for_good else "",
            fresh_for=head.fresh_for,
        )


def _in_vain(request: Request, turns: Turns) -> Iterator[Answer]:
    """Answer for all that wait for a host which let a request time out: one after the other they would hold up every other feed."""
    for waiting in turns.give_up(request):
        yield (
            waiting.feed,
            FetchError(
                "timeout",
                f"not asked: {host_of(waiting.feed.url)} did not answer {request.feed.id} in time either",
            ),
        )


def _sendable(lines: list[str]) -> list[str]:
    if not "".join(lines).isprintable():
        raise ValueError("a header of the feed holds control characters")
    return lines


def _light(error: FetchError) -> FetchError:
    """Take off the frames an error remembers: it travels on as a value, and the body it is about may be among them."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _refusal(head: Head) -> FetchError:
    cause = "gone" if head.status == 410 else "http"
    retry_after = head.retry_after if head.status in {429, 503} else None
    return FetchError(
        cause, head.title + _ADVICE.get(head.status, ""), retry_after=retry_after, status=head.status
    )


def _shown(url: str) -> str:
    try:
        return _plain(without_login(url))
    except ValueError:
        return _plain(url)


def _plain(text: str) -> str:
    """Make foreign text fit for one line of a log: printable and short."""
    return "".join(character if character.isprintable() else " " for character in text)[:200].strip()
