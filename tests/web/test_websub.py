"""A hub's call makes a feed due, and nobody's call does more than that."""

import hmac
import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.builders import NOON, rss
from tests.fakes import FakeClock
from tests.loopback import LoopbackServer
from tests.web.hub import Asked, LoopbackHub
from tests.web.test_pages import get, serving_at
from tests.workspace import ONE_TERM, Workspace, wait_until
from watcher import bootstrap
from watcher.clock import utc_now
from watcher.config import read_indicators
from watcher.model.news import Feed, FeedId
from watcher.model.polling import FeedState
from watcher.model.settings import FetchSettings, Settings, WebSettings
from watcher.model.subscription import Subscription
from watcher.pipeline import World, poll, rules_of
from watcher.polling.cadence import due_at, is_due
from watcher.service.websub import Subscriber
from watcher.store import SqliteStore
from watcher.store.values import stamp
from watcher.web.websub import MOST_BODY

RULES = rules_of(read_indicators(ONE_TERM.encode(), "i.yaml"))
PUBLIC = "https://watcher.example"
WIRE = FeedId("wire")


def feed_of(hub: str, topic: str, *titles: str) -> bytes:
    """Return a feed that names a hub."""
    links = f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="hub" href="{hub}"/>' if hub else ""
    links += f'<a:link xmlns:a="http://www.w3.org/2005/Atom" rel="self" href="{topic}"/>'
    items = (f"<title>{title}</title><guid>{title.replace(' ', '-')}</guid>" for title in titles)
    return rss(*items, head=f"<title>Wire</title>{links}").encode()


@dataclass
class Scene:
    """A service and its web page on one data folder, a feed server and a hub: one machine and one clock."""

    settings: Settings
    world: World
    clock: FakeClock
    port: int
    server: LoopbackServer
    hub: LoopbackHub
    feed: Feed
    subscriber: Subscriber

    @property
    def store(self) -> SqliteStore:
        assert isinstance(self.world.store, SqliteStore)
        return self.world.store

    @property
    def known(self) -> Subscription:
        (known,) = self.store.subscriptions()
        return known

    @property
    def state(self) -> FeedState:
        return self.store.states()[WIRE]

    @property
    def asked(self) -> Asked:
        """What the hub was asked last."""
        return self.hub.asked[-1]

    def publishes(self, *titles: str, hub: str | None = None) -> None:
        url = self.server.url("/f")
        self.server.serve("/f", feed_of(self.hub.url if hub is None else hub, url, *titles))

    def tick(self) -> list[str]:
        """Poll the feed if it is due, as the service does; return the titles of what was new."""
        feeds = [self.feed] if is_due(self.store.states().get(WIRE), self.clock()) else []
        return [item.title for cycle in poll(feeds, self.world, RULES) for item in cycle.items]

    def look(self) -> int:
        """Let the service look after its subscriptions; return how often the hub has been asked by then."""
        assert list(self.subscriber.look()) == []
        if self.subscriber._thread:
            self.subscriber._thread.join(10)
        return len(self.hub.asked)

    def subscribes(self) -> None:
        """Poll, ask the hub, and let it find that we meant it."""
        self.publishes("Weather fine")
        self.tick()
        self.look()
        wait_until(lambda: self.hub.confirmed, "the hub has asked back")

    def counts(self) -> Mapping[str, int]:
        return self.store.counts()


@pytest.fixture
def scene(tmp_path: Path, server: LoopbackServer) -> Iterator[Scene]:
    settings = Settings(
        data=str(tmp_path),
        fetch=FetchSettings(allow_private=(ip_network("127.0.0.1/32"),), timeout=timedelta(seconds=5)),
        web=WebSettings(public=PUBLIC, hosts=("watcher.example",)),
    )
    clock = FakeClock(NOON)
    world = bootstrap.open_world(settings, clock)
    feed = Feed(id=WIRE, url=server.url("/f"), owner="wire")
    subscriber = Subscriber(settings.web.callbacks, world.store, bootstrap.open_fetcher(settings), clock)
    with (
        closing(world.store),
        closing(world.reader),
        serving_at(settings, clock) as port,
        LoopbackHub(port) as hub,
    ):
        yield Scene(settings, world, clock, port, server, hub, feed, subscriber)


