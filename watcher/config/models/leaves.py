"""What is typed at one place of a YAML file as a type that checks it, and that a JSON Schema describes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from enum import Enum
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, PlainValidator, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from watcher.config import terms, typed
from watcher.config.durations import duration
from watcher.config.models.strict import Known
from watcher.config.query import parse_query
from watcher.incidents.calendar import days_of
from watcher.model.language import (
    Calendar,
    CalendarId,
    Category,
    Claim,
    EntityId,
    Expected,
    Group,
    IndicatorId,
    JoinBy,
    Names,
    Role,
    Severity,
    SubjectKind,
    Term,
    Then,
)
from watcher.model.news import FeedId, FeedKind, Grade, Point
from watcher.text.suggest import did_you_mean

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


@dataclass(frozen=True, slots=True, eq=False)  # an annotation is hashed, a JSON Schema cannot be
class Typed:
    """A check of what was typed, and the JSON Schema of what passes it."""

    check: Callable[..., object]
    schema: JsonSchemaValue

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of a value that only the check decides about."""
        return PlainValidator(self.check).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(
        self, _core: CoreSchema, _handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Return the JSON Schema."""
        return self.schema


def _text(check: Callable[..., object] = typed.any_text, pattern: str = "", **more: int | str) -> Typed:
    return Typed(check, {"type": "string", **({"pattern": pattern} if pattern else {}), **more})


def _whole(least: int, most: int = 1000) -> Typed:
    return Typed(typed.whole(least, most), {"type": "integer", "minimum": least, "maximum": most})


def _number(least: float, most: float) -> Typed:
    return Typed(typed.number(least, most), {"type": "number", "minimum": least, "maximum": most})


def _word(kinds: type[Enum], name: str) -> Typed:
    return Typed(typed.word_of(kinds, name), {"enum": [*typed.words_of(kinds)]})


def _one_of(words: tuple[str, ...], name: str) -> Typed:
    return Typed(typed.one_of(words, name), {"enum": [*words]})


def _one_or_many(check: Callable[..., object], each: JsonSchemaValue) -> Typed:
    return Typed(check, {"anyOf": [each, {"type": "array", "items": each, "minItems": 1}]})


# --- checks -------------------------------------------------------------------------------------------------


def _duration(value: object) -> timedelta:
    return duration(typed.any_text(value))


def _interval(value: object) -> timedelta:
    if not (found := _duration(value)):
        raise ValueError(f"a feed cannot be polled every {typed.shown(value)}; write at least 1s")
    return found


def _half_life(value: object) -> timedelta:
    if (found := _duration(value)) < timedelta(minutes=1):
        raise ValueError(f"an event cannot fade within {typed.shown(value)}; write at least 1m")
    return found


def _known(info: ValidationInfo) -> Known:
    return info.context if isinstance(info.context, Known) else Known()


def _named(value: object, known: frozenset[str], otherwise: str) -> str:
    """Take one of the names of the file; `otherwise` says what another one is, with `{}` for it."""
    name = typed.any_text(value)
    if name not in known:
        raise ValueError(f"{otherwise.format(typed.shown(name))}{did_you_mean(name, known)}")
    return name


def _calendar_name(value: object, info: ValidationInfo) -> str:
    return _named(value, _known(info).calendars, "unknown calendar {}")


def _entity_name(value: object, info: ValidationInfo) -> str:
    return _named(typed.any_text(value).removeprefix("$"), _known(info).entities, "unknown entity {}")


def _indicator_name(value: object, info: ValidationInfo) -> str:
    readers, disabled = _known(info).indicators, _known(info).disabled
    if isinstance(value, str) and value in disabled:
        advice = "disable this one too, or change what it names"
        raise ValueError(f"{typed.shown(value)} is disabled at {disabled[value]}; {advice}")
    return _named(value, readers, "{} is no indicator of this file that reads news by itself")


def _indicator_names(value: object, info: ValidationInfo) -> tuple[str, ...]:
    names = value if isinstance(value, list) and value else [value]
    return tuple(_indicator_name(each, info) for each in names)


def _point(value: object) -> Point:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("expected latitude and longitude in degrees, as in [41.30, 129.08]")
    return Point(latitude=typed.number(-90, 90)(value[0]), longitude=typed.number(-180, 180)(value[1]))


def _term_or_name(value: object, info: ValidationInfo) -> Term | Names:
    if isinstance(value, str) and value.startswith("$"):
        return Names(EntityId(terms.reference(value, _known(info).entities)[1:]))
    return Term(terms.term(value))


def _spelling(value: object) -> str:
    if isinstance(value, str) and value.startswith("$"):
        raise ValueError(f"{typed.shown(value)}: names are spellings, not other entities")
    return terms.term(value)


def _query(value: object, info: ValidationInfo) -> Group:
    return parse_query(value, _known(info).entities)


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


# --- types --------------------------------------------------------------------------------------------------

_AN_ID = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"
_A_DURATION = "^[0-9]+ ?[smhdw]$"
_ID: JsonSchemaValue = {"type": "string", "pattern": _AN_ID}
_A_TERM = {"minLength": 1, "maxLength": terms.MAX_TERM}

Text = Annotated[str, _text()]
SomeText = Annotated[str, _text(typed.some_text, minLength=1)]
Id = Annotated[str, _text(typed.identifier, _AN_ID)]
Version = Annotated[int, Typed(typed.version, {"const": 1})]
Truth = Annotated[bool, Typed(typed.truth, {"type": "boolean"})]
Count = Annotated[int, _whole(1)]
Number = Annotated[int, _whole(0)]
Times = Annotated[int, _whole(2)]
Distance = Annotated[float, _number(1, 20_000)]
Magnitude = Annotated[float, _number(0, 10)]
Depth = Annotated[float, _number(0, 800)]
PressureLimit = Annotated[float, _number(0.01, 1000)]
Share = Annotated[float, _number(0, 1)]
Day = Annotated[date, _text(typed.day, format="date")]
Duration = Annotated[timedelta, _text(_duration, _A_DURATION)]
Interval = Annotated[timedelta, _text(_interval, _A_DURATION)]
HalfLife = Annotated[timedelta, _text(_half_life, _A_DURATION)]

Address = Annotated[str, _text(typed.address, "^https?://")]
HeaderName = Annotated[str, _text(typed.header_name)]
HeaderText = Annotated[str, _text(typed.header_text)]
Proxy = Annotated[str, _text(typed.proxy, "^(https?|socks(4a?|5h?))://")]
User = Annotated[str, _text(typed.user, "^[^:]+$")]
PrivateNetwork = Annotated[Any, _text(typed.network)]
Zone = Annotated[tzinfo, _text(typed.zone)]
Language = Annotated[str, _text(typed.language, "^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$")]

FeedKindWord = Annotated[FeedKind, _word(FeedKind, "kind of feed")]
GradeWord = Annotated[Grade, _word(Grade, "grade")]
GradeOrBetter = Annotated[Grade, _text(typed.grade_or_better, "^[A-F]( or better)?$")]
SeverityWord = Annotated[Severity, _word(Severity, "severity")]
CategoryWord = Annotated[Category, _word(Category, "category")]
ClaimWord = Annotated[Claim, _word(Claim, "claim")]
ThenWord = Annotated[Then, _word(Then, "effect")]
JoinWord = Annotated[JoinBy, _word(JoinBy, "way to join")]
SubjectWord = Annotated[SubjectKind, _word(SubjectKind, "subject of the board")]
CueSays = Annotated[str, _one_of(CUE_SAYS, "what a cue says")]
CueReach = Annotated[str, _one_of(CUE_REACH, "the reach of a cue")]
ActorWord = Annotated[Expected, _word(Expected, "actor")]
RoleWord = Annotated[Role, _word(Role, "role of a word")]
ClaimSeverity = Annotated[
    Severity | None, Typed(_severity_of_claim, {"enum": [*typed.words_of(Severity), IGNORE]})
]
LookIn = Annotated[tuple[str, ...], Typed(_look_in, {"enum": [*LOOK_IN]})]

TermOrName = Annotated[Term | Names, _text(_term_or_name, **_A_TERM)]
Spelling = Annotated[str, _text(_spelling, **_A_TERM)]
Spellings = Annotated[tuple[Spelling, ...], Field(min_length=1)]
RegexText = Annotated[str, _text(terms.regex, maxLength=terms.MAX_REGEX)]
Query = Annotated[Any, _text(_query)]
CalendarName = Annotated[CalendarId, _text(_calendar_name, _AN_ID)]
EntityName = Annotated[EntityId, _text(_entity_name, _AN_ID)]
IndicatorName = Annotated[IndicatorId, _text(_indicator_name, _AN_ID)]
IndicatorNames = Annotated[tuple[IndicatorId, ...], _one_or_many(_indicator_names, _ID)]
FormerNames = Annotated[tuple[IndicatorId, ...], _one_or_many(typed.several(typed.identifier), _ID)]
FeedName = Annotated[FeedId, _text(typed.identifier, _AN_ID)]
SomeTexts = Annotated[tuple[str, ...], _one_or_many(typed.several(typed.some_text), {"type": "string"})]
Coordinates = Annotated[
    Point, Typed(_point, {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2})
]
CalendarDay = Annotated[str, _text(typed.calendar_day, r"^(\d{4}-)?\d\d-\d\d$")]
Rule = Annotated[str, _text(_rule)]
Years = Annotated[str, _text(_years, r"^(even|odd|every \d+ from \d{4})$")]
