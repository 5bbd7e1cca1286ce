"""What a feed may ask for itself: a login, a file of authorities, old TLS, a proxy, private networks."""

import logging
import pickle
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from tests.fetch.tls import CERTIFICATE, TlsServer, serve_as_of_old
from tests.loopback import LoopbackServer
from watcher.errors import FetchError
from watcher.fetch.curl import CurlFetcher
from watcher.fetch.limits import Limits
from watcher.model.news import Feed, FeedId, Login
from watcher.model.polling import Fetched, Request

BODY = (
    b'<rss version="2.0"><channel><title>Wire</title>'
    b"<item><title>Missile launch</title></item></channel></rss>"
)
HERE = ip_network("127.0.0.1/32")
LIMITS = Limits(timeout=5, allow_private=(HERE,))
STRICT = Limits(timeout=5)
PASSWORD = "pass: wörd"


@pytest.fixture
def tls() -> Iterator[TlsServer]:
    with TlsServer() as running:
        yield running


@pytest.fixture
def login(tmp_path: Path) -> Login:
    (tmp_path / "wire.password").write_text(PASSWORD + "\n", encoding="utf-8")
    return Login(user="desk", password_file=str(tmp_path / "wire.password"))


def a_feed(url: str) -> Feed:
    return Feed(id=FeedId("wire"), url=url, owner="wire")


def fetch(feed: Feed, limits: Limits = LIMITS, fetcher: CurlFetcher | None = None) -> Fetched | FetchError:
    [(_, answer)] = (fetcher or CurlFetcher(limits)).fetch([Request(feed=feed)])
    return answer


def body(feed: Feed, limits: Limits = LIMITS, fetcher: CurlFetcher | None = None) -> bytes | None:
    answer = fetch(feed, limits, fetcher)
    assert isinstance(answer, Fetched), answer
    return answer.body


def failure(feed: Feed, limits: Limits = LIMITS, fetcher: CurlFetcher | None = None) -> FetchError:
    answer = fetch(feed, limits, fetcher)
    assert isinstance(answer, FetchError), answer
    return answer


# --- a login ------------------------------------------------------------------------------------------------


def test_a_login_is_sent_to_the_feeds_own_server(server: LoopbackServer, login: Login) -> None:
    body(replace(a_feed(server.serve("/feed.xml", BODY)), login=login))

    assert (
        server.requests[0].headers["authorization"]
        == "Basic " + b64encode(f"desk:{PASSWORD}".encode()).decode()
    )


def test_a_changed_password_counts_from_the_next_request_on(server: LoopbackServer, login: Login) -> None:
    feed, fetcher = replace(a_feed(server.serve("/feed.xml", BODY)), login=login), CurlFetcher(LIMITS)
    body(feed, fetcher=fetcher)

    Path(login.password_file).write_text("other", encoding="utf-8")
    body(feed, fetcher=fetcher)

    assert server.requests[1].headers["authorization"] == "Basic " + b64encode(b"desk:other").decode()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST.", "127.1"])
def test_a_login_stays_with_its_server_when_a_redirect_leads_to_another(
    server: LoopbackServer, login: Login, host: str
) -> None:
    with LoopbackServer() as other:
        other.serve("/feed.xml", BODY)
        feed = replace(
            a_feed(server.redirect("/old", other.url("/feed.xml", host=host))),
            login=login,
            headers={"X-Key": "k"},
        )

        fetch(feed, replace(LIMITS, allow_private=(HERE, ip_network("::1/128"))))

        assert "authorization" in server.requests[0].headers
        assert all(not {"authorization", "x-key"} & request.headers.keys() for request in other.requests)


def test_a_login_never_goes_with_the_next_feed(server: LoopbackServer, login: Login) -> None:
    url, fetcher = server.serve("/feed.xml", BODY), CurlFetcher(LIMITS)

    body(replace(a_feed(url), login=login), fetcher=fetcher)
    body(a_feed(url), fetcher=fetcher)

    assert "authorization" not in server.requests[1].headers


