"""Open incidents in; which of them hold an item, are of a family, or tell a story in the same words out, without looking at each.

A story is looked up by its rarest words. Two wordings that share four fifths of their words differ in less than a fifth of either's, so
whoever is alike holds at least one of any fifth of the words and one more; the rarest are the ones to ask. It is exact.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from watcher.judge.wording import Wording, most_missing, same_story, wording
from watcher.model.alerts import Incident, IncidentId, Sighting
from watcher.model.news import Item, ItemId


class OpenIncidents:
    """The incidents a run works on: those known, and what has become of them. What nothing has joined for `reach` is out of sight."""

    def __init__(self, known: Iterable[Incident], reach: timedelta) -> None:
        self._reach = reach
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
        return next((incident for incident in self._families[family].holding(item.id) if self._is_in_sight(incident, item.seen)), None)

    def of_family(self, family: str, seen: datetime) -> tuple[Incident, ...]:
        """Return the incidents of a family that are in sight of a moment."""
        return tuple(incident for incident in self._families[family].incidents.values() if self._is_in_sight(incident, seen))

    def telling(self, item: Item, family: str) -> list[Incident]:
        """Return the incidents of a family that tell an item's story, by the wording of its title."""
        told = self._families[family].telling(wording(item.title))
        return [incident for incident in told if self._is_in_sight(incident, item.seen)]

    def _is_in_sight(self, incident: Incident, moment: datetime) -> bool:
        return moment - incident.updated <= self._reach


@dataclass(slots=True)
class _Family:
    """Incidents, and who holds which item, which word stands in which wordings, and who tells which wording."""

    incidents: dict[IncidentId, Incident] = field(default_factory=dict)
    _items: defaultdict[ItemId, dict[IncidentId, None]] = field(default_factory=lambda: defaultdict(dict))
    _words: defaultdict[str, dict[Wording, None]] = field(default_factory=lambda: defaultdict(dict))
    _tellers: defaultdict[Wording, dict[IncidentId, None]] = field(default_factory=lambda: defaultdict(dict))

    def note(self, incident: IncidentId, sighting: Sighting) -> None:
        self._items[sighting.item][incident] = None
        self._tellers[sighting.wording][incident] = None
        for word in sighting.wording:
            self._words[word][sighting.wording] = None

    def holding(self, item: ItemId) -> list[Incident]:
        holders = [self.incidents[name] for name in self._items.get(item, ())]
        return [incident for incident in holders if any(sighting.item == item for sighting in incident.sightings)]

    def telling(self, words: Wording) -> list[Incident]:
        found: dict[IncidentId, None] = {}
        for other in self._candidates(words):
            tellers = [name for name in self._tellers.get(other, ()) if name not in found]
            if tellers and same_story(words, other):
                found.update(dict.fromkeys(tellers))
        return [self.incidents[name] for name in found if _tells(self.incidents[name], words)]

    def _candidates(self, words: Wording) -> Iterable[Wording]:
        if not words:
            return (words,)
        rarest_first = sorted((self._words.get(word, {}) for word in words), key=len)
        return chain.from_iterable(rarest_first[: most_missing(words) + 1])


def _tells(incident: Incident, words: Wording) -> bool:
    """Say whether an incident still tells a story; it forgets its oldest sightings."""
    return any(same_story(words, sighting.wording) for sighting in incident.sightings)
