"""The shape of the YAML files as pydantic models: what may stand where, and (through them) the JSON Schemas.

Every leaf is a check of `typed`, `terms` or `durations` that takes the text as typed, so that all sentences are ours. Names that
refer to something else in the file are checked against the `Names` in the validation context. Past these models there are only
values of `watcher.model`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    ModelWrapValidatorHandler,
    PlainValidator,
    Tag,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError
from typing_extensions import TypeAliasType

from watcher.config import reach, terms, typed
from watcher.config.durations import duration
from watcher.config.query import parse_query
from watcher.config.suggest import did_you_mean, listed
from watcher.judge.calendar import days_of
from watcher.model.language import BoardRules, Calendar, CalendarId, Category, Claim, Group, JoinBy, Severity, SubjectKind, Then
from watcher.model.news import Grade, Point

LOOK_IN = {
    "title and text": ("title", "summary"),
    "title and lead": ("title", "lead"),
    "title": ("title",),
    "text": ("summary",),
}
IGNORE = "ignore"
CUE_SAYS = (*typed.words_of(Claim), "background", "echo", "none")
CUE_REACH = ("after", "before", "both", "title", "text")

_A_LEAP_YEAR, _A_RULE = 2024, "first Monday of May"
_BOARD = BoardRules()


@dataclass(frozen=True, slots=True)
class Names:
    """What the rest of the file may refer to."""

    entities: frozenset[str] = frozenset()
    calendars: frozenset[str] = frozenset()
    indicators: frozenset[str] = frozenset()
    """Those that read news by themselves."""


class Strict(BaseModel):
    """A mapping whose keys are all known; an unknown one is named together with what it may have meant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="wrap")
    @classmethod
    def _name_unknown_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            raise ValidationError.from_exception_data(error.title, [cls._named(each) for each in error.errors()]) from error

    @classmethod
    def _named(cls, error: ErrorDetails) -> InitErrorDetails:
        kind: str | PydanticCustomError = error["type"]
        if kind == "extra_forbidden" and len(error["loc"]) == 1:
            kind = PydanticCustomError("unknown_key", "{what}", {"what": cls._unknown(str(error["loc"][0]))})
        elif kind == "unknown_key":
            kind = PydanticCustomError("unknown_key", "{what}", error["ctx"])
        return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"], ctx=error.get("ctx", {}))

    @classmethod
    def _unknown(cls, key: str) -> str:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        return f"unknown key {typed.shown(key)}{did_you_mean(key, known) or f'; known here: {listed(known)}'}"


# --- leaves ---------------------------------------------------------------------------------------------------------------


def _duration(value: object) -> timedelta:
    return duration(typed.text(value))


def _interval(value: object) -> timedelta:
    if not (found := _duration(value)):
        raise ValueError(f"a feed cannot be polled every {typed.shown(value)}; write at least 1s")
    return found


def _half_life(value: object) -> timedelta:
    if (found := _duration(value)) < timedelta(minutes=1):
        raise ValueError(f"what has happened cannot fade within {typed.shown(value)}; write at least 1m")
    return found


def _names(info: ValidationInfo) -> Names:
    return info.context if isinstance(info.context, Names) else Names()


def _calendar_name(value: object, info: ValidationInfo) -> str:
    name, known = typed.text(value), _names(info).calendars
    if name not in known:
        raise ValueError(f"unknown calendar {typed.shown(name)}{did_you_mean(name, known)}")
    return name


def _entity_name(value: object, info: ValidationInfo) -> str:
    name, known = typed.text(value).removeprefix("$"), _names(info).entities
    if name not in known:
        raise ValueError(f"unknown entity {typed.shown(name)}{did_you_mean(name, known)}")
    return name


def _indicator_name(value: object, info: ValidationInfo) -> str:
    name, known = typed.text(value), _names(info).indicators
    if name not in known:
        raise ValueError(f"{typed.shown(name)} is no indicator of this file that reads news by itself{did_you_mean(name, known)}")
    return name


def _indicator_names(value: object, info: ValidationInfo) -> tuple[str, ...]:
    return tuple(_indicator_name(each, info) for each in (value if isinstance(value, list) and value else [value]))


def _point(value: object) -> Point:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("expected latitude and longitude in degrees, as in [41.30, 129.08]")
    return Point(latitude=typed.number(-90, 90)(value[0]), longitude=typed.number(-180, 180)(value[1]))