# --- the dance ----------------------------------------------------------------------------------------------


def test_a_feed_is_polled_at_the_next_tick_when_its_hub_calls(scene: Scene) -> None:
    scene.subscribes()
    scene.clock.passes(hours=0.1)
    scene.publishes("Missile launch", "Weather fine")
    assert scene.tick() == []

    assert scene.hub.publish(scene.asked) == 202

    assert scene.tick() == ["Missile launch"]
    assert scene.tick() == []


def test_a_hub_is_asked_as_the_standard_says(scene: Scene) -> None:
    scene.subscribes()

    assert scene.asked.content_type == "application/x-www-form-urlencoded"
    assert scene.asked["mode"] == "subscribe"
    assert scene.asked["topic"] == scene.server.url("/f")
    assert scene.asked["lease_seconds"] == "864000"
    assert scene.asked["callback"].startswith(f"{PUBLIC}/websub/")
    assert len(urlsplit(scene.asked["callback"]).path) > 50
    assert 40 < len(scene.asked["secret"]) < 200


def test_a_lease_is_noted_when_the_hub_asks_back_and_renewed_with_the_same_address_before_it_ends(
    scene: Scene,
) -> None:
    scene.subscribes()
    first = scene.asked
    assert (scene.known.tries, scene.known.until) == (0, NOON + timedelta(days=10))
    assert scene.look() == 1

    for _ in range(8):
        scene.clock.passes(hours=24)
        scene.tick()
        scene.look()

    assert [each.form for each in scene.hub.asked] == [first.form] * 2
    wait_until(lambda: scene.known.tries == 0, "the hub has agreed again")


def test_a_call_within_a_minute_of_a_poll_makes_the_feed_due_when_the_minute_is_over(scene: Scene) -> None:
    scene.subscribes()
    scene.clock.passes(hours=0.01)

    assert [scene.hub.publish(scene.asked) for _ in range(2)] == [202, 202]

    assert due_at(scene.state) == NOON + timedelta(minutes=1)


def test_a_feed_without_a_hub_asks_nobody(scene: Scene) -> None:
    scene.publishes("Weather fine", hub="")
    scene.tick()

    assert scene.look() == 0
    assert scene.store.subscriptions() == []


def test_a_feed_that_names_no_hub_any_more_is_unsubscribed_when_the_lease_ends(scene: Scene) -> None:
    scene.subscribes()
    scene.publishes("Missile launch", hub="")

    for _ in range(11):
        scene.clock.passes(hours=24)
        scene.tick()
        scene.look()

    assert scene.store.subscriptions() == []
    assert scene.hub.publish(scene.asked) == 404
    assert scene.hub.verify(scene.asked)[0] == 404


# --- trouble with hubs --------------------------------------------------------------------------------------