def test_a_password_is_in_no_value_error_or_log(
    server: LoopbackServer, login: Login, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    feed = replace(a_feed(server.serve("/feed.xml", status=401)), login=login)

    error = failure(feed)

    said = repr(feed) + str(error) + repr(vars(error)) + caplog.text + repr(pickle.dumps(feed))
    assert PASSWORD not in said
    assert b64encode(f"desk:{PASSWORD}".encode()).decode() not in said
    assert str(error) == "http: 401 Unauthorized: the server wants a login"


def test_a_password_that_cannot_be_read_is_that_feeds_error(server: LoopbackServer, tmp_path: Path) -> None:
    missing, binary = tmp_path / "missing", tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe secret")
    feed = a_feed(server.serve("/feed.xml", BODY))

    errors = [
        failure(replace(feed, login=Login(user="desk", password_file=str(path))))
        for path in (missing, binary)
    ]

    assert [str(error) for error in errors] == [
        f"login: the password file {missing} cannot be read: No such file or directory",
        f"login: the password file {binary} is not UTF-8 text",
    ]
    assert server.requests == []


# --- authorities and old TLS --------------------------------------------------------------------------------


def test_a_certificate_that_no_authority_signed_is_refused(tls: TlsServer) -> None:
    feed = a_feed(tls.serve("/feed.xml", BODY))

    assert failure(feed).cause == "tls"
    assert failure(replace(feed, legacy_tls=True)).cause == "tls"
    assert tls.requests == []


@pytest.mark.parametrize("legacy", [False, True])
def test_a_feed_may_bring_its_own_authorities(tls: TlsServer, legacy: bool) -> None:
    feed = replace(a_feed(tls.serve("/feed.xml", BODY)), ca=CERTIFICATE, legacy_tls=legacy)

    assert body(feed) == BODY
    assert tls.requests[0].headers["host"] == f"127.0.0.1:{tls.port}"


def test_the_authorities_of_one_feed_are_trusted_for_no_other(tls: TlsServer) -> None:
    feed, fetcher = a_feed(tls.serve("/feed.xml", BODY)), CurlFetcher(LIMITS)

    body(replace(feed, ca=CERTIFICATE), fetcher=fetcher)

    assert failure(feed, fetcher=fetcher).cause == "tls"


@pytest.mark.parametrize("legacy", [False, True])
def test_a_certificate_must_be_of_the_host(tls: TlsServer, legacy: bool) -> None:
    tls.serve("/feed.xml", BODY)
    feed = replace(a_feed(tls.url("/feed.xml", host="127.0.0.2")), ca=CERTIFICATE, legacy_tls=legacy)
    with LoopbackServer("127.0.0.2"):
        error = failure(feed, replace(LIMITS, allow_private=(ip_network("127.0.0.0/8"),)))

    assert error.cause in {"tls", "connect"}
    assert tls.requests == []


@pytest.mark.parametrize("legacy", [False, True])
def test_authorities_that_cannot_be_read_are_that_feeds_error(tls: TlsServer, legacy: bool) -> None:
    feed = replace(a_feed(tls.serve("/feed.xml", BODY)), ca="missing.pem", legacy_tls=legacy)

    assert failure(feed).cause == "tls"


@pytest.mark.parametrize(
    "ways",
    [
        {"ca": "/없음.pem"},
        {"ca": "a\0b"},
        {"proxy": "http://프록시.example:1"},
        {"proxy": "a\0b"},
        {"legacy_tls": True, "ca": "a\0b"},
    ],
)
def test_ways_that_cannot_be_gone_are_that_feeds_error(server: LoopbackServer, ways: dict[str, Any]) -> None:
    good = Request(feed=replace(a_feed(server.serve("/feed.xml", BODY)), id=FeedId("good")))
    bad = Request(feed=replace(a_feed("https://127.0.0.1:1/f"), **ways))

    answers = {feed.id: answer for feed, answer in CurlFetcher(LIMITS).fetch([bad, good])}

    assert isinstance(answers[FeedId("good")], Fetched)
    assert isinstance(answers[FeedId("wire")], FetchError)


def test_only_a_feed_that_asks_for_it_talks_to_a_server_of_old() -> None:
    refused, spoken = (
        failure(a_feed(serve_as_of_old())),
        failure(replace(a_feed(serve_as_of_old()), legacy_tls=True)),
    )

    assert (refused.cause, spoken.cause) == ("tls", "tls")
    assert "unsafe legacy renegotiation disabled" in refused.detail
    assert "legacy" not in spoken.detail  # it got further: the server hung up


def test_old_tls_keeps_every_bound(tls: TlsServer) -> None:
    feed = replace(a_feed(tls.serve("/feed.xml", BODY * 100)), ca=CERTIFICATE, legacy_tls=True)

    assert failure(feed, STRICT).cause == "refused"
    assert failure(feed, replace(LIMITS, max_body=5_000)).cause == "too_large"
    assert failure(replace(feed, url=tls.hold("/held")), replace(LIMITS, timeout=0.3)).cause == "timeout"


@pytest.mark.parametrize("legacy", [False, True])
def test_an_answer_that_ends_with_the_connection_must_be_ended_by_tls(tls: TlsServer, legacy: bool) -> None:
    feed = replace(
        a_feed(tls.raw("/f", b"HTTP/1.1 200 OK\r\n\r\n" + BODY)), ca=CERTIFICATE, legacy_tls=legacy
    )
    whole = tls.raw("/whole", b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY))

    assert failure(feed).cause == "truncated"
    assert body(replace(feed, url=whole)) == BODY


