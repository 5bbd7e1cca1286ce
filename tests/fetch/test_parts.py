"""The pure parts of the fetcher: bodies, heads, addresses and turns."""

import gzip
import zlib
from contextlib import suppress

import brotli
import pytest
from hypothesis import given
from hypothesis.strategies import binary, integers, lists, sampled_from, text

from watcher.errors import FetchError
from watcher.fetch.decode import decompress
from watcher.fetch.head import MOST_WAIT, Head, read_head
from watcher.fetch.turns import Turns
from watcher.fetch.urls import dialable, host_of, resolve, without_login
from watcher.model.news import Feed, FeedId
from watcher.model.polling import Request

DATE = b"Mon, 23 Nov 2026 10:00:00 GMT"


# --- bodies -------------------------------------------------------------------------------------------------


@given(binary(min_size=1))
def test_what_was_packed_is_unpacked(body: bytes) -> None:
    assert decompress(gzip.compress(body), "gzip", len(body)) == body
    assert decompress(zlib.compress(body), " Deflate ", len(body)) == body
    assert decompress(brotli.compress(body), "br", len(body)) == body


@given(binary(min_size=1), integers(1, 10))
def test_a_packed_body_cut_short_is_never_taken(body: bytes, missing: int) -> None:
    with pytest.raises(FetchError):
        decompress(gzip.compress(body)[:-missing], "gzip", 1_000_000)
    with pytest.raises(FetchError):
        decompress(brotli.compress(body)[:-missing], "br", 1_000_000)


@given(binary(), sampled_from(["", "gzip", "deflate", "br", "identity", "gzip, deflate", "\x00"]))
def test_any_bytes_are_a_bounded_body_or_an_error(body: bytes, encoding: str) -> None:
    with suppress(FetchError):
        assert len(decompress(body, encoding, 1_000)) <= max(1_000, len(body))


def test_bytes_after_the_end_are_an_error() -> None:
    with pytest.raises(FetchError, match="more bytes follow"):
        decompress(gzip.compress(b"one") + gzip.compress(b"two"), "gzip", 1_000)


# --- heads --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"120", 120.0),
        (b"0", 0.0),
        (b"315360000", MOST_WAIT),
        (b"9" * 900, MOST_WAIT),
        (b"Mon, 23 Nov 2026 10:01:00 GMT", 60.0),
        (b"Mon, 23 Nov 2026 09:00:00 GMT", None),
        (b"Fri, 01 Jan 2100 00:00:00 GMT", MOST_WAIT),
        *[(bad, None) for bad in (b"", b"-5", b"-1e99, soon", b"1.5", b"nan", b"inf", b"\xb2", b"tomorrow")],
    ],
)
def test_retry_after_is_seconds_or_a_date_and_capped(value: bytes, seconds: float | None) -> None:
    assert Head(503, {b"retry-after": value, b"date": DATE}).retry_after == seconds


@pytest.mark.parametrize(
    ("control", "age", "seconds"),
    [
        (b"max-age=600", b"", 600),
        (b"public, Max-Age=600, must-revalidate", b"", 600),
        (b'max-age="600"', b"100", 500),
        (b"max-age=600", b"900", 0),
        (b"max-age=600", b"soon", 600),
        (b"max-age=600, no-cache", b"", 0),
        (b"no-store,max-age=600", b"", 0),
        (b"max-age=999999999", b"", MOST_WAIT),
        *[
            (bad, b"", 0)
            for bad in (
                b"",
                b"max-age=",
                b"max-age=-5",
                b"max-age=" + b"9" * 40,
                b"s-maxage=600",
                b"max-age=\xb2",
            )
        ],
    ],
)
def test_an_answer_is_fresh_for_as_long_as_its_server_says_and_capped(
    control: bytes, age: bytes, seconds: float
) -> None:
    assert Head(200, {b"cache-control": control, b"age": age}).fresh_for.total_seconds() == seconds


def test_cache_control_on_several_lines_is_one_list() -> None:
    lines = [b"HTTP/1.1 200 OK\r\n", b"Cache-Control: public\r\n", b"cache-control: max-age=60\r\n", b"\r\n"]

    assert read_head(lines).fresh_for.total_seconds() == 60


