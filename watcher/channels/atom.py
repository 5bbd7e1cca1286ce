"""Alerts in, an Atom 1.0 feed of the newest of them out, in one file for feed readers and web servers.

The file is all there is to remember. It is read, given its new entry and put in place of the old one in one
step, so that a reader never sees half of it. An entry's id comes from the alert's id, so that the same alert
is one entry however often it comes. Whatever stands at the path and is no feed of this channel is moved aside
and not written over: it may be somebody's.
"""

import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self
from xml.etree import ElementTree as ET

from watcher.atom import ATOM, add_element, atom_document, atom_feed, atom_id
from watcher.channels.given import needed
from watcher.delivery.render import alert_line, html, safe_link, subject
from watcher.errors import DeliveryError
from watcher.model.alerts import Alert, ChannelId
from watcher.model.settings import ChannelSpec
from watcher.ports import Clock
from watcher.replacing import replace_whole

_log = logging.getLogger(__name__)
_KEPT = 200
_FOR_A_WEB_SERVER = 0o644


class AtomChannel:
    """Keeps a feed file of the newest alerts."""

    KEYS = ("path",)

    @classmethod
    def opened(cls, spec: ChannelSpec, _clock: Clock) -> tuple[Self]:
        """Return the one channel of a table."""
        return (cls(spec.id, Path(needed(spec, "path", "alerts.atom"))),)

    def __init__(self, channel: ChannelId, path: Path) -> None:
        self.id = channel
        self._path = path

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        """Put the alert on top of the feed, unless it is there.

        Raises:
            DeliveryError: the file could not be written.
        """
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with _alone_in(self._path.parent):
                entries = self._entries()
                if atom_id("alert", alert.id) not in [entry.findtext(f"{ATOM}id") for entry in entries]:
                    self._write(sorted([_entry(alert, also), *entries], key=_age, reverse=True)[:_KEPT])
        except OSError as error:
            what = f"{self._path} could not be written: {error.strerror or error}"
            raise DeliveryError(f"{self.id}: {what}") from error

    def _entries(self) -> list[ET.Element]:
        """Return what the feed holds; a file that is not this feed is moved aside."""
        try:
            root = ET.fromstring(self._path.read_bytes())  # noqa: S314 - we wrote it, and expat bounds entities
            if root.findtext(f"{ATOM}id") == atom_id("feed", self.id):
                return root.findall(f"{ATOM}entry")
        except FileNotFoundError:
            return []
        # LookupError and ValueError: an encoding that nobody knows, or that has no letters
        except (ET.ParseError, LookupError, ValueError):
            pass
        aside = self._path.with_name(f"{self._path.name}.damaged")
        self._path.replace(aside)
        moved = {"channel": self.id, "file": str(self._path), "moved_to": str(aside)}
        _log.warning("not_our_feed", extra=moved)
        return []

    def _write(self, entries: list[ET.Element]) -> None:
        feed = atom_feed(self.id, "Alerts of provocation-watcher", _published(entries[0]))
        feed.extend(entries)
        replace_whole(self._path, atom_document(feed), mode=_FOR_A_WEB_SERVER)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other writers of this folder waiting; the folder is locked: the file is replaced each time."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _entry(alert: Alert, also: Sequence[Alert]) -> ET.Element:
    at = str(alert_line(alert)["at"])
    links = (safe_link(url) for url in (alert.context.link, *(item.url for item in alert.items)))
    entry = ET.Element(f"{ATOM}entry")
    add_element(entry, "id", atom_id("alert", alert.id))
    add_element(entry, "title", subject(alert))
    add_element(entry, "published", at)
    add_element(entry, "updated", at)
    if link := next(filter(None, links), ""):
        add_element(entry, "link", rel="alternate", href=link)
    for term in dict.fromkeys((alert.kind.value, alert.severity.word, alert.category, alert.indicator)):
        add_element(entry, "category", term=term)
    add_element(entry, "content", html(alert, also), type="html")
    return entry


def _published(entry: ET.Element) -> str:
    return entry.findtext(f"{ATOM}published", "")


def _age(entry: ET.Element) -> str:
    return _published(entry).removesuffix("Z")  # so that 12:00:00 sorts before 12:00:00.25
