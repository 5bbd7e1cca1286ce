"""What the watcher is measured against: a bare loop over libcurl, and `reader`, each polling the same feeds.

`python peers.py loop FEEDS STATE` asks every address of a feeds file once, with the ETag of last time, and
does nothing else: what cannot be avoided. `python peers.py reader FEEDS STATE` polls them with `reader`
(PyPI); it needs nothing of this project, and runs in an environment where that is installed.
"""

import io
import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.cost import Cost

_AT_ONCE = 32
_WORKERS = 4


@dataclass(frozen=True, slots=True)
class Peer:
    """A program that polls feeds; `python` runs it."""

    name: str
    what: str
    python: str
    folder: Path

    def poll(self, feeds: Path) -> "Cost":
        """Poll every feed of a file once."""
        from benchmarks.cost import cost_of  # noqa: PLC0415 - the environment of `reader` has this file alone

        command = [self.python, str(Path(__file__)), self.what, str(feeds), str(self.folder / "state")]
        return cost_of(command, self.folder / "log", folder=self.folder)


@contextmanager
def peer(name: str, what: str, python: str) -> Iterator[Peer]:
    """Give a peer with a folder of its own."""
    with TemporaryDirectory(prefix="benchmark-") as folder:
        yield Peer(name, what, python, Path(folder))


def _poll_bare(addresses: list[str], state: Path) -> None:
    known = json.loads(state.read_bytes()) if state.exists() else {}
    state.write_text(json.dumps(known | dict(_asked(addresses, known))))


def _asked(addresses: list[str], tags: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each address with the ETag of its answer."""
    pycurl: Any = import_module("pycurl")
    multi, waiting, active = pycurl.CurlMulti(), list(reversed(addresses)), 0
    free = [pycurl.Curl() for _ in range(_AT_ONCE)]
    while waiting or active:
        while free and waiting:
            handle, address, lines = free.pop(), waiting.pop(), list[bytes]()
            handle.setopt(pycurl.URL, address)
            handle.setopt(pycurl.HTTPHEADER, [f"If-None-Match: {tags[address]}"] if address in tags else [])
            handle.setopt(pycurl.HEADERFUNCTION, lines.append)
            handle.setopt(pycurl.WRITEDATA, io.BytesIO())
            handle.asked = address, lines
            multi.add_handle(handle)
            active += 1
        multi.perform()
        _, good, bad = multi.info_read(1000)
        if bad:
            raise OSError(f"the server of the benchmark did not answer: {bad[0][2]}")
        for handle in good:
            multi.remove_handle(handle)
            free.append(handle)
            active -= 1
            address, lines = handle.asked
            for line in lines:
                if line[:5].lower() == b"etag:":
                    yield address, line[5:].strip().decode()
        if not good:
            multi.select(1.0)


def _poll_with_reader(addresses: list[str], state: Path) -> None:
    reader = import_module("reader").make_reader(str(state))
    known = {feed.url for feed in reader.get_feeds()}
    for address in addresses:
        if address not in known:
            reader.add_feed(address)
    failed = [
        each
        for each in reader.update_feeds_iter(workers=_WORKERS, scheduled=False)
        if isinstance(each.value, Exception)
    ]
    if failed:
        raise failed[0].value


if __name__ == "__main__":
    what, feeds, state = sys.argv[1:]
    listed = re.findall(r"url: (\S+?),", Path(feeds).read_text(encoding="utf-8"))
    {"loop": _poll_bare, "reader": _poll_with_reader}[what](listed, Path(state))
