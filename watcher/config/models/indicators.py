"""indicators.yaml, and the cues that ship with the watcher, as models."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from watcher.config.models import leaves
from watcher.config.models.groups import GroupModel, Part, Required
from watcher.config.models.strict import As, Strict
from watcher.model.language import (
    KINDS,
    AuthorityPattern,
    BoardRules,
    Corroboration,
    Holder,
    JoinBy,
    Joining,
    Names,
    Rank,
    Scope,
    SeismicPattern,
    SequencePattern,
    Severity,
    SilencePattern,
    TempoPattern,
    Then,
    Timing,
    Title,
)
from watcher.text.suggest import listed

_BOARD = BoardRules()


# --- entities and calendars ---------------------------------------------------------------------------------


class HolderModel(Strict):
    """Who holds a role, and when."""

    names: leaves.Spellings
    start: leaves.Day | None = Field(default=None, alias="from")
    end: leaves.Day | None = Field(default=None, alias="until")

    def _wrong(self) -> Iterator[str]:
        if self.start and self.end and self.start > self.end:
            yield f"`from: {self.start}` is after `until: {self.end}`"


class EntityModel(Strict):
    """A person, place or thing with all its spellings."""

    names: leaves.Spellings = ()
    holders: Annotated[tuple[Annotated[Holder, As(HolderModel)], ...], Field(min_length=1)] = ()
    besides: leaves.Spellings = ()
    note: leaves.Text = ""

    def _wrong(self) -> Iterator[str]:
        if not self.names and not self.holders:
            yield "an entity needs `names`, or `holders` with names"


class CalendarModel(Strict):
    """Days that matter: listed, or by a rule."""

    dates: Annotated[tuple[leaves.CalendarDay, ...], Field(min_length=1)] = ()
    every: leaves.Rule = ""
    years: leaves.Years = ""
    note: leaves.Text = ""

    def _wrong(self) -> Iterator[str]:
        if bool(self.dates) == bool(self.every):
            yield "a calendar has either `dates` or `every`"
        if self.years and not self.every:
            yield "`years` goes with `every`; a date has its own year"


# --- indicators ---------------------------------------------------------------------------------------------


def _alone_as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


def _text_as_example(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


class TimingModel(Strict):
    """A window around calendar days, and what it does."""

    near: Annotated[tuple[leaves.CalendarName, ...], Field(min_length=1)]
    before: leaves.Duration = timedelta()
    after: leaves.Duration = timedelta()
    then: leaves.ThenWord = Then.RAISE


class CorroborationModel(Strict):
    """How many independent origins, or owners beside one origin, in feeds of which grade, and how soon."""

    origins: leaves.Count = 2
    owners: leaves.Count | None = None
    grade: leaves.GradeOrBetter | None = None
    within: leaves.Duration = timedelta(hours=6)


class ScopeModel(Strict):
    """Which feeds an indicator listens to."""

    grade: leaves.GradeOrBetter | None = None
    owner: leaves.SomeTexts = ()
    owners: leaves.SomeTexts = ()
    language: leaves.SomeTexts = ()
    languages: leaves.SomeTexts = ()
    id: leaves.SomeTexts = ()
    ids: leaves.SomeTexts = ()

    def values(self) -> dict[str, Any]:
        """Return the fields of a scope, whichever way their keys are written."""
        return {
            "grade": self.grade,
            "owners": frozenset((*self.owner, *self.owners)),
            "languages": frozenset((*self.language, *self.languages)),
            "feeds": frozenset((*self.id, *self.ids)),
        }


class JoiningModel(Strict):
    """How hits join incidents."""

    family: leaves.Id
    by: leaves.JoinWord = JoinBy.WORDING
    step: leaves.Number = Field(default=0, alias="rung")
    steps: Annotated[dict[leaves.Count, Required], Field(min_length=1)] = Field(default={}, alias="ladder")
    quiet: leaves.Duration = timedelta(hours=24)

    def _wrong(self) -> Iterator[str]:
        if low := [step for step in self.steps if step <= self.step]:
            yield f"step {min(low)} of `ladder` is not above `rung: {self.step}`, where everything begins"

    def values(self) -> dict[str, Any]:
        """Return the fields of a joining."""
        return super().values() | {"steps": tuple(self.steps.items())}


class SequenceModel(Strict):
    """A trigger, and what follows it within a time."""

    first: leaves.IndicatorNames
    then: leaves.IndicatorNames
    within: leaves.Duration


class TempoModel(Strict):
    """So many incidents within a time; every condition that is written must hold."""

    of: leaves.IndicatorNames
    within: leaves.Duration
    count: leaves.Count | None = None
    times: leaves.Times | None = None

    def _wrong(self) -> Iterator[str]:
        if self.count is None and self.times is None:
            yield "a tempo needs `count` (so many), `times` (so many times as many as usual), or both"


class SilenceModel(Strict):
    """Nothing heard for unusually long, and at least for `longer`."""

    longer: leaves.Duration
    match: Required | None = None
    entity: leaves.EntityName | None = None
    indicator: leaves.IndicatorName | None = None
    feed: leaves.FeedName | None = None

    def _wrong(self) -> Iterator[str]:
        if sum(each is not None for each in (self.match, self.entity, self.indicator, self.feed)) != 1:
            yield "a silence has exactly one of `match`, `entity`, `indicator` and `feed`"

    def values(self) -> dict[str, Any]:
        """Return the fields of a silence; an entity is heard of when a title names it."""
        named = Title((Names(self.entity),)) if self.entity else None
        rest = {"longer": self.longer, "indicator": self.indicator, "feed": self.feed}
        return rest | {"group": named if self.match is None else self.match}


class SeismicModel(Strict):
    """A quake near a point."""

    near: leaves.Coordinates
    km: leaves.Distance
    magnitude: leaves.Magnitude
    depth: leaves.Depth | None = None
    natural_after: leaves.Duration = timedelta(hours=48)


class AuthorityModel(Strict):
    """Who speaks and in what form, each from the highest rank down."""

    issuers: Annotated[dict[leaves.Id, Part], Field(min_length=1)]
    forms: Annotated[dict[leaves.Id, Part], Field(min_length=1)]
    words: leaves.Count = 12

    def values(self) -> dict[str, Any]:
        """Return the fields of an authority."""
        issuers, forms = (tuple(map(Rank, ranks, ranks.values())) for ranks in (self.issuers, self.forms))
        return super().values() | {"issuers": issuers, "forms": forms}


class ExampleModel(Strict):
    """A text, or a history, that must, or must not, match."""

    text: leaves.SomeText | None = None
    claim: leaves.ClaimWord | None = None
    day: leaves.Day | None = Field(default=None, alias="date")
    point: leaves.Coordinates | None = None
    depth: leaves.Depth | None = None
    history: dict[leaves.IndicatorName, tuple[leaves.Day, ...]] = {}
    heard: tuple[leaves.Day, ...] = ()

    def _wrong(self) -> Iterator[str]:
        if sum(map(bool, (self.text, self.history, self.heard))) != 1:
            history, heard = "a `history` (days of other indicators)", "`heard` (days on which it was heard)"
            yield f"an example has a `text`, {history}, or {heard}"
        if self.heard and not self.day:
            yield "`heard` needs the `date` until which nothing more was heard"
        if self.depth is not None and not self.point:
            yield "`depth` goes with `point`"

    def values(self) -> dict[str, Any]:
        """Return the fields of an example, but on which side and where it stands."""
        found = super().values()
        depth = found.pop("depth", None)
        return found | ({"point": replace(self.point, depth=depth)} if self.point else {})


_Examples = Annotated[
    tuple[
        Annotated[ExampleModel, BeforeValidator(_text_as_example, json_schema_input_type=str | ExampleModel)],
        ...,
    ],
    Field(min_length=1),
]


class ExamplesModel(Strict):
    """Texts that an indicator must, and must not, match."""

    match: _Examples = ()
    no_match: _Examples = ()


_KINDS = {kind.key: kind for kind in KINDS.values()}


class IndicatorModel(Strict):
    """A pattern worth noticing."""

    @classmethod
    def _unknown(cls, key: str) -> str:
        return f"`{key}` belongs under `match`" if key in GroupModel.known_keys() else super()._unknown(key)

    id: leaves.Id
    was: leaves.FormerNames = ()
    title: leaves.SomeText = ""
    category: leaves.CategoryWord
    severity: leaves.SeverityWord | None = None
    why: leaves.Text = ""
    match: Required | None = None
    sequence: Annotated[SequencePattern, As(SequenceModel)] | None = None
    tempo: Annotated[TempoPattern, As(TempoModel)] | None = None
    silence: Annotated[SilencePattern, As(SilenceModel)] | None = None
    seismic: Annotated[SeismicPattern, As(SeismicModel)] | None = None
    authority: Annotated[AuthorityPattern, As(AuthorityModel)] | None = None
    look_in: leaves.LookIn | None = None
    repeat_after: leaves.Duration | None = None
    claims: dict[leaves.ClaimWord, leaves.ClaimSeverity] = {}
    heeds: Annotated[frozenset[leaves.CueSays], Field(min_length=1)] | None = None
    actor: leaves.ActorWord | None = None
    certain: Required | None = None
    timing: Annotated[
        tuple[Annotated[Timing, As(TimingModel)], ...],
        BeforeValidator(_alone_as_list, json_schema_input_type=TimingModel | tuple[TimingModel, ...]),
        Field(min_length=1),
    ] = ()
    corroborate: Annotated[Corroboration, As(CorroborationModel)] | None = None
    scope: Annotated[Scope, As(ScopeModel)] = Field(default=Scope(), alias="feeds")
    joining: Annotated[Joining, As(JoiningModel)] | None = Field(default=None, alias="joins")
    examples: ExamplesModel = ExamplesModel()
    covers: leaves.SomeTexts = ()
    note: leaves.Text = ""

    def _wrong(self) -> Iterator[str]:
        kinds = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if not kinds:
            others = listed(kind for kind in _KINDS if kind != "match")
            yield f"missing key `match`, or another kind of pattern ({others})"
        if len(kinds) > 1:
            named = " and ".join(f"`{kind}`" for kind in kinds)
            yield f"an indicator has one kind of pattern; this one has {named}"
        wanted = _KINDS[kinds[0]].example
        if any(not getattr(each, wanted) for each in (*self.examples.match, *self.examples.no_match)):
            yield f"an example of a `{kinds[0]}` has `{wanted}`"
        if self.match is None and self.joining and self.joining.steps:
            yield f"a `ladder` of words goes with `match`; this indicator has `{kinds[0]}`"
        if self.match is None and self.certain is not None:
            yield f"`certain` goes with `match`; this indicator has `{kinds[0]}`"

    def values(self) -> dict[str, Any]:
        """Return the fields of an indicator, but its examples."""
        found = super().values()
        (pattern,) = (found.pop(kind) for kind in _KINDS if kind in found)
        found.pop("examples", None)
        return {"title": self.id} | found | {"pattern": pattern, "why": self.why.strip()}


class DefaultsModel(Strict):
    """What an indicator has when it does not say otherwise."""

    severity: leaves.SeverityWord = Severity.MEDIUM
    look_in: leaves.LookIn = leaves.LOOK_IN["title and text"]
    repeat_after: leaves.Duration = timedelta(hours=12)


# --- the whole list -----------------------------------------------------------------------------------------


def _no_bound_on_critical(budget: dict[Severity, int]) -> dict[Severity, int]:
    if Severity.CRITICAL in budget:
        raise ValueError("critical alerts are never grouped; set a budget for info, low, medium or high")
    return budget


class ThresholdsModel(Strict):
    """The pressure at which a level of the board begins."""

    watch: leaves.PressureLimit = _BOARD.watch
    elevated: leaves.PressureLimit = _BOARD.elevated
    critical: leaves.PressureLimit = _BOARD.critical

    def _wrong(self) -> Iterator[str]:
        if not self.watch < self.elevated < self.critical:
            watch, elevated = f"`watch` ({self.watch:g})", f"`elevated` ({self.elevated:g})"
            yield f"{watch}, {elevated} and `critical` ({self.critical:g}) must rise"


class BoardModel(Strict):
    """How the board makes levels of incidents."""

    half_life: leaves.HalfLife = _BOARD.half_life
    thresholds: ThresholdsModel = ThresholdsModel()
    leave: leaves.Share = _BOARD.leave
    dwell: leaves.Duration = _BOARD.dwell
    counter: frozenset[leaves.CategoryWord] = _BOARD.counter
    told: frozenset[leaves.SubjectWord] = Field(default=_BOARD.told, alias="speak")

    def values(self) -> dict[str, Any]:
        """Return the fields of the rules of the board."""
        found = super().values()
        found.pop("thresholds", None)
        return found | self.thresholds.values()


class CueModel(Strict):
    """Words that change what is claimed of the match beside them."""

    says: leaves.CueSays
    language: leaves.Language = ""
    reach: leaves.CueReach
    words: leaves.Number = 12
    terms: leaves.Spellings


class IndicatorsModel(Strict):
    """indicators.yaml: what to look for."""

    version: leaves.Version = 1
    include: leaves.SomeTexts = ()
    disable: leaves.SomeTexts = ()
    title: leaves.SomeText = ""
    defaults: DefaultsModel = DefaultsModel()
    entities: dict[leaves.Id, EntityModel] = {}
    calendars: dict[leaves.Id, CalendarModel] = {}
    indicators: Annotated[tuple[IndicatorModel, ...], Field(min_length=1)]
    cues: tuple[CueModel, ...] = ()
    terminators: leaves.Spellings = ()
    board: Annotated[BoardRules, As(BoardModel)] = _BOARD
    budget: Annotated[dict[leaves.SeverityWord, leaves.Count], AfterValidator(_no_bound_on_critical)] = {}


class CuesModel(Strict):
    """cues.yaml: the words that ship with the watcher."""

    version: leaves.Version = 1
    terminators: dict[leaves.Language, leaves.Spellings] = {}
    cues: tuple[CueModel, ...]


class RoleModel(Strict):
    """Words of a language that play one role in a title."""

    is_: leaves.RoleWord = Field(alias="is")
    language: leaves.Language
    terms: leaves.Spellings


class RolesModel(Strict):
    """roles.yaml: who acts and how a title speaks of it, in words that ship with the watcher."""

    version: leaves.Version = 1
    roles: tuple[RoleModel, ...]
