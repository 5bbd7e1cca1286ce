"""What is typed at one place of a YAML file as a type that checks it, and that a JSON Schema describes."""

from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field, PlainValidator, ValidationInfo, WithJsonSchema

from watcher.config import access, terms, typed
from watcher.config.durations import duration
from watcher.config.models.strict import Names
from watcher.config.query import parse_query
from watcher.config.suggest import did_you_mean
from watcher.incidents.calendar import days_of
from watcher.model.language import (
    Calendar,
    CalendarId,
    Category,
    Claim,
    Group,
    JoinBy,
    Severity,
    SubjectKind,
    Then,
)
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
        raise ValueError(
            f"{typed.shown(name)} is no indicator of this file that reads news by itself{did_you_mean(name, known)}"
        )
    return name


def _indicator_names(value: object, info: ValidationInfo) -> tuple[str, ...]:
    return tuple(
        _indicator_name(each, info) for each in (value if isinstance(value, list) and value else [value])
    )


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


_STRING = {"type": "string"}
_ID_PATTERN = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"}
_DURATION_PATTERN = {"type": "string", "pattern": "^[0-9]+ ?[smhdw]$"}

Text = Annotated[str, PlainValidator(typed.text), WithJsonSchema(_STRING)]
SomeText = Annotated[str, PlainValidator(typed.some_text), WithJsonSchema({"type": "string", "minLength": 1})]
Id = Annotated[str, PlainValidator(typed.identifier), WithJsonSchema(_ID_PATTERN)]
Version = Annotated[int, PlainValidator(typed.version), WithJsonSchema({"const": 1})]
Truth = Annotated[bool, PlainValidator(typed.truth), WithJsonSchema({"type": "boolean"})]
Count = Annotated[
    int,
    PlainValidator(typed.whole(1, 1000)),
    WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 1000}),
]
Number = Annotated[
    int,
    PlainValidator(typed.whole(0, 1000)),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 1000}),
]
Times = Annotated[
    int,
    PlainValidator(typed.whole(2, 1000)),
    WithJsonSchema({"type": "integer", "minimum": 2, "maximum": 1000}),
]
Distance = Annotated[
    float,
    PlainValidator(typed.number(1, 20_000)),
    WithJsonSchema({"type": "number", "minimum": 1, "maximum": 20_000}),
]
Magnitude = Annotated[
    float,
    PlainValidator(typed.number(0, 10)),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 10}),
]
Depth = Annotated[
    float,
    PlainValidator(typed.number(0, 800)),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 800}),
]
Day = Annotated[date, PlainValidator(typed.day), WithJsonSchema({"type": "string", "format": "date"})]
Duration = Annotated[timedelta, PlainValidator(_duration), WithJsonSchema(_DURATION_PATTERN)]
Interval = Annotated[timedelta, PlainValidator(_interval), WithJsonSchema(_DURATION_PATTERN)]
Address = Annotated[
    str, PlainValidator(typed.address), WithJsonSchema({"type": "string", "pattern": "^https?://"})
]
HeaderText = Annotated[str, PlainValidator(typed.header_text), WithJsonSchema(_STRING)]
Proxy = Annotated[
    str,
    PlainValidator(access.proxy),
    WithJsonSchema({"type": "string", "pattern": "^(https?|socks(4a?|5h?))://"}),
]
User = Annotated[str, PlainValidator(access.user), WithJsonSchema({"type": "string", "pattern": "^[^:]+$"})]
PrivateNetwork = Annotated[Any, PlainValidator(access.network), WithJsonSchema(_STRING)]
HeaderName = Annotated[str, PlainValidator(typed.header_name), WithJsonSchema(_STRING)]
Language = Annotated[
    str,
    PlainValidator(typed.language),
    WithJsonSchema({"type": "string", "pattern": "^[A-Za-z]{2,3}(-[A-Za-z0-9]+)*$"}),
]

