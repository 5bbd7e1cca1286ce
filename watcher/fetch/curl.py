"""Requests in, answers out as they complete: one libcurl multi, one deadline each, each address checked.

A line (`_Line`) is a multi with its handles; it is kept between fetches, so that connections, TLS sessions
and the parsed CA store are too. An exchange carries one request over one handle, hop by hop: redirects are
followed here and not by libcurl, because a feed's own headers must not reach another host and because a
permanent move is worth knowing. The check of the address sits in the callback that opens the socket: it sees
what is dialled, whatever the address was called, at every hop. A connection that is used again is checked
again before the request goes out: it may have been opened for a feed that is allowed more.
"""

import socket
from collections.abc import Iterator, Sequence
from os import fsencode
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING

import pycurl

from watcher.errors import FetchError
from watcher.fetch.addresses import is_private
from watcher.fetch.decode import decompress
from watcher.fetch.head import Head, authorization, read_head, safe_value
from watcher.fetch.limits import Limits
from watcher.fetch.turns import Turns
from watcher.fetch.urls import as_plain, dialable, host_of, origin, resolve, without_login
from watcher.model.news import Feed
from watcher.model.polling import Fetched, Request
from watcher.ports import Answer

if TYPE_CHECKING:
    from watcher.fetch.legacy import LegacyTls

_MOVED, _FOR_GOOD = frozenset({301, 302, 303, 307, 308}), frozenset({301, 308})
_TYPES = "application/atom+xml, application/rss+xml, application/feed+json"
_ASKED = (
    f"Accept: {_TYPES}, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.1",
    "Accept-Encoding: gzip, deflate, br",
)
_TOO_LARGE = 100  # CURLE_TOO_LARGE, which pycurl does not name: one header line beyond libcurl's own bound
_WAIT = 0.25  # longest nap in seconds: `stop` is heard after it

_CAUSES = {
    pycurl.E_OPERATION_TIMEDOUT: "timeout",
    pycurl.E_COULDNT_RESOLVE_HOST: "dns",
    pycurl.E_COULDNT_RESOLVE_PROXY: "dns",
    pycurl.E_COULDNT_CONNECT: "connect",
    pycurl.E_SSL_CONNECT_ERROR: "tls",
    pycurl.E_PEER_FAILED_VERIFICATION: "tls",
    pycurl.E_SSL_CERTPROBLEM: "tls",
    pycurl.E_SSL_CIPHER: "tls",
    pycurl.E_SSL_CACERT_BADFILE: "tls",
    pycurl.E_SSL_ISSUER_ERROR: "tls",
    pycurl.E_USE_SSL_FAILED: "tls",
    pycurl.E_URL_MALFORMAT: "refused",
    pycurl.E_PARTIAL_FILE: "truncated",
    pycurl.E_UNSUPPORTED_PROTOCOL: "protocol",  # also HTTP/0.9
    pycurl.E_FTP_WEIRD_SERVER_REPLY: "protocol",  # the older name of WEIRD_SERVER_REPLY
    pycurl.E_HTTP2: "protocol",
    pycurl.E_BAD_CONTENT_ENCODING: "protocol",
}
_ADVICE = {
    401: ": the server wants a login",
    403: ": the server refuses the watcher",
    410: ": the feed is gone for good; remove it, or find its new address",
}

_HTTP = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS
_STOPPED = "the watcher is stopping; the feed is due again at the next start"


class CurlFetcher:
    """The `Fetcher` port over libcurl."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._stopped = Event()
        self._idle: list[_Line] = []

    def fetch(self, requests: Sequence[Request]) -> Iterator[Answer]:
        """Yield every request's answer as it completes, in any order, each within its own deadline."""
        try:
            line = self._idle.pop()  # and not first a look: another thread may take the last one in between
        except IndexError:
            line = _Line(self._limits)
        try:
            yield from line.run(requests, self._stopped)
        finally:
            line.hang_up()
            self._idle.append(line)

    def stop(self) -> None:
        """End running fetches at once and begin no others: what is not done is answered as stopped."""
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
                # The time that our caller kept us from listening does not count against the servers.
                if (held := monotonic() - before) > 0.01:
                    for exchange in self._active.values():
                        exchange.extend(held)
            elif self._active:
                due: int = self._multi.timeout()
                self._multi.select(_WAIT if due < 0 else min(due / 1000, _WAIT))
        under_way = [exchange.request for exchange in self._active.values()]
        for request in (*under_way, *turns.rest()):
            yield request.feed, FetchError("stopped", _STOPPED)

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
                    if exchange.host_is_silent:
                        # One after the other they would hold up every other feed.
                        for waiting in turns.give_up(exchange.request):
                            silent = f"{host_of(waiting.feed.url)} did not answer {exchange.request.feed.id}"
                            error = FetchError("timeout", f"not asked: {silent} in time either")
                            yield waiting.feed, error

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
        if feed.proxy or feed.ca or feed.legacy_tls or feed.allow_private:
            return _Exchange(self._limits, is_for_one=True)
        return self._free.pop() if self._free else _Exchange(self._limits)

    def _put_back(self, exchange: "_Exchange") -> None:
        if not exchange.is_for_one:
            self._free.append(exchange)


