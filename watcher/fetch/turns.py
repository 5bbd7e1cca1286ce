"""Requests in, the next one whose host has room out: feeds of one host queue, other hosts go on."""

from collections import Counter, deque
from collections.abc import Collection, Iterable, Iterator

from watcher.fetch.urls import host_of
from watcher.model.polling import Request


class Turns:
    """Hands out requests so that no host has more than `per_host` of them under way."""

    def __init__(self, requests: Iterable[Request], per_host: int) -> None:
        self._per_host = per_host
        self._waiting: dict[str, deque[Request]] = {}
        self._busy: Counter[str] = Counter()
        for request in requests:
            self._waiting.setdefault(host_of(request.feed.url), deque()).append(request)
        self._ready = deque(self._waiting)  # hosts with requests and room, in the order of their turn

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def take(self) -> Request | None:
        """Return the next request; None when every host that waits is busy."""
        if not self._ready:
            return None
        host = self._ready.popleft()
        queue = self._waiting[host]
        request = queue.popleft()
        self._busy[host] += 1
        if not queue:
            del self._waiting[host]
        elif self._busy[host] < self._per_host:
            self._ready.append(host)
        return request

    def done(self, request: Request) -> None:
        """Give back the room that a request took."""
        host = host_of(request.feed.url)
        if host in self._waiting and self._busy[host] == self._per_host:
            self._ready.append(host)
        self._busy[host] -= 1
        if not self._busy[host]:
            del self._busy[host]

    def give_up(self, request: Request) -> Collection[Request]:
        """Take out all that wait for the host of a request, and return them."""
        host = host_of(request.feed.url)
        if host in self._ready:
            self._ready.remove(host)
        return self._waiting.pop(host, ())

    def rest(self) -> Iterator[Request]:
        """Return what was never taken."""
        for queue in self._waiting.values():
            yield from queue
