"""indicators.yaml in, an `IndicatorList` out, or every mistake in it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from watcher.config.check import check, repeated
from watcher.config.cues import load_cues, to_cues
from watcher.config.models.groups import GroupModel, NearModel, Part
from watcher.config.models.indicators import (
    BoardModel,
    CalendarModel,
    CorroborationModel,
    DefaultsModel,
    EntityModel,
    ExampleModel,
    IndicatorModel,
    IndicatorsModel,
    JoiningModel,
    ScopeModel,
    SilenceModel,
    TimingModel,
)
from watcher.config.models.strict import Names
from watcher.config.source import decode, read_bytes
from watcher.config.tree import Tree, parse
from watcher.model.language import (
    KINDS,
    AllOf,
    AnyOf,
    AtLeast,
    AuthorityPattern,
    BoardRules,
    Calendar,
    CalendarId,
    Corroboration,
    Entity,
    EntityId,
    Example,
    Group,
    Holder,
    Indicator,
    IndicatorId,
    IndicatorList,
    Joining,
    Near,
    NoneOf,
    Pattern,
    Rank,
    Regex,
    Scope,
    SeismicPattern,
    Sentence,
    SequencePattern,
    SilencePattern,
    TempoPattern,
    Term,
    Timing,
    Title,
)
from watcher.model.language import Names as EntityNames
from watcher.model.news import FeedId

HOW_TO_MAKE_ONE = "begin with a line `indicators: [{id: icbm, category: provocation, match: [ICBM*]}]`, or name another file with --indicators"

_READ_NEWS = {kind.key for kind in KINDS.values() if kind.reads.is_news}


def load_indicators(path: Path) -> IndicatorList:
    """Read the analyst's file.

    Raises:
        ConfigError: it cannot be read, or something in it is wrong; every mistake is in it.
    """
    return read_indicators(read_bytes(path, if_missing=HOW_TO_MAKE_ONE), str(path))


def read_indicators(raw: bytes, name: str) -> IndicatorList:
    """Read the bytes of an indicators file; `name` is what mistakes and places call it.

    Raises:
        ConfigError: something in it is wrong.
    """
    tree = parse(decode(raw, name), name)
    names = Names(
        entities=_ids(tree, "entities"), calendars=_ids(tree, "calendars"), indicators=_readers(tree)
    )
    model = check(tree, IndicatorsModel, names, also=repeated(tree, "indicators", "id"))
    cues, terminators = load_cues()
    return IndicatorList(
        title=model.title or name,
        indicators=tuple(
            _indicator(each, model.defaults, tree, index) for index, each in enumerate(model.indicators)
        ),
        entities={EntityId(name): _entity(name, each) for name, each in model.entities.items()},
        calendars={CalendarId(name): _calendar(name, each) for name, each in model.calendars.items()},
        cues=(*cues, *to_cues(model.cues)),
        board=_board(model.board),
        budget=dict(model.budget),
        terminators=(*terminators, *model.terminators),
    )


def _ids(tree: Tree, section: str) -> frozenset[str]:
    """Take the ids as typed, so that a wrong entity is not also unknown wherever it is used."""
    found = tree.data.get(section) if isinstance(tree.data, dict) else None
    return frozenset(found if isinstance(found, dict) else ())


def _readers(tree: Tree) -> frozenset[str]:
    """Take the ids of the indicators that read news by themselves."""
    found = tree.data.get("indicators") if isinstance(tree.data, dict) else None
    each = (
        entry
        for entry in (found if isinstance(found, list) else ())
        if isinstance(entry, dict) and _READ_NEWS & entry.keys()
    )
    return frozenset(name for entry in each if isinstance(name := entry.get("id"), str))


def _indicator(model: IndicatorModel, defaults: DefaultsModel, tree: Tree, index: int) -> Indicator:
    return Indicator(
        id=IndicatorId(model.id),
        title=model.title or model.id,
        category=model.category,
        severity=defaults.severity if model.severity is None else model.severity,
        pattern=_pattern(model),
        why=model.why.strip(),
        look_in=model.look_in or defaults.look_in,
        repeat_after=defaults.repeat_after if model.repeat_after is None else model.repeat_after,
        claims=dict(model.claims),
        heeds=model.heeds,
        timing=tuple(map(_timing, model.timing)),
        corroborate=_corroboration(model.corroborate),
        scope=_scope(model.feeds),
        joining=_joining(model.joins) if model.joins else None,
        examples=(
            *_examples(model.examples.match, tree, ("indicators", index, "examples", "match")),
            *_examples(model.examples.no_match, tree, ("indicators", index, "examples", "no_match")),
        ),
        covers=model.covers,
        place=_where(tree, ("indicators", index)),
    )


def _pattern(model: IndicatorModel) -> Pattern:
    if model.sequence:
        return SequencePattern(
            first=_named(model.sequence.first), then=_named(model.sequence.then), within=model.sequence.within
        )
    if model.tempo:
        asked = model.tempo
        return TempoPattern(
            of=_named(asked.of), within=asked.within, count=asked.count or 0, times=asked.times or 0
        )
    if model.silence:
        return _silence(model.silence)
    if model.seismic:
        return SeismicPattern(**dict(model.seismic))
    if model.authority:
        return AuthorityPattern(
            issuers=_ranks(model.authority.issuers),
            forms=_ranks(model.authority.forms),
            words=model.authority.words,
        )
    assert model.match is not None, "the model has seen to it that there is one"
    return _group(model.match)


def _named(names: Iterable[str]) -> tuple[IndicatorId, ...]:
    return tuple(map(IndicatorId, names))


def _silence(model: SilenceModel) -> SilencePattern:
    """Turn what is listened for into values; an entity is heard of when a title names it."""
    named = Title((EntityNames(EntityId(model.entity)),)) if model.entity else None
    return SilencePattern(
        longer=model.longer,
        group=named if model.match is None else _group(model.match),
        indicator=IndicatorId(model.indicator) if model.indicator else None,
        feed=FeedId(model.feed) if model.feed else None,
    )


def _ranks(models: Mapping[str, Part]) -> tuple[Rank, ...]:
    return tuple(Rank(name, _group(part)) for name, part in models.items())


def _group(part: Part) -> Group:
    if isinstance(part, str):
        return EntityNames(EntityId(part[1:])) if part.startswith("$") else Term(part)
    if isinstance(part, tuple):
        return AnyOf(_groups(part))
    held = _keys(part)
    return held[0] if len(held) == 1 else AllOf(held)


def _groups(parts: Iterable[Part]) -> tuple[Group, ...]:
    return tuple(map(_group, parts))


def _keys(model: GroupModel) -> tuple[Group, ...]:
    """Turn every key of a group into what it asks for."""
    groups: list[Group] = []
    if model.all_of:
        groups.append(AllOf(_groups(model.all_of)))
    if model.any_of:
        groups.append(AnyOf(_groups(model.any_of)))
    if model.at_least:
        groups.append(AtLeast(model.at_least, _groups(model.of)))
    if model.near:
        groups.append(_near(model.near))
    if model.sentence:
        groups.append(Sentence(_groups(model.sentence)))
    if model.title:
        groups.append(Title(_groups(model.title)))
    if model.regex:
        groups.append(Regex(model.regex))
    if model.query:
        groups.append(model.query)
    if model.none:
        groups.append(NoneOf(_groups(model.none)))
    return tuple(groups)


def _near(model: NearModel) -> Near:
    return Near(model.words, _groups(model.any_of), _groups(model.with_), model.ordered)


def _timing(model: TimingModel) -> Timing:
    return Timing(
        near=tuple(map(CalendarId, model.near)), before=model.before, after=model.after, then=model.then
    )


def _scope(model: ScopeModel) -> Scope:
    return Scope(
        grade=model.grade,
        owners=frozenset((*model.owner, *model.owners)),
        languages=frozenset((*model.language, *model.languages)),
        feeds=frozenset(map(FeedId, (*model.id, *model.ids))),
    )


def _corroboration(model: CorroborationModel | None) -> Corroboration | None:
    if model is None:
        return None
    return Corroboration(origins=model.origins, owners=model.owners, grade=model.grade, within=model.within)


def _joining(model: JoiningModel) -> Joining:
    steps = tuple((step, _group(part)) for step, part in model.ladder.items())
    return Joining(family=model.family, by=model.by, step=model.rung, steps=steps, quiet=model.quiet)


def _examples(models: Iterable[ExampleModel], tree: Tree, path: tuple[str | int, ...]) -> Iterable[Example]:
    for index, model in enumerate(models):
        yield Example(
            hits=path[-1] == "match",
            text=model.text or "",
            point=replace(model.point, depth=model.depth) if model.point else None,
            history={IndicatorId(name): days for name, days in model.history.items()},
            heard=model.heard,
            claim=model.claim,
            day=model.date,
            place=_where(tree, (*path, index)),
        )


def _entity(name: str, model: EntityModel) -> Entity:
    holders = tuple(Holder(names=each.names, start=each.from_, end=each.until) for each in model.holders)
    return Entity(id=EntityId(name), names=model.names, holders=holders, besides=model.besides)


def _calendar(name: str, model: CalendarModel) -> Calendar:
    return Calendar(id=CalendarId(name), dates=model.dates, every=model.every, years=model.years)


def _board(model: BoardModel) -> BoardRules:
    return BoardRules(
        half_life=model.half_life,
        watch=model.thresholds.watch,
        elevated=model.thresholds.elevated,
        critical=model.thresholds.critical,
        leave=model.leave,
        dwell=model.dwell,
        counter=model.counter,
        speak=model.speak,
    )


def _where(tree: Tree, path: tuple[str | int, ...]) -> str:
    line, column = tree.place(path)
    return f"{tree.name}:{line}:{column}"