GradeWord = Annotated[
    Grade, PlainValidator(typed.word_of(Grade, "grade")), WithJsonSchema({"enum": [*typed.words_of(Grade)]})
]
SeverityWord = Annotated[
    Severity,
    PlainValidator(typed.word_of(Severity, "severity")),
    WithJsonSchema({"enum": [*typed.words_of(Severity)]}),
]
CategoryWord = Annotated[
    Category,
    PlainValidator(typed.word_of(Category, "category")),
    WithJsonSchema({"enum": [*typed.words_of(Category)]}),
]
ClaimWord = Annotated[
    Claim, PlainValidator(typed.word_of(Claim, "claim")), WithJsonSchema({"enum": [*typed.words_of(Claim)]})
]
ThenWord = Annotated[
    Then, PlainValidator(typed.word_of(Then, "effect")), WithJsonSchema({"enum": [*typed.words_of(Then)]})
]
JoinWord = Annotated[
    JoinBy,
    PlainValidator(typed.word_of(JoinBy, "way to join")),
    WithJsonSchema({"enum": [*typed.words_of(JoinBy)]}),
]
CueSays = Annotated[
    str, PlainValidator(typed.one_of(CUE_SAYS, "what a cue says")), WithJsonSchema({"enum": [*CUE_SAYS]})
]
CueReach = Annotated[
    str, PlainValidator(typed.one_of(CUE_REACH, "the reach of a cue")), WithJsonSchema({"enum": [*CUE_REACH]})
]
ClaimSeverity = Annotated[
    Severity | None,
    PlainValidator(_severity_of_claim),
    WithJsonSchema({"enum": [*typed.words_of(Severity), IGNORE]}),
]
LookIn = Annotated[tuple[str, ...], PlainValidator(_look_in), WithJsonSchema({"enum": [*LOOK_IN]})]

HalfLife = Annotated[timedelta, PlainValidator(_half_life), WithJsonSchema(_DURATION_PATTERN)]
Pressure = Annotated[
    float,
    PlainValidator(typed.number(0.01, 1000)),
    WithJsonSchema({"type": "number", "minimum": 0.01, "maximum": 1000}),
]
Share = Annotated[
    float, PlainValidator(typed.number(0, 1)), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})
]
SubjectWord = Annotated[
    SubjectKind,
    PlainValidator(typed.word_of(SubjectKind, "subject of the board")),
    WithJsonSchema({"enum": [*typed.words_of(SubjectKind)]}),
]

Term = Annotated[
    str,
    PlainValidator(_term_or_name),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": terms.MAX_TERM}),
]
Spelling = Annotated[
    str,
    PlainValidator(_spelling),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": terms.MAX_TERM}),
]
Spellings = Annotated[tuple[Spelling, ...], Field(min_length=1)]
Pattern = Annotated[
    str, PlainValidator(terms.regex), WithJsonSchema({"type": "string", "maxLength": terms.MAX_REGEX})
]
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
    Point,
    PlainValidator(_point),
    WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
]
CalendarDay = Annotated[
    str,
    PlainValidator(typed.calendar_day),
    WithJsonSchema({"type": "string", "pattern": r"^(\d{4}-)?\d\d-\d\d$"}),
]
Rule = Annotated[str, PlainValidator(_rule), WithJsonSchema(_STRING)]
Years = Annotated[
    str,
    PlainValidator(_years),
    WithJsonSchema({"type": "string", "pattern": r"^(even|odd|every \d+ from \d{4})$"}),
]
GradeOrBetter = Annotated[
    Grade,
    PlainValidator(typed.grade_or_better),
    WithJsonSchema({"type": "string", "pattern": "^[A-F]( or better)?$"}),
]
Words = Annotated[
    tuple[str, ...],
    PlainValidator(typed.several(typed.some_text)),
    WithJsonSchema({"anyOf": [_STRING, {"type": "array", "items": _STRING, "minItems": 1}]}),
]
