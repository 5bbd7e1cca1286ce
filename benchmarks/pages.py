"""A number of stored items in, how long each page and filter of the review page takes out.

    python -m benchmarks.pages [--items 1000000] [--times 40] [--data FOLDER]

The page is `watcher serve` itself, asked over one connection on loopback: a figure is what a reader waits for
the server. A folder that is named is made once and used again by the next run.
Beside the time stands the CPU time of the server and its workbench, which another program on the machine
disturbs less. A second table has the query alone: the call of the store that reads the newest fifty
incidents by each filter.
"""

import argparse
import http.client
import json
import re
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from benchmarks.product import ROOT
from benchmarks.report import machine
from benchmarks.stored import FEEDS, feed_name, write_stored
from watcher import bootstrap
from watcher.clock import utc_now
from watcher.model.listing import IncidentQuery, ListedIncident
from watcher.model.settings import Settings
from watcher.ports import Database
from watcher.store import SqliteStore
from watcher.web.views.asked import Asked, asked_of, looked_up

_INDICATORS = str(ROOT / "indicators.yaml")
_LIST = "/incidents"


@dataclass(slots=True)
class Reader:
    """A browser: one connection, one session."""

    connection: http.client.HTTPConnection
    server: int
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> str:
        """Return a page."""
        return self._asked("GET", path, None)

    def post(self, path: str, form: dict[str, str]) -> str:
        """Send a form; return the page that answers."""
        return self._asked("POST", path, urlencode(form))

    def cpu(self) -> float:
        """Return how many seconds of CPU the server and its workbench have taken."""
        lists = Path(f"/proc/{self.server}/task").glob("*/children")
        children = [child for each in lists for child in each.read_text().split()]
        return sum(_cpu_of(process) for process in (str(self.server), *children))

    def _asked(self, method: str, path: str, body: str | None) -> str:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {text[:300]}")
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return text


