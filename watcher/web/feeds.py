"""Forms about one feed in: what it answers now out, or a poll at the next round of the service.

Only feeds of the list in use are fetched, in a process of its own (`watcher.lab.feed_trial`) and by the same
guarded fetcher as ever; no address comes from a form. The page polls nothing: it asks the one service.
"""

import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Semaphore
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from watcher.model.news import Feed
from watcher.model.settings import Settings
from watcher.polling.cadence import after_asking
from watcher.program import CACHES, own_environment
from watcher.service.health import runs_here
from watcher.web.api import TEXT, Interface
from watcher.web.desk import Desk
from watcher.web.reading import Pages
from watcher.web.users import Person
from watcher.web.writing import REFUSALS, SAID_AND_DONE, Form, by_reviewer, told

_UNKNOWN = "No feed has this id."
_READING = 60.0
"""Seconds that a test may take beside the fetching."""

POLLING = Interface(answers=SAID_AND_DONE, form={"token": TEXT}, refusals=[404, *REFUSALS])

_one_at_a_time = Semaphore(1)


@dataclass(frozen=True, slots=True)
class FeedForms:
    """Takes what reviewers ask of a feed."""

    desk: Desk
    pages: Pages

    async def test(self, request: Request) -> Response:
        """Fetch a feed once and show what comes and what of it would hit; nothing is recorded."""
        return await by_reviewer(self.desk, request, partial(self._about_feed, self._test))

    async def poll(self, request: Request) -> Response:
        """Have the service poll a feed at its next round."""
        return await by_reviewer(self.desk, request, partial(self._about_feed, self._poll))

    def _about_feed(
        self, answer: Callable[[Request, Feed], Response], request: Request, _form: Form, _person: Person
    ) -> Response:
        name = request.path_params["id"]
        feed = next((each for each in self.desk.lists.now().feeds if each.id == name), None)
        return answer(request, feed) if feed else self.pages.missing(request, _UNKNOWN)

    def _test(self, request: Request, feed: Feed) -> Response:
        listed, found = self.desk.lists.now(), _tested(feed, self.desk.settings)
        with self.desk.store() as store:
            health, unanswered = self.desk.health(store, listed), self.pages.unanswered(store, listed)
        return self.desk.page(
            request, "feed.html", feed=feed, found=found, health=health, unanswered=unanswered
        )

    def _poll(self, request: Request, feed: Feed) -> Response:
        with self.desk.journal() as store:
            said = after_asking(feed, store.state(feed.id))
            store.poll_soon(feed.id, store.shared_now() or self.desk.clock())
            runs = runs_here(self.desk.settings, store, self.desk.clock())
        if runs is None:
            said = f"No service runs on this data folder; when it does: {said}"
        return told(request, "/feeds", said)


def _tested(feed: Feed, settings: Settings) -> dict[str, Any]:
    """Return what came of fetching a feed once; `error` says why nothing did."""
    if not _one_at_a_time.acquire(blocking=False):
        return {"error": "another feed is being tested; try again in a moment"}
    # No secret of the page goes along but those of the feed.
    environment = own_environment(CACHES)
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "watcher.lab.feed_trial"],
            input=pickle.dumps((settings, feed)),
            stdout=subprocess.PIPE,  # what it says on stderr is in the log of the page
            timeout=settings.fetch.timeout.total_seconds() + _READING,
            check=True,
            env=environment,
        )
        found: dict[str, Any] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return {"error": f"the test gave no answer, and the log of the page says why: {error}"}
    finally:
        _one_at_a_time.release()
    return found