def test_old_tls_does_not_go_round_a_proxy(tls: TlsServer) -> None:
    feed = replace(a_feed(tls.serve("/feed.xml", BODY)), ca=CERTIFICATE, legacy_tls=True)

    assert failure(feed, replace(LIMITS, proxy="http://127.0.0.1:1")).cause == "refused"
    assert tls.connections == 0


def test_old_tls_is_for_the_feeds_own_host(tls: TlsServer) -> None:
    tls.redirect("/old", serve_as_of_old().replace("127.0.0.1", "localhost"))
    feed = replace(a_feed(tls.url("/old")), ca=CERTIFICATE, legacy_tls=True)

    assert "unsafe legacy renegotiation disabled" in failure(feed).detail


# --- a proxy ------------------------------------------------------------------------------------------------


def test_a_feed_may_go_through_a_proxy_of_its_own(server: LoopbackServer) -> None:
    with LoopbackServer() as proxy:
        proxy.serve("http://feed.example/f.xml", BODY)
        direct = server.serve("/feed.xml", BODY)
        fetcher = CurlFetcher(LIMITS)

        through = body(
            replace(a_feed("http://feed.example/f.xml"), proxy=f"http://127.0.0.1:{proxy.port}"),
            fetcher=fetcher,
        )

        assert (through, body(a_feed(direct), fetcher=fetcher)) == (BODY, BODY)
        assert [request.path for request in proxy.requests] == ["http://feed.example/f.xml"]


# --- private networks ---------------------------------------------------------------------------------------


def test_a_feed_may_be_in_a_private_network_and_no_other_with_it(server: LoopbackServer) -> None:
    feed, fetcher = a_feed(server.serve("/feed.xml", BODY)), CurlFetcher(STRICT)

    assert body(replace(feed, allow_private=(HERE,)), fetcher=fetcher) == BODY
    assert failure(feed, fetcher=fetcher).cause == "refused"
    assert (
        failure(replace(feed, allow_private=(ip_network("127.0.0.2/32"),)), fetcher=fetcher).cause
        == "refused"
    )
    assert server.connections == 1


def test_an_open_connection_is_no_way_round_the_check(server: LoopbackServer) -> None:
    url = server.serve("/feed.xml", BODY)
    allowed = [Request(feed=replace(a_feed(url), allow_private=(HERE,))) for _ in range(3)]
    others = [Request(feed=a_feed(url)) for _ in range(3)]

    answers = [
        answer for pair in zip(allowed, others, strict=True) for _, answer in CurlFetcher(STRICT).fetch(pair)
    ]

    assert sum(isinstance(answer, FetchError) and answer.cause == "refused" for answer in answers) == 3
    assert len(server.requests) == 3