def _term_or_name(value: object, info: ValidationInfo) -> str:
    if isinstance(value, str) and value.startswith("$"):
        return terms.reference(value, _names(info).entities)
    return terms.term(value)


def _spelling(value: object) -> str:
    if isinstance(value, str) and value.startswith("$"):
        raise ValueError(f"{typed.shown(value)}: names are spellings, not other entities")
    return terms.term(value)


def _query(value: object, info: ValidationInfo) -> Group:
    return parse_query(value, _names(info).entities)


def _rule(value: object) -> str:
    rule = typed.some_text(value)
    days_of(Calendar(id=CalendarId(""), every=rule), _A_LEAP_YEAR)
    return rule


def _years(value: object) -> str:
    years = typed.some_text(value)
    days_of(Calendar(id=CalendarId(""), every=_A_RULE, years=years), _A_LEAP_YEAR)
    return years


def _severity_of_claim(value: object) -> Severity | None:
    return None if value == IGNORE else typed.word_of(Severity, "severity")(value)


def _look_in(value: object) -> tuple[str, ...]:
    return LOOK_IN[typed.one_of(LOOK_IN, "where to look")(value)]


def _alone_as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


def _text_as_example(value: object) -> object:
    return {"text": value} if isinstance(value, str) else value


_STRING = {"type": "string"}
_ID_PATTERN = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"}
_DURATION_PATTERN = {"type": "string", "pattern": "^[0-9]+ ?[smhdw]$"}

Text = Annotated[str, PlainValidator(typed.text), WithJsonSchema(_STRING)]
SomeText = Annotated[str, PlainValidator(typed.some_text), WithJsonSchema({"type": "string", "minLength": 1})]
Id = Annotated[str, PlainValidator(typed.identifier), WithJsonSchema(_ID_PATTERN)]
Version = Annotated[int, PlainValidator(typed.version), WithJsonSchema({"const": 1})]
Truth = Annotated[bool, PlainValidator(typed.truth), WithJsonSchema({"type": "boolean"})]
Count = Annotated[int, PlainValidator(typed.whole(1, 1000)), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 1000})]
Number = Annotated[int, PlainValidator(typed.whole(0, 1000)), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 1000})]
Times = Annotated[int, PlainValidator(typed.whole(2, 1000)), WithJsonSchema({"type": "integer", "minimum": 2, "maximum": 1000})]
Distance = Annotated[float, PlainValidator(typed.number(1, 20_000)), WithJsonSchema({"type": "number", "minimum": 1, "maximum": 20_000})]
Magnitude = Annotated[float, PlainValidator(typed.number(0, 10)), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 10})]
Depth = Annotated[float, PlainValidator(typed.number(0, 800)), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 800})]
Day = Annotated[date, PlainValidator(typed.day), WithJsonSchema({"type": "string", "format": "date"})]
Duration = Annotated[timedelta, PlainValidator(_duration), WithJsonSchema(_DURATION_PATTERN)]
Interval = Annotated[timedelta, PlainValidator(_interval), WithJsonSchema(_DURATION_PATTERN)]
Address = Annotated[str, PlainValidator(typed.address), WithJsonSchema({"type": "string", "pattern": "^https?://"})]
HeaderText = Annotated[str, PlainValidator(typed.header_text), WithJsonSchema(_STRING)]
Proxy = Annotated[str, PlainValidator(reach.proxy), WithJsonSchema({"type": "string", "pattern": "^(https?|socks(4a?|5h?))://"})]
User = Annotated[str, PlainValidator(reach.user), WithJsonSchema({"type": "string", "pattern": "^[^:]+$"})]
PrivateNetwork = Annotated[Any, PlainValidator(reach.network), WithJsonSchema(_STRING)]
HeaderName = Annotated[str, PlainValidator(typed.header_name), WithJsonSchema(_STRING)]
Language = Annotated[str, PlainValidator(typed.language), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$"})]

GradeWord = Annotated[Grade, PlainValidator(typed.word_of(Grade, "grade")), WithJsonSchema({"enum": [*typed.words_of(Grade)]})]
SeverityWord = Annotated[
    Severity, PlainValidator(typed.word_of(Severity, "severity")), WithJsonSchema({"enum": [*typed.words_of(Severity)]})
]
CategoryWord = Annotated[
    Category, PlainValidator(typed.word_of(Category, "category")), WithJsonSchema({"enum": [*typed.words_of(Category)]})
]
ClaimWord = Annotated[Claim, PlainValidator(typed.word_of(Claim, "claim")), WithJsonSchema({"enum": [*typed.words_of(Claim)]})]
ThenWord = Annotated[Then, PlainValidator(typed.word_of(Then, "effect")), WithJsonSchema({"enum": [*typed.words_of(Then)]})]
JoinWord = Annotated[JoinBy, PlainValidator(typed.word_of(JoinBy, "way to join")), WithJsonSchema({"enum": [*typed.words_of(JoinBy)]})]
CueSays = Annotated[str, PlainValidator(typed.one_of(CUE_SAYS, "what a cue says")), WithJsonSchema({"enum": [*CUE_SAYS]})]
CueReach = Annotated[str, PlainValidator(typed.one_of(CUE_REACH, "the reach of a cue")), WithJsonSchema({"enum": [*CUE_REACH]})]
ClaimSeverity = Annotated[
    Severity | None, PlainValidator(_severity_of_claim), WithJsonSchema({"enum": [*typed.words_of(Severity), IGNORE]})
]
LookIn = Annotated[tuple[str, ...], PlainValidator(_look_in), WithJsonSchema({"enum": [*LOOK_IN]})]

HalfLife = Annotated[timedelta, PlainValidator(_half_life), WithJsonSchema(_DURATION_PATTERN)]
Pressure = Annotated[float, PlainValidator(typed.number(0.01, 1000)), WithJsonSchema({"type": "number", "minimum": 0.01, "maximum": 1000})]
Share = Annotated[float, PlainValidator(typed.number(0, 1)), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})]
SubjectWord = Annotated[
    SubjectKind,
    PlainValidator(typed.word_of(SubjectKind, "subject of the board")),
    WithJsonSchema({"enum": [*typed.words_of(SubjectKind)]}),
]