@contextmanager
def served(folder: Path) -> Iterator[Reader]:
    """Serve the page of a data folder; give a reader of it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    files = ("--data", str(folder), "--indicators", _INDICATORS, "--feeds", str(folder / "feeds.yaml"))
    command = [sys.executable, "-m", "watcher", "serve", *files, "--listen", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - the product
        assert process.stderr
        try:
            process.stderr.readline()
            yield Reader(_connected(port), process.pid)
        finally:
            process.terminate()


def _connected(port: int) -> http.client.HTTPConnection:
    """Return a connection as soon as the page takes one."""
    deadline = time.monotonic() + 30
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        try:
            connection.connect()
        except OSError:
            if time.monotonic() > deadline:
                raise
        else:
            return connection


def filters(indicator: str) -> dict[str, str]:
    """Return the queries of addresses of lists, by what they ask for; `indicator` is a common one."""
    rare, common = feed_name(FEEDS - 1), feed_name(0)
    return {
        "all": "",
        "state new": "?state=new",
        "state acknowledged": "?state=acknowledged",
        "severity critical": "?severity=critical",
        "indicator, common": f"?indicator={indicator}",
        "indicator, rare": "?indicator=satellite-launch",
        "category": "?category=rhetoric",
        "claim denied": "?claim=denied",
        "feed, common": f"?feed={common}",
        "feed, rare": f"?feed={rare}",
        "publisher, common": "?owner=owner-0",
        "publisher, rare": f"?owner=owner-{FEEDS - 1}",
        "language, common": "?language=en",
        "language, rare": "?language=fr",
        "since": "?since=7d",
        "word, common": "?text=missile",
        "word, everyday": "?text=budget",
        "word, rare": "?text=Quito+pipeline+orchestra",
        "words, Korean": f"?text={quote('탄도미사일')}",
        "without an alert": "?alerts=no",
        "feed, word and state": f"?feed={rare}&text=missile&state=new",
    }


def paths(reader: Reader) -> dict[str, str]:
    """Return the pages to ask for, by what they show."""
    first = _linked(reader.get(f"{_LIST}?alerts=any"), "incidents/")
    alert = _linked(reader.get("/alerts"), "alerts/")
    indicator = _linked(reader.get("/indicators"), "indicators/")
    item = _linked(reader.get("/search?text=missile"), "why/")
    older = re.search(r'href="(/incidents\?[^"]*after=[^"]*)"', reader.get(_LIST))
    return {
        "board": "/",
        **{f"incidents: {name}": f"{_LIST}{query}" for name, query in filters(indicator).items()},
        **({"incidents: next page": unescape(older[1])} if older else {}),
        "incident": f"{_LIST}/{first}",
        "incident, the largest": f"{_LIST}/{_largest(reader)}",
        "alert log": "/alerts",
        "alert": f"/alerts/{alert}",
        "search: a common word": "/search?text=missile",
        "search: an everyday word": "/search?text=budget",
        "search: a rare word": "/search?text=Quito+pipeline+orchestra",
        "search: a phrase": "/search?text=%22ballistic+missile%22",
        "search: a beginning": f"/search?text={quote('mis*')}",
        "search: Korean": f"/search?text={quote('미사일')}",
        "indicators": "/indicators",
        "indicator": f"/indicators/{indicator}",
        "why": f"/why/{item}",
        "feeds": "/feeds",
        "activity": "/activity",
        "calendar": "/calendar",
        "health": "/health",
        "what open pages ask": "/pulse",
    }


@dataclass(frozen=True, slots=True)
class Waits:
    """How many milliseconds each request took, and how many of CPU."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        """Return the cells of a table: the median and the 95th percentile of both."""
        return " | ".join(
            f"{figure:.1f}"
            for each in (self.wall, self.cpu)
            for figure in (statistics.median(each), statistics.quantiles(each, n=20)[-1])
        )


def measured(cpu: Callable[[], float], ask: Callable[[int], object], times: int) -> Waits:
    """Return what some requests took, after one that is not counted; `cpu` says what was taken so far."""
    ask(0)
    waits = Waits()
    for number in range(1, times + 1):
        before, began = cpu(), time.perf_counter()
        ask(number)
        waits.wall.append((time.perf_counter() - began) * 1000)
        waits.cpu.append((cpu() - before) * 1000)
    return waits


def queries(folder: Path) -> Iterator[tuple[str, Callable[[int], object]]]:
    """Yield what reads the newest fifty incidents of a data folder by each filter."""
    now = utc_now()
    listed = bootstrap.indicators_in_use(Settings(data=str(folder), indicators=_INDICATORS)).indicators
    indicators = {each.id: each for each in listed}
    with closing(SqliteStore.open_readonly(folder / bootstrap.DATABASE)) as store:
        for name, query in filters(listed[0].id).items():
            asked = asked_of(dict(parse_qsl(query.lstrip("?"))), indicators, {}, now)
            if "word" in name:
                yield f"{name}: lookup of the words", partial(_looked_up, store, asked)
            yield name, partial(_newest, store, looked_up(asked, store.incidents_holding).query)


def edits(reader: Reader, indicator: str) -> Callable[[int], object]:
    """Return what tries another edit of an indicator for each number."""
    shown = reader.get(f"/indicators/{indicator}")
    text = re.search(r"<textarea[^>]*>\n?(.*?)</textarea>", shown, re.DOTALL)
    token = re.search(r'name="token" value="([^"]*)"', shown)
    assert text
    assert token

    def ask(number: int) -> None:
        form = {"token": token[1], "text": f"{unescape(text[1]).rstrip()}\n# edit {number}\n"}
        answer = reader.post(f"/indicators/{indicator}", form)
        if 'class="trial"' not in answer:
            raise SystemExit(f"{indicator}: {answer[-1500:]}")

    return ask


def main() -> None:
    """Make a store, ask for every page, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description="Measure the page.")
    parser.add_argument("--items", type=int, default=1_000_000, help="stored items; a tenth of them hit")
    parser.add_argument("--times", type=int, default=40, help="ask for each page so often, twice at least")
    parser.add_argument("--data", type=Path, help="keep the data folder here, and use it if it is there")
    parser.add_argument("--only", default="", help="only names in which this pattern is found")
    asked = parser.parse_args()
    if asked.times < 2:
        parser.error("--times is 2 at least: one answer has no spread")
    with TemporaryDirectory(prefix="benchmark-") as made:
        folder = asked.data or Path(made) / "data"
        if not folder.exists():
            unfinished = folder.with_name(f"{folder.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            write_stored(unfinished, asked.items, utc_now(), _INDICATORS)
            unfinished.rename(folder)
        with closing(SqliteStore.open_readonly(folder / bootstrap.DATABASE)) as store:
            items = store.counts()["items"]
        with served(folder) as reader:
            asks: dict[str, Callable[[int], object]] = {
                name: partial(_get, reader, path) for name, path in paths(reader).items()
            }
            for indicator in ("missile-launch", "kim-yo-jong"):
                asks[f"try it: {indicator}, 30 days"] = edits(reader, indicator)
            _print("page", asks.items(), reader.cpu, asked)
        _print("query", queries(folder), time.process_time, asked)
    facts = ", ".join(f"{name} {value}" for name, value in machine().items())
    print(f"\n{items:,} items; {facts}.")


def _print(
    what: str,
    asks: Iterable[tuple[str, Callable[[int], object]]],
    cpu: Callable[[], float],
    asked: argparse.Namespace,
) -> None:
    print(f"\n| {what} | median ms | p95 ms | CPU, median | CPU, p95 |\n| --- | --- | --- | --- | --- |")
    for name, ask in asks:
        if re.search(asked.only, name):
            print(f"| {name} | {measured(cpu, ask, asked.times)} |", flush=True)


def _looked_up(store: Database, asked: Asked, _: int) -> Asked:
    return looked_up(asked, store.incidents_holding)


def _newest(store: Database, asked: IncidentQuery, _: int) -> Sequence[ListedIncident]:
    return store.incidents(asked, limit=50)


def _linked(page: str, what: str) -> str:
    """Return the last part of the first link of a page that leads to such a thing."""
    found = re.search(f'href="/{what}([^"?]+)"', page)
    assert found, what
    return found[1]


def _largest(reader: Reader) -> str:
    """Return the incident with the most reports."""
    found: list[dict[str, Any]] = []
    where: str | None = f"{_LIST}.json?alerts=any"
    while where:
        part = json.loads(reader.get(where))
        found += part["incidents"]
        where = part["next"] and urlsplit(part["next"])._replace(scheme="", netloc="").geturl()
    return quote(max(found, key=lambda each: int(each["items"]))["id"])


def _get(reader: Reader, path: str, _: int) -> str:
    return reader.get(path)


def _cpu_of(process: str) -> float:
    tasks = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in tasks) / 1e9


if __name__ == "__main__":
    main()