def test_a_hub_that_refuses_is_a_line_in_the_log_and_asked_again_in_an_hour(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    scene.hub.refuses = True
    scene.publishes("Weather fine")
    scene.tick()

    with caplog.at_level(logging.INFO, "watcher.service"):
        assert scene.look() == scene.look() == 1
        scene.clock.passes(hours=1)
        scene.tick()
        assert scene.look() == 2

    said = [record for record in caplog.records if record.name == "watcher.service"]
    assert [record.getMessage() for record in said] == ["hub_refused"] * 2
    assert "403" in said[0].__dict__["error"]
    assert not any(
        secret in str(record.__dict__)
        for record in said
        for secret in (scene.known.secret, scene.known.callback)
    )


@pytest.mark.parametrize("answer", ["redirect", "private"])
def test_a_hub_leads_nowhere_else(scene: Scene, answer: str) -> None:
    elsewhere = scene.server.serve("/elsewhere")
    hub = scene.server.redirect("/hub", elsewhere, 307) if answer == "redirect" else "http://10.0.0.1/hub"
    scene.publishes("Weather fine", hub=hub)
    scene.tick()

    scene.look()

    assert "/elsewhere" not in [seen.path for seen in scene.server.requests]
    assert (scene.known.tries, scene.known.agreed) == (1, None)


def test_what_a_feed_may_reach_its_hub_may_not(scene: Scene) -> None:
    fetcher = bootstrap.open_fetcher(Settings())
    scene.feed = replace(scene.feed, allow_private=(ip_network("127.0.0.1/32"),))
    scene.subscriber = Subscriber(scene.settings.web.callbacks, scene.store, fetcher, scene.clock)
    scene.publishes("Weather fine")
    scene.tick()

    assert scene.look() == 0


def test_a_feed_that_fails_keeps_its_back_off_whatever_its_hub_says(scene: Scene) -> None:
    scene.subscribes()
    scene.clock.passes(hours=1)
    scene.server.serve("/f", status=503, headers={"Retry-After": "7200"})
    scene.tick()
    scene.clock.passes(hours=0.1)

    assert scene.hub.publish(scene.asked) == 202

    assert due_at(scene.state) == NOON + timedelta(hours=3)


# --- who is no hub ------------------------------------------------------------------------------------------


def forged(body: bytes) -> list[str]:
    return [
        "",
        "sha256=",
        "sha256",
        "sha256=" + "0" * 64,
        "sha256=" + hmac.digest(b"guess", body, "sha256").hex(),
        "sha1=" + hmac.digest(b"guess", body, "sha1").hex(),
        "sha256=\xe9",
    ]


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_a_hub_may_sign_by_any_method_of_the_standard(scene: Scene, method: str) -> None:
    scene.subscribes()
    scene.clock.passes(hours=0.1)

    signed = f"{method}={hmac.digest(scene.asked['secret'].encode(), b'<rss/>', method).hex()}"

    assert scene.hub.publish(scene.asked, b"<rss/>", signature=signed) == 202
    assert due_at(scene.state) <= scene.clock()


def test_a_forged_call_is_refused(scene: Scene) -> None:
    scene.subscribes()
    scene.clock.passes(hours=0.1)
    before = scene.state

    assert {scene.hub.publish(scene.asked, signature=each) for each in forged(b"<rss/>")} == {403}
    signed = f"sha256={hmac.digest(scene.asked['secret'].encode(), b'another body', 'sha256').hex()}"
    assert scene.hub.publish(scene.asked, signature=signed) == 403
    assert scene.state == before


def test_a_wrong_address_is_nowhere_even_with_the_right_secret(scene: Scene) -> None:
    scene.subscribes()
    scene.clock.passes(hours=0.1)
    before, right = scene.state, urlsplit(scene.asked["callback"]).path

    for wrong in (f"{right}x", right[:-1], "/websub/guess", "/websub/", "/websub/%00", f"{right}/"):
        assert scene.hub.publish(scene.asked, path=wrong) in (404, 307), wrong

    assert scene.state == before


def test_too_large_a_body_is_refused_and_one_as_large_as_may_be_is_taken(scene: Scene) -> None:
    scene.subscribes()
    scene.clock.passes(hours=0.1)
    before = scene.state

    assert scene.hub.publish(scene.asked, b"x" * (MOST_BODY + 1)) == 413
    assert scene.state == before
    assert scene.hub.publish(scene.asked, b"x" * MOST_BODY) == 202
    assert due_at(scene.state) == scene.clock()


def test_what_we_did_not_ask_for_is_not_confirmed(scene: Scene) -> None:
    scene.hub.asks = False
    scene.publishes("Weather fine")
    scene.tick()
    scene.look()

    assert scene.hub.verify(scene.asked, topic="https://other.example/f")[0] == 404
    assert scene.hub.verify(scene.asked, mode="unsubscribe")[0] == 404
    assert scene.hub.verify(scene.asked, mode="denied")[0] == 404
    assert scene.hub.verify(scene.asked, challenge="")[0] == 404
    assert scene.known.agreed is None
    assert scene.hub.verify(scene.asked, challenge="<script>")[:] == (200, "<script>")
    assert scene.known.agreed == NOON


def test_a_confirmation_said_again_changes_nothing(scene: Scene) -> None:
    scene.subscribes()
    wait_until(lambda: scene.known.tries == 0, "the hub has agreed")
    before = scene.known
    scene.clock.passes(hours=100)

    assert scene.hub.verify(scene.asked)[0] == 200

    assert scene.known == before


def test_a_hub_needs_no_password_and_all_others_do(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "web.password").write_text("open sesame")
    guarded = replace(
        scene.settings, web=replace(scene.settings.web, password_file=str(tmp_path / "web.password"))
    )
    scene.subscribes()
    scene.clock.passes(hours=0.1)
    path = urlsplit(scene.asked["callback"]).path

    with serving_at(guarded, scene.clock) as port:
        scene.hub.callback_port = port
        assert scene.hub.publish(scene.asked) == 202
        statuses = [
            get(port, each)[0]
            for each in ("/", f"{path}/../../alerts/a1", "/websub/x/y", "/websub/", "//websub/x")
        ]
        elsewhere = get(port, path, method="POST", Host="evil.example")[0]

    assert statuses == [401] * 5
    assert elsewhere == 421


@pytest.mark.parametrize("public", ["", "http://watcher.example"])
def test_without_a_public_https_address_there_is_no_such_page(scene: Scene, public: str) -> None:
    scene.subscribes()
    closed = replace(scene.settings, web=replace(scene.settings.web, public=public))

    with serving_at(closed, scene.clock) as port:
        scene.hub.callback_port = port

        assert scene.hub.publish(scene.asked) == 404
        assert scene.hub.verify(scene.asked)[0] == 404


def test_no_page_and_no_number_shows_an_address_of_a_hub_or_a_secret(scene: Scene) -> None:
    scene.subscribes()

    for path in ("/", "/metrics", "/readyz", urlsplit(scene.asked["callback"]).path):
        said = get(scene.port, path)[1]
        assert scene.asked["secret"] not in said
        assert urlsplit(scene.asked["callback"]).path not in said


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=2000), st.booleans(), st.floats(0, 3))
def test_a_call_never_makes_news_by_itself(scene: Scene, body: bytes, signed: bool, hours: float) -> None:
    if not scene.hub.asked:
        scene.subscribes()
    scene.clock.passes(hours)
    body = feed_of("", "", "ICBM launched at dawn") if hours < 1 else body
    before, state = scene.counts(), scene.state

    scene.hub.publish(scene.asked, body, signature=None if signed else "sha256=" + "0" * 64)

    assert scene.counts() == before
    assert replace(scene.state, called=state.called) == state