class _Exchange:
    """One handle and the request it carries; `is_for_one` is one that is used once."""

    request: Request

    def __init__(self, limits: Limits, *, is_for_one: bool = False) -> None:
        self._limits = limits
        self.is_for_one = is_for_one
        self.handle = pycurl.Curl()
        self.handle.setopt(pycurl.NOSIGNAL, 1)
        self.handle.setopt(pycurl.PROTOCOLS, _HTTP)
        self.handle.setopt(pycurl.REDIR_PROTOCOLS, _HTTP)
        self.handle.setopt(pycurl.FOLLOWLOCATION, 0)
        self.handle.setopt(pycurl.HTTP09_ALLOWED, 0)
        self.handle.setopt(pycurl.HTTP_CONTENT_DECODING, 0)
        self.handle.setopt(pycurl.NETRC, pycurl.NETRC_IGNORED)
        self.handle.setopt(pycurl.MAXFILESIZE_LARGE, limits.max_body)
        # Empty, not unset: libcurl would take both from the environment, and a proxy sees no private address.
        self.handle.setopt(pycurl.PROXY, limits.proxy)
        self.handle.setopt(pycurl.NOPROXY, "")
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
        self.host_is_silent = False
        self._allowed = (*self._limits.allow_private, *request.feed.allow_private)
        self._proxied = bool(request.feed.proxy or self._limits.proxy)
        self._started = monotonic()
        self._forgiven = 0.0
        self._hops = 0
        self._cookies: dict[tuple[str, str], str] = {}  # for this exchange, by who set them
        self._for_good = True
        try:
            self._url = self._home = dialable(request.feed.url)
            if self.is_for_one:
                self._set_up_for(request.feed)
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
            what = "304 Not Modified in answer to a request without conditions; the feed was never sent"
            raise FetchError("not_modified", what, status=304)
        url = without_login(self._url)
        return Fetched(
            feed=self.request.feed.id,
            status=head.status,
            body=None if head.status == 304 else self._body(head),
            url=url,
            etag=head.text(b"etag"),
            modified=head.text(b"last-modified"),
            content_type=head.text(b"content-type"),
            moved_to=url if self._hops and self._for_good and self._url != self._home else "",
            fresh_for=head.fresh_for,
        )

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

    def _set_up_for(self, feed: Feed) -> None:
        """Set what only this feed asks for; others, who may be stricter, get none of its connections."""
        self.handle.setopt(pycurl.FRESH_CONNECT, 1)
        self.handle.setopt(pycurl.FORBID_REUSE, 1)
        if feed.proxy:
            self.handle.setopt(pycurl.PROXY, feed.proxy.encode())
        if feed.ca:
            self.handle.setopt(pycurl.CAINFO, fsencode(feed.ca))
        if feed.legacy_tls:
            # Its sockets look connected at once, so libcurl never turns from dead IPv6 to IPv4.
            self.handle.setopt(pycurl.IPRESOLVE, pycurl.IPRESOLVE_V4)

    def _aim(self) -> None:
        self.forget()
        try:
            self._legacy = self._legacy_tls()
            self.handle.setopt(pycurl.URL, as_plain(self._url) if self._legacy else self._url)
            if self.request.form:
                self.handle.setopt(pycurl.POSTFIELDS, self.request.form)
            else:
                self.handle.setopt(pycurl.HTTPGET, 1)
            headers = self._headers()
            if not "".join(headers).isprintable():
                raise ValueError("a header of the feed holds control characters")
            self.handle.setopt(pycurl.HTTPHEADER, headers)
            self._set_deadline()
        except (pycurl.error, ValueError, TypeError) as error:
            what = f"{_shown(self._url)}: the request cannot be sent: {_plain(str(error))}"
            raise FetchError("refused", what) from error

    def _set_deadline(self) -> None:
        left = self._limits.timeout + self._forgiven
        if self._hops:
            left -= self._hop_started - self._started
        self.handle.setopt(pycurl.TIMEOUT_MS, max(int(left * 1000), 1))
        connecting = self._limits.connect_timeout + self._forgiven
        self.handle.setopt(pycurl.CONNECTTIMEOUT_MS, int(connecting * 1000))

    def _headers(self) -> list[str]:
        request, feed = self.request, self.request.feed
        validators = {"If-None-Match": request.etag, "If-Modified-Since": request.modified}
        conditions = [f"{name}: {safe}" for name, value in validators.items() if (safe := safe_value(value))]
        self._conditional = bool(conditions)
        lines = [f"User-Agent: {feed.user_agent or self._limits.user_agent}", *_ASKED, *conditions]
        if self._legacy:
            lines.append(f"Host: {origin(self._url)[1]}")  # not the port of the plain address
        if self._cookies and (cookies := self._cookies.get(origin(self._url))):
            lines.append(f"Cookie: {cookies}")
        if self._hops and origin(self._url) != origin(self._home):
            return lines
        if own := {name.lower() for name in feed.headers}:
            lines = [line for line in lines if line.partition(":")[0].lower() not in own]
            lines += [f"{name}: {value}" for name, value in feed.headers.items()]
        return [*lines, authorization(feed.login)] if feed.login else lines

    def _legacy_tls(self) -> "LegacyTls | None":
        """Return how to speak to the feed's own host if it needs the old TLS; None for other hosts."""
        feed, host = self.request.feed, host_of(self._url)
        if not feed.legacy_tls or not self._url.lower().startswith("https:") or host != host_of(self._home):
            return None
        if self._proxied:
            raise FetchError("refused", "legacy_tls does not work through a proxy; leave one of the two out")
        from watcher.fetch.legacy import LegacyTls  # noqa: PLC0415 - few feeds need Python's own TLS, 2 MB

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
            if self._legacy:
                return self._legacy.dial(*address)
            return socket.socket(family, kind, protocol).detach()
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
        if self._hops == (most := self._limits.max_redirects):
            asks = ", and the server asks for a cookie" if head.cookies else ""
            raise FetchError("redirect", f"more than {most} redirects{asks}", status=head.status)
        if head.cookies:
            self._cookies[origin(self._url)] = head.cookies
        try:
            self._url = resolve(self._url, location)
        except ValueError as error:
            what = f"{head.title} leads to {_plain(location.decode('latin-1'))}: {_plain(str(error))}"
            raise FetchError("redirect", what, status=head.status) from error
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
            advice = "allow it with [fetch] allow_private in watcher.toml"
            return FetchError("refused", f"{self._private} is a private address; {advice}")
        if self._legacy and self._legacy.trouble:
            return FetchError("tls", _plain(self._legacy.trouble))
        at_home = host_of(self._url) == host_of(self._home)
        self.host_is_silent = at_home and code == pycurl.E_OPERATION_TIMEDOUT
        cause = "truncated" if code == pycurl.E_RECV_ERROR and self._lines else _CAUSES.get(code, "network")
        return FetchError(cause, _plain(message) or f"the exchange failed (libcurl error {code})")

    def _body(self, head: Head) -> bytes:
        encoding = head.fields.get(b"content-encoding", b"").decode("latin-1")
        body = decompress(b"".join(self._chunks), encoding, self._limits.max_decoded)
        if not body:
            raise FetchError("empty", "200 OK with an empty body", status=200)
        return body


def _light(error: FetchError) -> FetchError:
    """Drop the frames that an error holds: it travels on as a value, and they may hold the body."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def _refusal(head: Head) -> FetchError:
    status, cause = head.status, "gone" if head.status == 410 else "http"
    retry_after = head.retry_after if status in {429, 503} else None
    return FetchError(cause, head.title + _ADVICE.get(status, ""), retry_after=retry_after, status=status)


def _shown(url: str) -> str:
    try:
        return _plain(without_login(url))
    except ValueError:
        return _plain(url)


def _plain(text: str) -> str:
    """Make foreign text fit for one line of a log: printable and short."""
    return "".join(character if character.isprintable() else " " for character in text)[:200].strip()