def test_only_the_last_answer_counts() -> None:
    answers = "HTTP/1.1 100 Continue|ETag: old||HTTP/1.1 200 OK|ETag: new||ETag: trailer||"
    lines = answers.replace("|", "\r\n").encode().splitlines(keepends=True)

    head = read_head(lines)

    assert (head.status, head.text(b"etag")) == (200, "new")


@given(lists(binary()))
def test_any_lines_are_a_head(lines: list[bytes]) -> None:
    assert read_head(lines).status >= 0


# --- addresses ----------------------------------------------------------------------------------------------


def test_an_address_in_any_script_can_be_dialled() -> None:
    assert (
        dialable("https://пример.рф/북한 뉴스?q=핵")
        == "https://xn--e1afmkfd.xn--p1ai/%EB%B6%81%ED%95%9C%20%EB%89%B4%EC%8A%A4?q=%ED%95%B5"
    )


@given(text())
def test_any_text_is_an_address_or_no_address(anything: str) -> None:
    for url in (anything, f"http://{anything}/"):
        with suppress(ValueError):
            assert dialable(url).isascii()


@given(binary())
def test_any_location_is_an_address_or_no_address(location: bytes) -> None:
    with suppress(ValueError):
        assert resolve("http://wire.example/feed.xml", location).startswith(("http://", "https://"))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://Wire.example/x", "wire.example"),
        ("https://a:b@wire.example:8080/x@y", "wire.example"),
        ("http://[::1]:80/", "[::1]"),
        ("http://wire.example?x", "wire.example"),
        ("file:///x", ""),
    ],
)
def test_a_host_is_known_by_its_name_alone(url: str, host: str) -> None:
    assert host_of(url) == host


def test_a_login_is_not_shown() -> None:
    assert without_login("https://desk:secret@wire.example/x") == "https://wire.example/x"


# --- turns --------------------------------------------------------------------------------------------------


def requests(hosts: list[str]) -> list[Request]:
    return [
        Request(feed=Feed(id=FeedId(f"{host}-{n}"), url=f"http://{host}.example/{n}", owner="x"))
        for n, host in enumerate(hosts)
    ]


@given(lists(sampled_from("abc")), integers(1, 3))
def test_every_request_has_its_turn_and_no_host_is_crowded(hosts: list[str], per_host: int) -> None:
    waiting = requests(hosts)
    turns, under_way, done = Turns(waiting, per_host), list[Request](), list[Request]()

    while turns or under_way:
        while request := turns.take():
            under_way.append(request)
        busy = [host_of(request.feed.url) for request in under_way]
        assert all(busy.count(host) <= per_host for host in busy)
        done.append(under_way.pop(0))
        turns.done(done[-1])

    assert sorted(request.feed.id for request in done) == sorted(request.feed.id for request in waiting)


def test_what_had_no_turn_is_the_rest() -> None:
    turns = Turns(requests(["a", "a", "b"]), per_host=1)

    taken = [turns.take(), turns.take(), turns.take()]

    assert [request.feed.id for request in taken if request] == ["a-0", "b-2"]
    assert [request.feed.id for request in turns.rest()] == ["a-1"]


@given(lists(sampled_from("abc"), min_size=1), integers(1, 3), sampled_from("abc"))
def test_a_host_given_up_has_no_more_turns_and_the_others_all_of_theirs(
    hosts: list[str], per_host: int, deaf: str
) -> None:
    waiting = requests(hosts)
    turns, under_way, done, vain = Turns(waiting, per_host), list[Request](), list[Request](), list[Request]()

    while turns or under_way:
        while request := turns.take():
            assert not vain or host_of(request.feed.url) != f"{deaf}.example"
            under_way.append(request)
        done.append(under_way.pop(0))
        turns.done(done[-1])
        if host_of(done[-1].feed.url) == f"{deaf}.example":
            vain.extend(turns.give_up(done[-1]))

    assert sorted(request.feed.id for request in done + vain) == sorted(
        request.feed.id for request in waiting
    )
    assert {host_of(request.feed.url) for request in vain} <= {f"{deaf}.example"}
