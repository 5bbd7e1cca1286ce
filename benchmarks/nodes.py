"""Feeds, how often they are polled and numbers of nodes in, a table of how late they are polled out.

    python -m benchmarks.nodes --feeds 1000,20000,100000 --every 15m --nodes 1-8
    python -m benchmarks.nodes --feeds 100000 --every 5m --nodes 4,8 --kill 1

Nothing is run: `benchmarks.cluster` simulates the nodes with the product's own scheduling and measured costs.
Lag is the time from when a feed is due until its news is recorded; where nodes die, until it is asked. The
first minutes are not counted.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.cluster import Cluster, Kind, Load, Polled, Setup
from watcher.config.durations import duration

WARM_UP = 180.0
"""Seconds that are not counted."""
_WINDOW = 10.0
_HEADS = (
    "feeds, every",
    "nodes",
    "polls a second",
    "lag in s: median, 99 %, longest",
    "lag grows by",
    "core of the node in charge, of the least busy",
    "database, cores",
    "judging lock held",
    "feeds a batch",
)
_HEADS_OF_DEATH = ("feeds, every", "nodes", "lost polls made after", "longest lag", "as before after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a simulation shows after its first minutes; lags in seconds, and how much of each part was used.

    `core` is that of the busiest node, which is the one in charge.

    `grows` is by how many seconds the median lag grows in a minute.
    """

    polls: float
    lag: float
    lag_99: float
    longest: float
    grows: float
    core: float
    least_busy: float
    database: float
    judging: float
    batch: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """What the death of nodes does, in seconds; None is not within the simulation.

    `again` is when the last feed that a dead node was polling is asked again, `calm` when lag is as before.
    """

    again: float | None
    longest: float
    calm: float | None


def figures(cluster: Cluster, since: float = WARM_UP) -> Figures:
    """Return what a simulation shows."""
    setup = cluster.setup
    polls = [each for each in cluster.polls if each.recorded >= since]
    lags = [lag for _, lag in _lags(polls)]
    part = (setup.seconds - since) / 3
    first = [lag for at, lag in _lags(polls) if at < since + part]
    last = [lag for at, lag in _lags(polls) if at >= since + 2 * part]
    return Figures(
        polls=len(polls) / (setup.seconds - since),
        lag=median(lags),
        lag_99=_of_100(lags, 99),
        longest=max(lags),
        grows=(median(last) - median(first)) / (2 * part) * 60,
        core=max(node.core.busy for node in cluster.nodes) / setup.seconds,
        least_busy=min(node.core.busy for node in cluster.nodes) / setup.seconds,
        database=cluster.database.busy / setup.seconds,
        judging=cluster.judging.held / setup.seconds,
        batch=sum(cluster.batches) / max(len(cluster.batches), 1),
    )


def death(cluster: Cluster, since: float = WARM_UP) -> Death:
    """Return what came of the first death; until then the simulation must have run as usual for a while."""
    died = min(cluster.setup.deaths)
    asked = {each.feed: each.asked - died for each in reversed(cluster.polls) if each.asked > died}
    again = [asked.get(feed) for feed in cluster.lost]
    before = _waits(each for each in cluster.polls if since <= each.asked <= died)
    after = _waits(each for each in cluster.polls if each.asked > died)
    late = [window for window, waited in after.items() if waited > max(before.values()) + 1]
    calm = max(late, default=died - _WINDOW) + _WINDOW - died
    return Death(
        again=None if None in again else max((each for each in again if each is not None), default=0.0),
        longest=max(after.values()),
        calm=max(calm, 0.0) if calm + died + _WINDOW < cluster.setup.seconds else None,
    )


def _lags(polls: Iterable[Polled]) -> Sequence[tuple[float, float]]:
    """Return when news was recorded, and its lag; what has not changed may be recorded late without harm."""
    return [
        (each.recorded, each.recorded - each.due) for each in polls if each.kind in (Kind.CHANGED, Kind.HITS)
    ]


def _of_100(lags: Sequence[float], part: int) -> float:
    return sorted(lags)[min(len(lags) * part // 100, len(lags) - 1)]


def _waits(polls: Iterable[Polled]) -> dict[float, float]:
    """Return the longest that a feed waited until it was asked, by the beginning of each window of time."""
    longest: dict[float, float] = defaultdict(float)
    for each in polls:
        window = each.asked // _WINDOW * _WINDOW
        longest[window] = max(longest[window], each.asked - each.due)
    return longest


def main() -> None:
    """Simulate, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nodes", description="Simulate many nodes.")
    parser.add_argument("--feeds", default="100000", help="how many, as 1000,20000")
    parser.add_argument("--every", default="15m", help="their normal pace, as 15m,5m")
    parser.add_argument("--nodes", default="1-8", help="how many, as 1-4,8")
    parser.add_argument("--kill", type=int, default=0, help="how many nodes die in the middle")
    parser.add_argument("--minutes", type=float, default=12, help="how long, in virtual time")
    asked = parser.parse_args()
    seconds = 60 * asked.minutes
    deaths = (seconds / 2,) * asked.kill
    print(
        _row(_HEADS_OF_DEATH if deaths else _HEADS),
        _row(["---"] * len(_HEADS_OF_DEATH if deaths else _HEADS)),
        sep="\n",
    )
    for feeds in map(int, asked.feeds.split(",")):
        for every in asked.every.split(","):
            load = Load(feeds=feeds, every=duration(every))
            for nodes in _numbers(asked.nodes):
                if nodes > asked.kill:
                    cluster = Cluster(Setup(load=load, nodes=nodes, seconds=seconds, deaths=deaths)).run()
                    cells = _of_death(death(cluster)) if deaths else _cells(figures(cluster))
                    print(_row([f"{feeds:,}, {every}", str(nodes), *cells]), flush=True)


def _cells(of: Figures) -> Sequence[str]:
    return (
        f"{of.polls:.0f}",
        f"{of.lag:.1f}, {of.lag_99:.1f}, {of.longest:.1f}",
        f"{of.grows:.0f} s a minute" if of.grows > 1 else "-",
        f"{of.core:.0%}, {of.least_busy:.0%}",
        f"{of.database:.2f}",
        f"{of.judging:.0%}",
        f"{of.batch:.0f}",
    )


def _of_death(of: Death) -> Sequence[str]:
    again, calm = (f"{each:.0f} s" if each is not None else "never here" for each in (of.again, of.calm))
    return again, f"{of.longest:.0f} s", calm


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _numbers(typed: str) -> Iterator[int]:
    """Yield the numbers of `1-4,8`."""
    for part in typed.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    main()