Term = Annotated[str, PlainValidator(_term_or_name), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": terms.MAX_TERM})]
Spelling = Annotated[str, PlainValidator(_spelling), WithJsonSchema({"type": "string", "minLength": 1, "maxLength": terms.MAX_TERM})]
Spellings = Annotated[tuple[Spelling, ...], Field(min_length=1)]
Pattern = Annotated[str, PlainValidator(terms.regex), WithJsonSchema({"type": "string", "maxLength": terms.MAX_REGEX})]
Query = Annotated[Any, PlainValidator(_query), WithJsonSchema(_STRING)]
CalendarName = Annotated[str, PlainValidator(_calendar_name), WithJsonSchema(_ID_PATTERN)]
EntityName = Annotated[str, PlainValidator(_entity_name), WithJsonSchema(_ID_PATTERN)]
IndicatorName = Annotated[str, PlainValidator(_indicator_name), WithJsonSchema(_ID_PATTERN)]
IndicatorNames = Annotated[
    tuple[str, ...],
    PlainValidator(_indicator_names),
    WithJsonSchema({"anyOf": [_ID_PATTERN, {"type": "array", "items": _ID_PATTERN, "minItems": 1}]}),
]
Place = Annotated[
    Point, PlainValidator(_point), WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})
]
CalendarDay = Annotated[str, PlainValidator(typed.calendar_day), WithJsonSchema({"type": "string", "pattern": r"^(\d{4}-)?\d\d-\d\d$"})]
Rule = Annotated[str, PlainValidator(_rule), WithJsonSchema(_STRING)]
Years = Annotated[str, PlainValidator(_years), WithJsonSchema({"type": "string", "pattern": r"^(even|odd|every \d+ from \d{4})$"})]
GradeOrBetter = Annotated[
    Grade, PlainValidator(typed.grade_or_better), WithJsonSchema({"type": "string", "pattern": "^[A-F]( or better)?$"})
]
Words = Annotated[
    tuple[str, ...],
    PlainValidator(typed.several(typed.some_text)),
    WithJsonSchema({"anyOf": [_STRING, {"type": "array", "items": _STRING, "minItems": 1}]}),
]


# --- groups ---------------------------------------------------------------------------------------------------------------


def _kind_of_part(value: object) -> str:
    if isinstance(value, list):
        return "<list>"
    return "<group>" if isinstance(value, dict | GroupModel) else "<term>"