# --- the real service ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_service_subscribes_and_polls_when_it_is_called(
    workspace: Workspace, server: LoopbackServer
) -> None:
    workspace.write(
        "watcher.toml",
        f'[fetch]\nallow_private = ["127.0.0.1/32"]\n'
        f'[web]\npublic = "{PUBLIC}"\nhosts = ["watcher.example"]\n',
    )
    settings = Settings(data=str(workspace.data), web=WebSettings(public=PUBLIC, hosts=("watcher.example",)))
    with serving_at(settings, utc_now) as port, LoopbackHub(port) as hub:
        workspace.feeds(
            every="1h", wire=server.serve("/f", feed_of(hub.url, server.url("/f"), "Weather fine"))
        )
        with workspace.service() as service:
            service.wait_until(lambda: hub.confirmed, "the hub has asked back")
            with (
                closing(sqlite3.connect(workspace.data / "watcher.db")) as connection,
                connection,
            ):  # as if some minutes had passed
                connection.execute(
                    "UPDATE feeds SET last_poll = ?", (stamp(utc_now() - timedelta(minutes=5)),)
                )
            server.serve("/f", feed_of(hub.url, server.url("/f"), "ICBM launched at dawn", "Weather fine"))
            assert hub.publish(hub.asked[0]) == 202
            service.wait_for_log("ICBM launched at dawn")
            assert urlsplit(hub.asked[0]["callback"]).path not in service.output
            assert hub.asked[0]["secret"] not in service.output
