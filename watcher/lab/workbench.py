"""Questions about the list and stored news in, answers out, one JSON object a line, for who tunes.

It is a process of its own, which holds compiled lists for as long as somebody tunes and is gone afterwards.
It only reads: what an analyst edits in the page is a list that includes the one in use, and is no file.
"""

import json
import sys
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
    before: IndicatorList,
    after: IndicatorList,
    name: IndicatorId,
    store: Database,
    since: datetime,
    warnings: tuple[str, ...] = (),
) -> EditTrial:
    """Say what an edited indicator gains and loses of the items seen since a moment.

    Only that indicator is compared, on the items that hold a term without which neither of its forms hits.
    """
    found, examined = [], 0
    matcher = Matcher(only(after, name))
    for form in (Matcher(only(before, name)), matcher):
        terms = _rarest(form.listed, store, since)
        items = store.items_holding(terms, since)
        examined = max(examined, len(items))
        found.append({item.id: item for item in items if form.match(item)})
    old, new = found
    return EditTrial(
        failures=tuple(each.what for each in failing(matcher)),
        warnings=warnings,
        before=len(old),
        after=len(new),
        gained=tuple(item for each, item in new.items() if each not in old),
        lost=tuple(item for each, item in old.items() if each not in new),
        examined=examined,
    )


def only(listed: IndicatorList, name: IndicatorId) -> IndicatorList:
    """Return a list with one of its indicators alone."""
    return replace(listed, indicators=tuple(each for each in listed.indicators if each.id == name))


def _rarest(listed: IndicatorList, store: Database, since: datetime) -> frozenset[str] | None:
    """Return the terms of which every hit has one, those that the fewest items hold; None without any."""
    options = [terms for each in listed.indicators for terms in needed_terms(each, listed.entities)]
    return min(options, key=lambda terms: store.count_holding(terms, since), default=None)


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

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer one question; what goes wrong is said under `error`."""
        in_use = bootstrap.indicators_file(self._settings)
        listed = bootstrap.indicators_in_use(self._settings)  # quick while its files stay the same
        if listed != self._before:
            self._before, self._matcher = listed, None
        with closing(bootstrap.read_store(self._settings)) as store:
            if asked["do"] == "why":
                return self._why(ItemId(asked["item"]), store)
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
        return trial_of(self._before, after, name, store, since, warnings).as_dict()

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


def main() -> None:
    """Answer questions until there are no more."""
    data, indicators = sys.argv[1:]
    bench = _Workbench(Settings(data=data, indicators=indicators))
    for line in sys.stdin:
        try:
            answer = bench.answer(json.loads(line))
        except WatcherError as error:
            answer = {"error": str(error)}
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
