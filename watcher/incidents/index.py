"""Open incidents in; which of them hold an item, are of a family, or tell a story in the same words out.

A story is looked up by its rarest words. Wordings of one story hold the same numbers, are about as long, and
share most of their words; so of any few words of the one, a few more than it may lack, the other holds at
least one. The rarest are the ones to ask for, and what is found is then compared in full. It finds all that a
comparison with everything would find.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from watcher.incidents.titles import Wording, lengths_alike, most_missing, numbers, same_story, wording
from watcher.model.alerts import Incident, IncidentId, Sighting
from watcher.model.news import Item, ItemId


class OpenIncidents:
    """The incidents a run works on: those known, and what has become of them.

    What nothing has joined for `longest_quiet` is out of sight.
    """

    def __init__(self, known: Iterable[Incident], longest_quiet: timedelta) -> None:
        self._longest_quiet = longest_quiet
        self._families: defaultdict[str, _Family] = defaultdict(_Family)
        for incident in known:
            self.put(incident)

    def put(self, incident: Incident) -> None:
        """Take in an incident, or what has become of one."""
        family = self._families[incident.family]
        before = family.incidents.get(incident.id)
        family.incidents[incident.id] = incident
        for sighting in incident.sightings if before is None else incident.sightings[-1:]:
            family.note(incident.id, sighting)

    def holding(self, item: Item, family: str) -> Incident | None:
        """Return the incident of a family that holds an item already."""
        return next(iter(self._in_sight(self._families[family].holding(item.id), item.seen)), None)

    def of_family(self, family: str, seen: datetime) -> list[Incident]:
        """Return the incidents of a family that are in sight of a moment."""
        return self._in_sight(self._families[family].incidents.values(), seen)

    def telling(self, item: Item, family: str) -> list[Incident]:
        """Return the incidents of a family that tell an item's story, by the wording of its title."""
        return self._in_sight(self._families[family].telling(wording(item.title)), item.seen)

    def _in_sight(self, incidents: Iterable[Incident], moment: datetime) -> list[Incident]:
        return [each for each in incidents if moment - each.updated <= self._longest_quiet]


_Key = tuple[Wording, int, str]
"""The numbers of a wording, how many parts it has, and one of them."""


@dataclass(slots=True)
class _Family:
    """Incidents, who holds which item, and who has which word; inner dicts are sets that keep their order."""

    incidents: dict[IncidentId, Incident] = field(default_factory=dict)
    _items: defaultdict[ItemId, dict[IncidentId, None]] = field(default_factory=lambda: defaultdict(dict))
    _words: defaultdict[_Key, dict[IncidentId, None]] = field(default_factory=lambda: defaultdict(dict))

    def note(self, incident: IncidentId, sighting: Sighting) -> None:
        self._items[sighting.item][incident] = None
        for word in sighting.wording or ("",):
            self._words[numbers(sighting.wording), len(sighting.wording), word][incident] = None

    def holding(self, item: ItemId) -> list[Incident]:
        """Return who holds an item still; an incident forgets its oldest sightings."""
        holders = [self.incidents[name] for name in self._items.get(item, ())]
        return [each for each in holders if any(sighting.item == item for sighting in each.sightings)]

    def telling(self, words: Wording) -> list[Incident]:
        """Return who tells a story still, among those that have one of its rarest words."""
        names: dict[IncidentId, None] = {}
        for length in lengths_alike(words):
            keys = ((numbers(words), length, word) for word in words or ("",))
            holders = sorted((self._words.get(key, {}) for key in keys), key=len)
            for few in holders[: most_missing(words, length) + 1]:
                names |= few
        return [
            incident
            for incident in map(self.incidents.__getitem__, names)
            if any(same_story(words, sighting.wording) for sighting in reversed(incident.sightings))
        ]
