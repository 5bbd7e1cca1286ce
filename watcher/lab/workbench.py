"""Questions about the list and stored news in, answers out, one JSON object a line, for who tunes.

It is a process of its own, which holds compiled lists for as long as somebody tunes and is gone afterwards.
It only reads: what an analyst edits in the page is a list that includes the one in use, and is no file.
"""

import json
import resource
import signal
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from watcher import bootstrap
from watcher.config.indicators import list_of
from watcher.config.parts import read_tree
from watcher.errors import ConfigError, Mistake, WatcherError
from watcher.lab.examples import failing
from watcher.lab.explain import explain
from watcher.lab.judged import proposals_for
from watcher.lab.lint import lint
from watcher.lab.needed import needed_terms
from watcher.match import Matcher
from watcher.model.language import IndicatorId, IndicatorList
from watcher.model.news import Item, ItemId
from watcher.model.settings import Settings
from watcher.ports import Database

EDITED = "what you edit"
"""What mistakes call the text of the page."""

_MOST_SHOWN = 20
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS, _MEGABYTES = 20, 1024
"""How much processor time one question may take, and how much memory the process."""


@dataclass(frozen=True, slots=True)
class TrialHits:
    """The items that an indicator hits, newest first, and on how many it was tried."""

    items: Mapping[ItemId, Item]
    examined: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EditTrial:
    """What a change of one indicator does: what is wrong with it, and which items it gains and loses."""

    mistakes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    before: int = 0
    after: int = 0
    gained: tuple[Item, ...] = ()
    lost: tuple[Item, ...] = ()
    examined: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form, with the newest of the items gained and lost."""
        return {
            "mistakes": self.mistakes,
            "failures": self.failures,
            "warnings": self.warnings,
            "before": self.before,
            "after": self.after,
            "gained": len(self.gained),
            "lost": len(self.lost),
            "gained_items": [_shown(each) for each in self.gained[:_MOST_SHOWN]],
            "lost_items": [_shown(each) for each in self.lost[:_MOST_SHOWN]],
            "examined": self.examined,
        }


def with_edit(in_use: Path, text: str, name: IndicatorId) -> tuple[IndicatorList, tuple[str, ...]]:
    """Return the list in use with an edited indicator, and what of the edit is allowed but hardly meant.

    Raises:
        ConfigError: something in it is wrong; places are lines of the text.
    """
    path = in_use.absolute().with_name(EDITED)
    raw = f"include: [{json.dumps(str(in_use.absolute()))}]\n{text}".encode()
    try:
        tree = read_tree(raw, path)
        listed = list_of(tree)
    except ConfigError as error:
        raise ConfigError([_in_text(each, path) for each in error.mistakes]) from error
    alone = lint(read_tree(text.encode(), Path(EDITED)), only(listed, name))
    return listed, tuple(str(each) for each in alone if each.file == EDITED)


def trial_of(
    before: TrialHits,
    after: IndicatorList,
    name: IndicatorId,
    store: Database,
    since: datetime,
    warnings: tuple[str, ...] = (),
) -> EditTrial:
    """Say what an edited indicator gains and loses of the items seen since a moment, by what it hit before.

    Only that indicator is compared, on the items that hold the terms without which neither of its forms hits.
    """
    matcher = Matcher(only(after, name))
    new = trial_hits(matcher, store, since)
    return EditTrial(
        failures=tuple(each.what for each in failing(matcher)),
        warnings=warnings,
        before=len(before.items),
        after=len(new.items),
        gained=tuple(item for each, item in new.items.items() if each not in before.items),
        lost=tuple(item for each, item in before.items.items() if each not in new.items),
        examined=max(before.examined, new.examined),
    )


def trial_hits(matcher: Matcher, store: Database, since: datetime) -> TrialHits:
    """Return which items seen since a moment an indicator hits, alone in its list."""
    listed = matcher.listed
    needed = [terms for each in listed.indicators for terms in needed_terms(each, listed.entities)]
    items = store.items_holding(needed, since)
    return TrialHits({item.id: item for item in items if matcher.hits(item)}, len(items))


def only(listed: IndicatorList, name: IndicatorId) -> IndicatorList:
    """Return a list with one of its indicators alone."""
    return replace(listed, indicators=tuple(each for each in listed.indicators if each.id == name))


def _in_text(mistake: Mistake, path: Path) -> Mistake:
    """Return a mistake with its place in the text, which has no line that includes the list in use."""
    if mistake.file != str(path):
        return mistake
    return replace(mistake, file=EDITED, line=max(mistake.line - 1, 1))


def _shown(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "title": item.title,
        "owner": item.owner,
        "seen": item.seen.isoformat(),
        "url": item.url,
    }


class _Workbench:
    """Answers questions, and keeps the compiled list in use while its files stay the same."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._before: IndicatorList | None = None
        self._matcher: Matcher | None = None
        self._hits: tuple[tuple[IndicatorId, datetime, tuple[int, int]], TrialHits] | None = None

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer one question; what goes wrong is said under `error`."""
        in_use = bootstrap.indicators_file(self._settings)
        listed = bootstrap.indicators_in_use(self._settings)  # quick while its files stay the same
        if listed != self._before:
            self._before, self._matcher, self._hits = listed, None, None
        with closing(bootstrap.read_store(self._settings)) as store:
            if asked["do"] == "why":
                return self._why(ItemId(asked["item"]), store)
            if asked["do"] == "suggest":
                return self._suggest(IndicatorId(asked["indicator"]), store)
            return self._try(in_use, asked, store)

    def _try(self, in_use: Path, asked: dict[str, Any], store: Database) -> dict[str, Any]:
        assert self._before is not None
        name = IndicatorId(asked["indicator"])
        try:
            after, warnings = with_edit(in_use, asked["text"], name)
        except ConfigError as error:
            return EditTrial(mistakes=tuple(map(str, error.mistakes))).as_dict()
        newest = store.newest()
        since = newest.seen - timedelta(days=float(asked["days"])) if newest else _NEVER
        asked_of = (name, since, store.last_stored())
        if self._hits is None or self._hits[0] != asked_of:
            self._hits = (asked_of, trial_hits(Matcher(only(self._before, name)), store, since))
        return trial_of(self._hits[1], after, name, store, since, warnings).as_dict()

    def _suggest(self, name: IndicatorId, store: Database) -> dict[str, Any]:
        assert self._before is not None
        self._matcher = self._matcher or Matcher(self._before)
        named = next((each for each in self._before.indicators if each.id == name), None)
        if named is None:
            return {"error": "no indicator has this id"}
        return proposals_for(named, self._matcher, store).as_dict()

    def _why(self, item: ItemId, store: Database) -> dict[str, Any]:
        assert self._before is not None
        found = store.item(item)
        if found is None:
            return {"error": "no item has this id"}
        self._matcher = self._matcher or Matcher(self._before)
        explained = sorted(
            explain(self._matcher, found), key=lambda each: (each.outcome != "hit", -each.share)
        )
        return {
            "item": _shown(found),
            "explained": [
                {
                    "indicator": each.indicator,
                    "outcome": each.outcome,
                    "because": each.because,
                    "cues": each.cues,
                }
                for each in explained
            ],
        }


def _allow_processor_time(seconds: int) -> None:
    """Allow so much from now on; beyond it `_stop` is called."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _stop(*_: object) -> None:
    raise TimeoutError


def main() -> None:
    """Answer questions until there are no more."""
    data, indicators = sys.argv[1:]
    signal.signal(signal.SIGXCPU, _stop)
    resource.setrlimit(resource.RLIMIT_AS, (_MEGABYTES << 20, _MEGABYTES << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    bench = _Workbench(Settings(data=data, indicators=indicators))
    for line in sys.stdin:
        _allow_processor_time(_SECONDS)
        try:
            answer = bench.answer(json.loads(line))
        except WatcherError as error:
            answer = {"error": str(error)}
        except TimeoutError:
            answer = {"error": f"this takes more than {_SECONDS} seconds of processor time; make it simpler"}
        except MemoryError:
            answer = {"error": f"this takes more than {_MEGABYTES:,} MiB of memory; make it simpler"}
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
