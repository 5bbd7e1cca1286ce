"""Open incidents in; which of them hold an item, are of a family, or tell a story in the same words out.

A story is looked up by its rarest words. Wordings of one story hold the same numbers, are about as long, and
share most of their words; so of any few words of the one, a few more than it may lack, the other holds at
least one. The rarest are the ones to ask for, and what is found is then compared in full. It finds all that a
comparison with everything would find.

Most of what is open at one poll is open at the next, so an index is brought up to date rather than made anew.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from watcher.incidents.titles import Wording, lengths_alike, most_missing, numbers, same_story, wording
from watcher.model.alerts import Incident, IncidentId, Sighting
from watcher.model.news import Item, ItemId

_SLACK = 1_000
"""How many sightings an index may hold in vain, beside as many as it holds with reason."""


class OpenIncidents:
    """The incidents a run works on: those known, and what has become of them.

    What nothing has joined for `longest_quiet` is out of sight.
    """

    def __init__(self, known: Iterable[Incident], longest_quiet: timedelta) -> None:
        self._longest_quiet = longest_quiet
        self._families: defaultdict[str, _Family] = defaultdict(_Family)
        self._all: dict[IncidentId, Incident] = {}
        self.update(known)

    def update(self, known: Iterable[Incident]) -> None:
        """Work on these incidents from now on."""
        current = {incident.id: incident for incident in known}
        for name in self._all.keys() - current.keys():
            del self._families[self._all.pop(name).family].incidents[name]
        for name, incident in current.items():
            if self._all.get(name) is not incident:
                self.put(incident)
        for family in self._families.values():
            family.tidy()

    def put(self, incident: Incident) -> None:
        """Take in an incident, or what has become of one."""
        self._all[incident.id] = incident
        self._families[incident.family].put(incident)

    def called(self, name: IncidentId) -> Incident:
        """Return the incident of an id, as it is now."""
        return self._all[name]

    def holding(self, item: Item, family: str) -> Incident | None:
        """Return the incident of a family that holds an item already; of several the first opened."""
        holders = self._in_sight(self._families[family].holding(item.id), item.seen)
        return min(holders, key=lambda each: (each.opened, each.id), default=None)

    def of_family(self, family: str, seen: datetime) -> list[Incident]:
        """Return the incidents of a family that are in sight of a moment."""
        return self._in_sight(self._families[family].incidents.values(), seen)

    def telling(self, item: Item, family: str) -> list[Incident]:
        """Return the incidents of a family that tell an item's story, by the wording of its title."""
        return self._in_sight(self._families[family].telling(wording(item.title)), item.seen)

    def _in_sight(self, incidents: Iterable[Incident], moment: datetime) -> list[Incident]:
        return [each for each in incidents if moment - each.updated <= self._longest_quiet]


class IndexCache:
    """The index of one poll, kept for the next; whoever finds it in use makes one of his own."""

    def __init__(self) -> None:
        self._free: list[OpenIncidents] = []

    @contextmanager
    def over(self, known: Sequence[Incident], longest_quiet: timedelta) -> Iterator[OpenIncidents]:
        """Give an index of incidents, to be changed at will. What fails leaves none behind."""
        try:
            index = self._free.pop()
        except IndexError:
            index = OpenIncidents(known, longest_quiet)
        else:
            index.update(known)
        yield index
        self._free = [index]


_Key = tuple[Wording, int, str]
"""The numbers of a wording, how many parts it has, and one of them."""


class _Family:
    """Incidents, who holds which item, and who has which word; inner dicts are sets that keep their order.

    Both are looked up seldom in most families, so that sightings are noted when one is asked for.
    """

    def __init__(self) -> None:
        self.incidents: dict[IncidentId, Incident] = {}
        self._start_anew()

    def _start_anew(self) -> None:
        self._items: defaultdict[ItemId, dict[IncidentId, None]] = defaultdict(dict)
        self._words: defaultdict[_Key, dict[IncidentId, None]] = defaultdict(dict)
        self._new = [(incident.id, incident.sightings) for incident in self.incidents.values()]
        self._noted = 0

    def put(self, incident: Incident) -> None:
        before = self.incidents.get(incident.id)
        self.incidents[incident.id] = incident
        self._new.append((incident.id, _added(before.sightings if before else (), incident.sightings)))

    def tidy(self) -> None:
        """Start anew when much is noted of incidents that are gone, or of sightings that they forgot."""
        if self._noted > _SLACK and self._noted > 2 * sum(
            len(incident.sightings) for incident in self.incidents.values()
        ):
            self._start_anew()

    def _note_new(self) -> None:
        for incident, sightings in self._new:
            for sighting in sightings:
                self._items[sighting.item][incident] = None
                for word in sighting.wording or ("",):
                    self._words[numbers(sighting.wording), len(sighting.wording), word][incident] = None
            self._noted += len(sightings)
        self._new.clear()

    def holding(self, item: ItemId) -> list[Incident]:
        """Return who holds an item still; an incident forgets its oldest sightings."""
        self._note_new()
        holders = self._known(self._items.get(item, ()))
        return [each for each in holders if any(sighting.item == item for sighting in each.sightings)]

    def telling(self, words: Wording) -> list[Incident]:
        """Return who tells a story still, among those that have one of its rarest words."""
        self._note_new()
        names: dict[IncidentId, None] = {}
        for length in lengths_alike(words):
            keys = ((numbers(words), length, word) for word in words or ("",))
            holders = sorted((self._words.get(key, {}) for key in keys), key=len)
            for few in holders[: most_missing(words, length) + 1]:
                names |= few
        return [
            incident
            for incident in self._known(names)
            if any(same_story(words, sighting.wording) for sighting in reversed(incident.sightings))
        ]

    def _known(self, names: Iterable[IncidentId]) -> list[Incident]:
        return [self.incidents[name] for name in names if name in self.incidents]


def _added(before: tuple[Sighting, ...], after: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
    """Return the sightings that have been added; all of them, where more than the last has changed."""
    if after is before:
        return ()
    older = after[:-1]
    return after[-1:] if older == before[len(before) - len(older) :] else after
