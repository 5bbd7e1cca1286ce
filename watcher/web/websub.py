"""A hub's request in, its answer and a feed due at once out: hubs verify subscriptions and announce news.

The body of a call is only checked against its signature, piece by piece, and never kept or read: the news
comes when the service polls the feed, as always. Whoever does not know the address of a subscription learns
nothing, not even that there are any.
"""

import hmac
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from watcher import bootstrap
from watcher.model.settings import Settings
from watcher.model.subscription import Subscription
from watcher.polling.hubs import agreed
from watcher.ports import Clock

METHODS = ("sha256", "sha512", "sha384", "sha1")
"""How hubs may sign (WebSub, section 8).

HMAC holds with SHA-1 too, and the largest hubs have nothing newer.
"""

MOST_BODY = 1 << 20


@dataclass(frozen=True, slots=True)
class Callback:
    """Answers hubs."""

    settings: Settings
    clock: Clock

    async def answer(self, request: Request) -> Response:
        """Answer what comes to the address of a subscription."""
        known = await run_in_threadpool(self._subscription, request.path_params["token"])
        if known is None:
            return _text("there is nothing at this address", 404)
        if request.method == "POST":
            return await self._called(request, known)
        return await run_in_threadpool(self._asked, request, known)

    def _subscription(self, token: str) -> Subscription | None:
        """Return the subscription of an address.

        How long that takes says nothing about how much of it was right.
        """
        address = f"{self.settings.web.callbacks}{token}".encode()
        with closing(bootstrap.read_store(self.settings)) as store:
            found = [
                each for each in store.subscriptions() if hmac.compare_digest(each.callback.encode(), address)
            ]
        return found[0] if found else None

    def _asked(self, request: Request, known: Subscription) -> Response:
        """Say to a hub that we meant it, and note for how long it will call."""
        query = request.query_params
        challenge = query.get("hub.challenge", "")
        if query.get("hub.mode") != "subscribe" or query.get("hub.topic") != known.hub.topic or not challenge:
            return _text("the watcher did not ask for this", 404)
        after = agreed(known, query.get("hub.lease_seconds", ""), self.clock())
        if after != known:
            with closing(bootstrap.open_for_review(self.settings)) as store:
                store.subscribe(after)
        return PlainTextResponse(challenge)

    async def _called(self, request: Request, known: Subscription) -> Response:
        """Make a feed due, if it was its hub that called."""
        signed, _, signature = request.headers.get("x-hub-signature", "").lower().partition("=")
        if signed not in METHODS:
            return _text(f"a signature is needed, with one of {', '.join(METHODS)}", 403)
        digest = await _signature(known.secret, signed, request.stream())
        if digest is None:
            return _text(f"more than {MOST_BODY:,} bytes are not accepted", 413)
        if not hmac.compare_digest(signature.encode(), digest):
            return _text("the signature is wrong", 403)
        await run_in_threadpool(self._note_call, known)
        return Response(status_code=202)

    def _note_call(self, known: Subscription) -> None:
        with closing(bootstrap.open_for_review(self.settings)) as store:
            store.poll_soon(known.feed, self.clock())


async def _signature(secret: str, method: str, pieces: AsyncIterator[bytes]) -> bytes | None:
    """Return the signature of a body, or None when there is too much of it.

    The rest is then not waited for.
    """
    expected, taken = hmac.new(secret.encode(), digestmod=method), 0
    async for piece in pieces:
        taken += len(piece)
        if taken > MOST_BODY:
            return None
        expected.update(piece)
    return expected.hexdigest().encode()


def _text(words: str, status: int) -> Response:
    return PlainTextResponse(f"{words}\n", status_code=status)
