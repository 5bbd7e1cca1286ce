"""The fetcher against servers that behave and servers that do not."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_network
from threading import Event, Thread

import brotli
import pytest

from tests.loopback import LoopbackServer
from watcher.errors import FetchError
from watcher.fetch.curl import CurlFetcher
from watcher.fetch.limits import Limits
from watcher.model.news import Feed, FeedId
from watcher.model.polling import Fetched, Request

BODY = (
    b'<rss version="2.0"><channel><title>Wire</title>'
    b"<item><title>Missile launch</title></item></channel></rss>"
)
LIMITS = Limits(timeout=5, allow_private=(ip_network("127.0.0.1/32"),), max_body=100_000)
SHORT = replace(LIMITS, timeout=0.3)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer() as running:
        yield running


def a_feed(
    url: str, name: str = "wire", headers: Mapping[str, str] | None = None, user_agent: str = ""
) -> Feed:
    return Feed(id=FeedId(name), url=url, owner="wire", headers=headers or {}, user_agent=user_agent)


def fetch(url: str, limits: Limits = LIMITS, etag: str = "", modified: str = "") -> Fetched | FetchError:
    [(_, answer)] = CurlFetcher(limits).fetch([Request(feed=a_feed(url), etag=etag, modified=modified)])
    return answer


def fetched(url: str, limits: Limits = LIMITS, etag: str = "", modified: str = "") -> Fetched:
    answer = fetch(url, limits, etag, modified)
    assert isinstance(answer, Fetched), answer
    return answer


def failure(url: str, limits: Limits = LIMITS) -> FetchError:
    answer = fetch(url, limits)
    assert isinstance(answer, FetchError), answer
    return answer


# --- a good answer ------------------------------------------------------------------------------------------


def test_a_complete_answer_comes_with_its_validators(server: LoopbackServer) -> None:
    headers = {
        "ETag": 'W/"1"',
        "Last-Modified": "Mon, 23 Nov 2026 10:00:00 GMT",
        "Content-Type": "text/xml; charset=euc-kr",
    }
    url = server.serve("/feed.xml", BODY, headers=headers)

    answer = fetched(url)

    assert (answer.status, answer.body, answer.url, answer.moved_to) == (200, BODY, url, "")
    assert (answer.etag, answer.modified) == ('W/"1"', "Mon, 23 Nov 2026 10:00:00 GMT")
    assert answer.content_type == "text/xml; charset=euc-kr"


def test_what_did_not_change_is_not_sent_again(server: LoopbackServer) -> None:
    url = server.serve("/feed.xml", BODY, headers={"ETag": '"1"'})

    answer = fetched(url, etag='"1"')

    assert (answer.status, answer.body) == (304, None)


def test_validators_are_sent_back_as_they_came(server: LoopbackServer) -> None:
    url = server.serve("/feed.xml", BODY)

    fetched(url, etag='W/"a b"', modified="yesterday, more or less")

    assert server.requests[0].headers["if-none-match"] == 'W/"a b"'
    assert server.requests[0].headers["if-modified-since"] == "yesterday, more or less"


@pytest.mark.parametrize("bad", ['"a\r\nX-Injected: 1"', "x" * 1001, '"é"', '"\x1b[31m"'])
def test_a_hostile_validator_is_never_sent(server: LoopbackServer, bad: str) -> None:
    url = server.serve("/feed.xml", BODY)

    fetched(url, etag=bad)

    assert "if-none-match" not in server.requests[0].headers
    assert "x-injected" not in server.requests[0].headers


def test_a_hostile_validator_is_never_kept(server: LoopbackServer) -> None:
    url = server.serve(
        "/feed.xml", BODY, headers={"ETag": '"' + "x" * 4000 + '"', "Last-Modified": "\xe9\xff"}
    )

    answer = fetched(url)

    assert (answer.etag, answer.modified) == ("", "")


def test_not_modified_without_a_condition_is_an_error(server: LoopbackServer) -> None:
    assert failure(server.serve("/feed.xml", status=304)).cause == "not_modified"


def test_a_feed_sends_its_own_headers_and_user_agent(server: LoopbackServer) -> None:
    feed = a_feed(
        server.serve("/feed.xml", BODY), headers={"X-Key": "k", "accept": "text/xml"}, user_agent="Desk/1"
    )

    list(CurlFetcher(LIMITS).fetch([Request(feed=feed)]))

    sent = server.requests[0].headers
    assert (sent["x-key"], sent["accept"], sent["user-agent"]) == ("k", "text/xml", "Desk/1")


def test_we_say_who_we_are(server: LoopbackServer) -> None:
    fetched(server.serve("/feed.xml", BODY))

    assert server.requests[0].headers["user-agent"].startswith("provocation-watcher/")


def test_cookies_are_not_kept(server: LoopbackServer) -> None:
    url = server.serve("/feed.xml", BODY, headers={"Set-Cookie": "sid=1"})
    fetcher = CurlFetcher(LIMITS)

    for _ in range(2):
        list(fetcher.fetch([Request(feed=a_feed(url))]))

    assert "cookie" not in server.requests[1].headers


def test_a_connection_is_used_again(server: LoopbackServer) -> None:
    url = server.serve("/feed.xml", BODY)
    fetcher = CurlFetcher(LIMITS)

    for _ in range(3):
        list(fetcher.fetch([Request(feed=a_feed(url))]))

    assert server.connections == 1


# --- compression --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(BODY)),
        ("x-gzip", gzip.compress(BODY)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY, wbits=-15)),
        ("br", brotli.compress(BODY)),
        ("identity", BODY),
        ("identity", gzip.compress(BODY)),
    ],
)
def test_a_compressed_body_is_unpacked(server: LoopbackServer, encoding: str, body: bytes) -> None:
    assert fetched(server.serve("/feed.xml", body, headers={"Content-Encoding": encoding})).body == BODY


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("br", brotli.compress)])
def test_a_bomb_is_stopped_while_it_unpacks(
    server: LoopbackServer, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    bomb = pack(bytes(5_000_000))

    assert failure(server.serve("/bomb", bomb, headers={"Content-Encoding": encoding})).cause == "too_large"


def test_a_bomb_in_a_bomb_is_refused(server: LoopbackServer) -> None:
    twice = gzip.compress(gzip.compress(bytes(5_000_000)))
    server.raw(
        "/lines", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: gzip\r\n\r\n" + twice
    )

    assert (
        failure(server.serve("/bomb", twice, headers={"Content-Encoding": "gzip, gzip"})).cause == "encoding"
    )
    assert failure(server.url("/lines")).cause == "encoding"


def test_half_a_gzip_body_is_no_feed(server: LoopbackServer) -> None:
    half = gzip.compress(BODY)[:60]

    assert failure(server.serve("/half", half, headers={"Content-Encoding": "gzip"})).cause == "truncated"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "x-snake-oil"])
def test_a_body_that_is_not_what_it_says_is_an_error(server: LoopbackServer, encoding: str) -> None:
    assert failure(server.serve("/lie", BODY, headers={"Content-Encoding": encoding})).cause == "encoding"


def test_an_error_does_not_hold_the_body_it_is_about(server: LoopbackServer) -> None:
    error = failure(server.serve("/lie", BODY, headers={"Content-Encoding": "gzip"}))

    assert error.__traceback__ is None
    assert error.__context__ is None


# --- size and broken HTTP -----------------------------------------------------------------------------------


def test_a_body_beyond_the_bound_is_cut_off(server: LoopbackServer) -> None:
    server.raw(
        "/chunked",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2710\r\n" + b"x" * 10_000 + b"\r\n" + b"2710\r\n",
    )
    small = replace(LIMITS, max_body=5_000)

    assert failure(server.serve("/large", b"x" * 200_000)).cause == "too_large"
    assert failure(server.url("/chunked"), small).cause == "too_large"


@pytest.mark.parametrize(
    "filler", [b"X-Filler: " + b"a" * 8_000 + b"\r\n", b"X: " + b"a" * 900_000 + b"\r\n"]
)
def test_headers_without_end_are_cut_off(server: LoopbackServer, filler: bytes) -> None:
    assert failure(server.raw("/headers", b"HTTP/1.1 200 OK\r\n" + filler * 20)).cause == "too_large"


@pytest.mark.parametrize(
    ("cause", "answer"),
    [
        ("truncated", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n" + BODY),
        ("truncated", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n50\r\n<rss"),
        ("too_large", b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000000\r\n\r\n" + BODY),
        ("protocol", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n" + BODY),
        ("protocol", b"HTTP/1.1 abc OK\r\n\r\n"),
        ("protocol", b"HTTP/1.1 200 OK\r\nServer: a\x00b\r\n\r\n" + BODY),
        ("protocol", BODY),
        ("protocol", b"\x80\x81\x82" * 100),
        ("network", b""),
    ],
)
def test_broken_http_is_an_error(server: LoopbackServer, cause: str, answer: bytes) -> None:
    assert failure(server.raw("/broken", answer)).cause == cause


def test_an_empty_answer_is_an_error(server: LoopbackServer) -> None:
    assert failure(server.serve("/empty")).cause == "empty"


def test_a_trailer_is_not_a_header(server: LoopbackServer) -> None:
    body = b'%x\r\n%s\r\n0\r\nETag: "trailer"\r\nContent-Encoding: gzip\r\n\r\n' % (len(BODY), BODY)
    answer = fetched(server.raw("/trailer", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body))

    assert (answer.body, answer.etag) == (BODY, "")


# --- forms --------------------------------------------------------------------------------------------------


def test_a_form_is_posted_and_the_next_request_is_an_ordinary_one(server: LoopbackServer) -> None:
    posted, asked = server.serve("/hub", status=202), server.serve("/feed.xml", BODY)
    fetcher = CurlFetcher(replace(LIMITS, in_flight=1))

    [(_, taken)] = fetcher.fetch([Request(feed=a_feed(posted), form="a=1&b=%20")])
    [(_, feed)] = fetcher.fetch([Request(feed=a_feed(asked))])

    assert isinstance(taken, FetchError)
    assert taken.status == 202
    assert isinstance(feed, Fetched)
    assert [(seen.method, seen.body) for seen in server.requests] == [("POST", b"a=1&b=%20"), ("GET", b"")]
    assert server.requests[0].headers["content-type"] == "application/x-www-form-urlencoded"
    assert "content-type" not in server.requests[1].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_form_goes_where_it_was_meant_for_and_nowhere_else(server: LoopbackServer, status: int) -> None:
    url = server.redirect("/hub", server.serve("/elsewhere", BODY), status)

    [(_, answer)] = CurlFetcher(LIMITS).fetch([Request(feed=a_feed(url), form="a=1")])

    assert isinstance(answer, FetchError)
    assert answer.status == status
    assert [seen.path for seen in server.requests] == ["/hub"]


def test_a_form_reaches_no_private_address(server: LoopbackServer) -> None:
    [(_, answer)] = CurlFetcher(replace(LIMITS, allow_private=())).fetch(
        [Request(feed=a_feed(server.serve("/hub")), form="a=1")]
    )

    assert isinstance(answer, FetchError)
    assert answer.cause == "refused"
    assert server.requests == []


# --- time ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "first", [b"", b"HTTP/1.1 200 OK\r\nX-Slow", b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<rss"]
)
def test_a_server_that_stalls_meets_the_deadline(server: LoopbackServer, first: bytes) -> None:
    assert failure(server.hold("/stall", first), SHORT).cause == "timeout"


def test_a_slow_feed_does_not_delay_the_others(server: LoopbackServer) -> None:
    slow = Request(feed=a_feed(server.hold("/slow"), "slow"))
    quick = Request(feed=a_feed(server.serve("/quick", BODY), "quick"))

    answers = list(CurlFetcher(SHORT).fetch([slow, quick]))

    assert [feed.id for feed, _ in answers] == ["quick", "slow"]


def test_a_caller_that_takes_its_time_does_not_make_servers_late(server: LoopbackServer) -> None:
    good = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
    held = Request(feed=a_feed(server.hold("/held", then=good), "held"))
    quick = Request(feed=a_feed(server.serve("/quick", BODY), "quick"))
    answers = CurlFetcher(SHORT).fetch([held, quick])

    assert next(answers)[0].id == "quick"
    Event().wait(0.5)  # longer than the deadline: the caller is busy with the first answer
    server.let_go.set()
    [(_, answer)] = answers

    assert isinstance(answer, Fetched)


# --- status -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (404, "http: 404 Not Found"),
        (500, "http: 500 Internal Server Error"),
        (999, "http: status 999"),
        (204, "http: 204 No Content"),
        (401, "http: 401 Unauthorized: the server wants a login"),
        (403, "http: 403 Forbidden: the server refuses the watcher"),
        (410, "gone: 410 Gone: the feed is gone for good; remove it, or find its new address"),
    ],
)
def test_an_error_names_the_status_in_our_words(server: LoopbackServer, status: int, text: str) -> None:
    error = failure(server.serve("/status", b"" if status == 204 else BODY, status=status))

    assert (str(error), error.status) == (text, status)


def test_a_reason_phrase_never_reaches_the_log(server: LoopbackServer) -> None:
    server.raw("/esc", b"HTTP/1.1 500 \x1b[31mICBM launch confirmed\r\nContent-Length: 0\r\n\r\n")
    server.raw("/cr", b"HTTP/1.1 500 x\r2026-01-01 CRITICAL\r\nContent-Length: 0\r\n\r\n")

    assert str(failure(server.url("/esc"))) == "http: 500 Internal Server Error"
    assert str(failure(server.url("/cr"))).isprintable()


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_may_ask_for_patience(server: LoopbackServer, status: int) -> None:
    assert failure(server.serve("/busy", status=status, headers={"Retry-After": "120"})).retry_after == 120


# --- redirects ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_move_is_reported(server: LoopbackServer, status: int) -> None:
    url = server.serve("/new.xml", BODY)

    answer = fetched(server.redirect("/old.xml", "/new.xml", status))

    assert (answer.body, answer.url, answer.moved_to) == (BODY, url, url)


def test_a_move_with_one_temporary_step_is_not_permanent(server: LoopbackServer) -> None:
    server.serve("/new.xml", BODY)
    server.redirect("/middle.xml", "new.xml", 302)

    answer = fetched(server.redirect("/old.xml", "/middle.xml", 301))

    assert (answer.url, answer.moved_to) == (server.url("/new.xml"), "")


def test_a_redirect_in_other_letters_is_followed(server: LoopbackServer) -> None:
    server.serve("/%EB%B6%81%ED%95%9C.xml", BODY)

    assert (
        fetched(server.raw("/old.xml", "HTTP/1.1 302 Found\r\nLocation: /북한.xml\r\n\r\n".encode())).body
        == BODY
    )


def test_redirects_end(server: LoopbackServer) -> None:
    assert str(failure(server.redirect("/loop", "/loop"))) == "redirect: more than 5 redirects"
    assert len(server.requests) == 6


def test_a_cookie_that_a_redirect_sets_is_sent_back_in_that_exchange_only(server: LoopbackServer) -> None:
    asks = (
        "HTTP/1.1 302 Found\r\nLocation: /feed.xml\r\nSet-Cookie: ok=1; Path=/; HttpOnly\r\n"
        "Set-Cookie: id=a; Secure\r\nContent-Length: 0\r\n\r\n"
    )
    gives = f"HTTP/1.1 200 OK\r\nContent-Length: {len(BODY)}\r\n\r\n".encode() + BODY
    url = server.raw("/feed.xml", asks.encode(), gives)

    first, second = fetched(url), fetched(url)

    assert (first.body, second.body) == (BODY, BODY)
    assert [seen.headers.get("cookie") for seen in server.requests] == [None, "ok=1; id=a", None]


def test_a_cookie_stays_with_who_set_it(server: LoopbackServer) -> None:
    server.serve("/feed.xml", BODY)
    to = server.url("/feed.xml", host="localhost")
    away = server.serve("/away", status=302, headers={"Location": to, "Set-Cookie": "ok=1"})

    assert fetched(away).body == BODY
    assert "cookie" not in server.requests[-1].headers


def test_redirects_that_ask_for_a_cookie_without_end_say_so(server: LoopbackServer) -> None:
    url = server.serve("/loop", status=302, headers={"Location": "/loop", "Set-Cookie": "ok=1"})

    assert str(failure(url)) == "redirect: more than 5 redirects, and the server asks for a cookie"


def test_redirects_share_one_deadline(server: LoopbackServer) -> None:
    server.hold("/stall")

    assert failure(server.redirect("/old", "/stall"), SHORT).cause == "timeout"


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/hostname",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/",
        "data:text/xml,<rss/>",
        "javascript:alert(1)",
        "http://[::bad",
    ],
)
def test_a_redirect_leads_nowhere_but_the_web(server: LoopbackServer, to: str) -> None:
    error = failure(server.redirect("/old", to))

    assert error.cause == "redirect"
    assert to in error.detail


def test_a_redirect_needs_a_location(server: LoopbackServer) -> None:
    assert str(failure(server.serve("/old", status=302))) == "redirect: 302 Found without a Location"


def test_a_feeds_headers_stay_with_its_host(server: LoopbackServer) -> None:
    server.serve("/feed.xml", BODY)
    elsewhere = server.redirect("/away", server.url("/feed.xml", host="localhost"))
    here = server.redirect("/near", "/feed.xml")
    feeds = [
        a_feed(url, headers={"Authorization": "Bearer secret", "X-Key": "secret"})
        for url in (elsewhere, here)
    ]
    fetcher = CurlFetcher(LIMITS)

    for feed in feeds:
        list(fetcher.fetch([Request(feed=feed)]))

    _, away, _, near = (request.headers for request in server.requests)
    assert not {"authorization", "x-key"} & away.keys()
    assert {"authorization", "x-key"} <= near.keys()


def test_a_login_in_the_address_is_used_and_never_shown(server: LoopbackServer) -> None:
    server.serve("/feed.xml", BODY)
    server.redirect("/old.xml", "/feed.xml", 301)

    answer = fetched(server.url("/old.xml", host="desk:secret@127.0.0.1"))

    assert "authorization" in server.requests[0].headers
    assert "secret" not in answer.url + answer.moved_to


# --- private addresses --------------------------------------------------------------------------------------


def test_a_private_address_is_refused_with_advice(server: LoopbackServer) -> None:
    server.serve("/feed.xml", BODY)

    error = failure(server.url("/feed.xml", host="127.0.0.2"))

    assert (
        str(error)
        == "refused: 127.0.0.2 is a private address; allow it with [fetch] allow_private in watcher.toml"
    )


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.2",
        "127.2",
        "2130706434",
        "0x7f000002",
        "0177.0.0.02",
        "[::ffff:127.0.0.2]",
        "127.0.0.1@127.0.0.2",
        "１２７.0.0.2",
    ],
)
def test_no_spelling_reaches_a_private_address(host: str) -> None:
    with LoopbackServer("127.0.0.2") as canary, LoopbackServer() as server:
        canary.serve("/", BODY)

        direct = failure(canary.url("/", host=host))
        location = f"HTTP/1.1 302 Found\r\nLocation: {canary.url('/', host=host)}\r\n\r\n".encode()
        led = failure(server.raw("/old", location))

        assert (direct.cause, led.cause) == ("refused", "refused")
        assert canary.connections == 0


def test_a_proxy_in_the_environment_is_ignored(
    server: LoopbackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # libcurl itself reads it: nothing to inject

    assert fetched(server.serve("/feed.xml", BODY)).body == BODY


# --- many feeds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "feed.xml",
        "file:///etc/hostname",
        "http://",
        "http://[::bad",
        "http://a b/",
        "http://x:99999/",
        "http://\udcff/",
    ],
)
def test_an_address_that_cannot_be_fetched_is_that_feeds_error(server: LoopbackServer, url: str) -> None:
    good = Request(feed=a_feed(server.serve("/feed.xml", BODY), "good"))

    answers = {
        feed.id: answer
        for feed, answer in CurlFetcher(LIMITS).fetch([Request(feed=a_feed(url, "bad")), good])
    }

    assert isinstance(answers[FeedId("good")], Fetched)
    bad = answers[FeedId("bad")]
    assert isinstance(bad, FetchError)
    assert bad.cause == "refused"
    assert str(bad).isprintable()


def test_a_header_that_cannot_be_sent_is_that_feeds_error(server: LoopbackServer) -> None:
    feed = a_feed(server.serve("/feed.xml", BODY), headers={"X-Key": "a\r\nX-Injected: 1"})

    [(_, answer)] = CurlFetcher(LIMITS).fetch([Request(feed=feed)])

    assert isinstance(answer, FetchError)
    assert server.requests == []


def test_a_closed_port_is_a_clear_error() -> None:
    assert failure("http://127.0.0.1:1/").cause == "connect"


def test_feeds_of_one_host_queue(server: LoopbackServer) -> None:
    requests = [Request(feed=a_feed(server.serve(f"/{number}", BODY), str(number))) for number in range(5)]

    list(CurlFetcher(replace(LIMITS, per_host=1)).fetch(requests))

    assert server.connections == 1  # each waited for the one before it


def test_a_host_that_hangs_holds_up_nobody_for_longer_than_one_deadline(server: LoopbackServer) -> None:
    hanging = [Request(feed=a_feed(server.hold("/held"), f"held-{number}")) for number in range(20)]
    with LoopbackServer("127.0.0.3") as healthy:
        healthy.serve("/feed.xml", BODY)
        good = [
            Request(feed=a_feed(healthy.url("/feed.xml", "127.0.0.3"), f"good-{number}"))
            for number in range(80)
        ]
        limits = replace(LIMITS, timeout=2, allow_private=(ip_network("127.0.0.0/8"),))

        answers = {feed.id: answer for feed, answer in CurlFetcher(limits).fetch([*hanging, *good])}

    assert len(answers) == 100
    assert all(name.startswith("good") for name in [*answers][:80])  # none waited for a hanging one
    assert len(server.requests) == 2  # and of those only two were waited for
    assert (
        str(answers[FeedId("held-19")])
        == "timeout: not asked: 127.0.0.1 did not answer held-0 in time either"
    )


def test_a_host_that_hung_is_asked_again_next_time(server: LoopbackServer) -> None:
    held = [Request(feed=a_feed(server.hold("/held"), str(number))) for number in range(3)]
    fetcher = CurlFetcher(replace(SHORT, per_host=1))

    for _ in range(2):
        list(fetcher.fetch(held))

    assert len(server.requests) == 2


def test_a_host_is_not_given_up_for_where_it_leads(server: LoopbackServer) -> None:
    with LoopbackServer("127.0.0.3") as hanging:
        hanging.hold("/held")
        away = Request(feed=a_feed(server.redirect("/away", hanging.url("/held", "127.0.0.3")), "away"))
        near = Request(feed=a_feed(server.serve("/feed.xml", BODY), "near"))
        limits = replace(SHORT, per_host=1, allow_private=(ip_network("127.0.0.0/8"),))

        answers = {feed.id: answer for feed, answer in CurlFetcher(limits).fetch([away, near])}

    assert isinstance(answers[FeedId("near")], Fetched)


def test_every_request_is_answered_once(server: LoopbackServer) -> None:
    requests = [Request(feed=a_feed(server.serve(f"/{number}", BODY), str(number))) for number in range(50)]

    answers = [feed.id for feed, _ in CurlFetcher(replace(LIMITS, in_flight=4)).fetch(requests)]

    assert sorted(answers) == sorted(request.feed.id for request in requests)


def test_a_fetch_left_early_leaves_nothing_behind(server: LoopbackServer) -> None:
    requests = [Request(feed=a_feed(server.serve(f"/{number}", BODY), str(number))) for number in range(5)]
    held = Request(feed=a_feed(server.hold("/held"), "held"))
    fetcher = CurlFetcher(LIMITS)

    answers = fetcher.fetch([held, *requests])
    next(answers)
    answers.close()  # type: ignore[attr-defined]  # the port promises an iterator; ours is a generator

    assert len(list(fetcher.fetch(requests))) == 5


def test_a_stopped_fetch_answers_everything_and_ends(server: LoopbackServer) -> None:
    requests = [Request(feed=a_feed(server.hold("/held"), str(number))) for number in range(5)]
    fetcher = CurlFetcher(LIMITS)

    def stop_when_held() -> None:
        server.held.wait()
        fetcher.stop()

    Thread(target=stop_when_held).start()

    causes = [answer.cause for _, answer in fetcher.fetch(requests) if isinstance(answer, FetchError)]

    assert causes == ["stopped"] * 5