_SOME = Field(min_length=1)
Part = TypeAliasType(
    "Part",  # quoted as a whole, because mypy resolves a recursive alias only so
    "Annotated[Annotated[Term, Tag('<term>')] | Annotated[tuple[Part, ...], _SOME, Tag('<list>')] | Annotated[GroupModel, Tag('<group>')],"
    " Discriminator(_kind_of_part)]",
)
Parts = Annotated[tuple[Part, ...], _SOME]


class NearModel(Strict):
    """Something of `any` and something of `with`, at most `words` apart."""

    words: Count
    any_of: Parts = Field(alias="any")
    with_: Parts = Field(alias="with")
    ordered: Truth = False


class GroupModel(Strict):
    """What must hold; every key that is written must."""

    all_of: Parts = Field(default=(), alias="all")
    any_of: Parts = Field(default=(), alias="any")
    none: Parts = ()
    at_least: Count | None = None
    of: Parts = ()
    near: NearModel | None = None
    sentence: Parts = ()
    title: Parts = ()
    regex: Pattern | None = None
    query: Query | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"an empty group; write {listed(field.alias or name for name, field in type(self).model_fields.items())}")
        if (self.at_least is None) != (not self.of):
            raise ValueError("`at_least` and `of` go together, as in {at_least: 2, of: [a, b, c]}")
        if self.at_least and self.at_least > len(self.of):
            raise ValueError(f"`at_least: {self.at_least}` of {len(self.of)} parts can never be")
        return self


def _says_something(part: Part) -> Part:
    if _may_be_absent(part):
        raise ValueError("nothing here has to be in a text: `none` alone matches nearly everything; add what must be there")
    return part


def _may_be_absent(part: Part) -> bool:
    if isinstance(part, tuple):
        return any(map(_may_be_absent, part))
    if not isinstance(part, GroupModel) or part.regex or part.near or part.query:
        return False
    needed = [*part.all_of, *part.sentence, *part.title]
    free = sum(map(_may_be_absent, part.of))
    return (
        all(map(_may_be_absent, needed))
        and (not part.any_of or _may_be_absent(part.any_of))
        and (part.at_least is None or free >= part.at_least)
    )


# --- entities and calendars -----------------------------------------------------------------------------------------------


class HolderModel(Strict):
    """Who holds a role, and when."""

    names: Spellings
    from_: Day | None = Field(default=None, alias="from")
    until: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ and self.until and self.from_ > self.until:
            raise ValueError(f"`from: {self.from_}` is after `until: {self.until}`")
        return self


class EntityModel(Strict):
    """A person, place or thing with all its spellings."""

    names: Spellings = ()
    holders: Annotated[tuple[HolderModel, ...], Field(min_length=1)] = ()
    besides: Spellings = ()
    note: Text = ""

    @model_validator(mode="after")
    def _named_somehow(self) -> Self:
        if not self.names and not self.holders:
            raise ValueError("an entity needs `names`, or `holders` with names")
        return self


class CalendarModel(Strict):
    """Days that matter: listed, or by a rule."""

    dates: Annotated[tuple[CalendarDay, ...], Field(min_length=1)] = ()
    every: Rule = ""
    years: Years = ""
    note: Text = ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.dates) == bool(self.every):
            raise ValueError("a calendar has either `dates` or `every`")
        if self.years and not self.every:
            raise ValueError("`years` goes with `every`; a date says its own year")
        return self


# --- indicators -----------------------------------------------------------------------------------------------------------


class TimingModel(Strict):
    """A window around calendar days, and what it does."""

    near: Annotated[tuple[CalendarName, ...], Field(min_length=1)]
    before: Duration = timedelta()
    after: Duration = timedelta()
    then: ThenWord = Then.RAISE


class CorroborationModel(Strict):
    """How many independent origins, or owners beside one origin, in feeds of which grade, within what time."""

    origins: Count = 2
    owners: Count | None = None
    grade: GradeOrBetter | None = None
    within: Duration = timedelta(hours=6)


class ScopeModel(Strict):
    """Which feeds an indicator listens to."""

    grade: GradeOrBetter | None = None
    owner: Words = ()
    owners: Words = ()
    language: Words = ()
    languages: Words = ()
    id: Words = ()
    ids: Words = ()


class JoiningModel(Strict):
    """How hits join incidents."""

    family: Id
    by: JoinWord = JoinBy.WORDING
    rung: Number = 0
    quiet: Duration = timedelta(hours=24)


class SequenceModel(Strict):
    """A trigger, and what follows it within a time."""

    first: IndicatorNames
    then: IndicatorNames
    within: Duration


class TempoModel(Strict):
    """So many incidents within a time; every condition that is written must hold."""

    of: IndicatorNames
    within: Duration
    count: Count | None = None
    times: Times | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.count is None and self.times is None:
            raise ValueError("a tempo needs `count` (so many), `times` (so many times as many as usual), or both")
        return self


class SilenceModel(Strict):
    """Nothing heard for unusually long, and at least for `longer`."""

    longer: Duration
    match: Annotated[Part, AfterValidator(_says_something)] | None = None
    entity: EntityName | None = None
    indicator: IndicatorName | None = None
    feed: Id | None = None

    @model_validator(mode="after")
    def _of_one_thing(self) -> Self:
        if sum(each is not None for each in (self.match, self.entity, self.indicator, self.feed)) != 1:
            raise ValueError("a silence is of one thing: `match`, `entity`, `indicator` or `feed`")
        return self


class SeismicModel(Strict):
    """A quake near a point."""

    near: Place
    km: Distance
    magnitude: Magnitude
    depth: Depth | None = None
    natural_after: Duration = timedelta(hours=48)


class AuthorityModel(Strict):
    """Who speaks and in what form, each from the highest rank down."""

    issuers: Annotated[dict[Id, Part], Field(min_length=1)]
    forms: Annotated[dict[Id, Part], Field(min_length=1)]
    words: Count = 12


class ExampleModel(Strict):
    """A text, or a history, that must, or must not, match."""

    text: SomeText | None = None
    claim: ClaimWord | None = None
    date: Day | None = None
    point: Place | None = None
    depth: Depth | None = None
    history: dict[IndicatorName, tuple[Day, ...]] = {}
    heard: tuple[Day, ...] = ()

    @model_validator(mode="after")
    def _shows_something(self) -> Self:
        if sum(map(bool, (self.text, self.history, self.heard))) != 1:
            raise ValueError("an example has a `text`, a `history` (days of other indicators), or `heard` (days on which it was heard)")
        if self.heard and not self.date:
            raise ValueError("`heard` needs the `date` until which nothing more was heard")
        if self.depth is not None and not self.point:
            raise ValueError("`depth` goes with `point`")
        return self


Examples = Annotated[
    tuple[Annotated[ExampleModel, BeforeValidator(_text_as_example, json_schema_input_type=str | ExampleModel)], ...], Field(min_length=1)
]


class ExamplesModel(Strict):
    """Texts that an indicator must, and must not, match."""

    match: Examples = ()
    no_match: Examples = ()

    def all(self) -> tuple[ExampleModel, ...]:
        """Return both."""
        return (*self.match, *self.no_match)


_KINDS = {
    "match": "text",
    "seismic": "text",
    "authority": "text",
    "sequence": "history",
    "tempo": "history",
    "silence": "heard",
}
"""What an indicator may look for, and what an example of it has."""


class IndicatorModel(Strict):
    """A pattern worth noticing."""

    @classmethod
    def _unknown(cls, key: str) -> str:
        groups = {field.alias or name for name, field in GroupModel.model_fields.items()}
        return f"`{key}` belongs under `match`" if key in groups else super()._unknown(key)

    id: Id
    title: SomeText = ""
    category: CategoryWord
    severity: SeverityWord | None = None
    why: Text = ""
    match: Annotated[Part, AfterValidator(_says_something)] | None = None
    sequence: SequenceModel | None = None
    tempo: TempoModel | None = None
    silence: SilenceModel | None = None
    seismic: SeismicModel | None = None
    authority: AuthorityModel | None = None
    look_in: LookIn | None = None
    repeat_after: Duration | None = None
    claims: dict[ClaimWord, ClaimSeverity] = {}
    heeds: Annotated[frozenset[CueSays], Field(min_length=1)] | None = None
    timing: Annotated[
        tuple[TimingModel, ...],
        BeforeValidator(_alone_as_list, json_schema_input_type=TimingModel | tuple[TimingModel, ...]),
        Field(min_length=1),
    ] = ()
    corroborate: CorroborationModel | None = None
    feeds: ScopeModel = ScopeModel()
    joins: JoiningModel | None = None
    examples: ExamplesModel = ExamplesModel()
    covers: Words = ()
    note: Text = ""

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        kinds = [kind for kind in _KINDS if getattr(self, kind) is not None]
        if not kinds:
            raise ValueError(f"missing key `match`, or another kind of pattern ({listed(kind for kind in _KINDS if kind != 'match')})")
        if len(kinds) > 1:
            raise ValueError(f"an indicator looks for one thing; this one has {' and '.join(f'`{kind}`' for kind in kinds)}")
        wanted = _KINDS[kinds[0]]
        if any(not getattr(example, wanted) for example in self.examples.all()):
            raise ValueError(f"an example of a `{kinds[0]}` has `{wanted}`")
        return self


class DefaultsModel(Strict):
    """What an indicator has when it does not say otherwise."""

    severity: SeverityWord = Severity.MEDIUM
    look_in: LookIn = LOOK_IN["title and text"]
    repeat_after: Duration = timedelta(hours=12)


def _no_bound_on_critical(budget: dict[Severity, int]) -> dict[Severity, int]:
    if Severity.CRITICAL in budget:
        raise ValueError("what is critical is never grouped; give a budget to info, low, medium or high")
    return budget


class ThresholdsModel(Strict):
    """The pressure at which a level of the board begins."""

    watch: Pressure = _BOARD.watch
    elevated: Pressure = _BOARD.elevated
    critical: Pressure = _BOARD.critical

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.watch < self.elevated < self.critical:
            raise ValueError(f"`watch` ({self.watch:g}), `elevated` ({self.elevated:g}) and `critical` ({self.critical:g}) must rise")
        return self


class BoardModel(Strict):
    """How the board makes levels of incidents."""

    half_life: HalfLife = _BOARD.half_life
    thresholds: ThresholdsModel = ThresholdsModel()
    leave: Share = _BOARD.leave
    dwell: Duration = _BOARD.dwell
    counter: frozenset[CategoryWord] = _BOARD.counter
    speak: frozenset[SubjectWord] = _BOARD.speak


class CueModel(Strict):
    """Words that change what is claimed of the match beside them."""

    says: CueSays
    language: Language = ""
    reach: CueReach
    words: Number = 12
    terms: Spellings


class IndicatorsModel(Strict):
    """indicators.yaml: what to look for."""

    version: Version = 1
    title: SomeText = ""
    defaults: DefaultsModel = DefaultsModel()
    entities: dict[Id, EntityModel] = {}
    calendars: dict[Id, CalendarModel] = {}
    indicators: Annotated[tuple[IndicatorModel, ...], Field(min_length=1)]
    cues: tuple[CueModel, ...] = ()
    terminators: Spellings = ()
    board: BoardModel = BoardModel()
    budget: Annotated[dict[SeverityWord, Count], AfterValidator(_no_bound_on_critical)] = {}


class CuesModel(Strict):
    """cues.yaml: the words that ship with the watcher."""

    version: Version = 1
    terminators: dict[Language, Spellings] = {}
    cues: tuple[CueModel, ...]


# --- feeds ----------------------------------------------------------------------------------------------------------------


class FeedDefaultsModel(Strict):
    """What a feed has when it does not say otherwise."""

    every: Interval = timedelta(minutes=15)
    at_most: Interval | None = None
    grade: GradeWord = Grade.C
    seed: Truth = True
    language: Language = ""


class LoginModel(Strict):
    """A login by user and password (HTTP Basic); the password is in a file of its own."""

    user: User
    password_file: SomeText


class FeedModel(Strict):
    """A source we poll."""

    id: Id
    url: Address
    owner: SomeText = ""
    grade: GradeWord | None = None
    language: Language | None = None
    every: Interval | None = None
    at_most: Interval | None = None
    seed: Truth | None = None
    title: Text = ""
    headers: dict[HeaderName, HeaderText] = {}
    user_agent: HeaderText = ""
    basic_auth: LoginModel | None = None
    proxy: Proxy = ""
    ca: SomeText = ""
    legacy_tls: Truth = False
    allow_private: tuple[PrivateNetwork, ...] = ()
    note: Text = ""

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        if self.legacy_tls and self.proxy:
            raise ValueError("`legacy_tls` does not work through a `proxy`; leave one of the two out")
        if self.basic_auth and ("@" in urlsplit(self.url).netloc or "authorization" in map(str.lower, self.headers)):
            raise ValueError("two logins; leave `basic_auth` or the one in `url` or `headers` out")
        return self


class FeedsModel(Strict):
    """feeds.yaml: where to look."""

    version: Version = 1
    defaults: FeedDefaultsModel = FeedDefaultsModel()
    feeds: Annotated[tuple[FeedModel, ...], Field(min_length=1)]
