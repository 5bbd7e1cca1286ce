"""What the analyst wrote: terms, groups, entities, calendars and indicators, as checked values.

A group is a tree. `watcher.match.compile` turns it into something fast; `watcher.config` makes it from YAML.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from typing import NewType, get_args

from watcher.model.news import FeedId, Grade, Point
from watcher.model.vocabulary import NO_WORDS, Vocabulary

IndicatorId = NewType("IndicatorId", str)
EntityId = NewType("EntityId", str)
CalendarId = NewType("CalendarId", str)


class Severity(IntEnum):
    """How much an alert matters, in the order of the analyst's file."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The word people write and read."""
        return self.name.lower()


class Category(StrEnum):
    """What kind of sign an indicator is."""

    PROVOCATION = "provocation"
    PRECURSOR = "precursor"
    RHETORIC = "rhetoric"
    TRIGGER = "trigger"
    DIPLOMACY = "diplomacy"


class Claim(StrEnum):
    """What a text says of the happening it names."""

    OCCURRED = "occurred"
    IMMINENT = "imminent"
    THREATENED = "threatened"
    SPECULATED = "speculated"
    DENIED = "denied"
    HISTORICAL = "historical"


class Directness(IntEnum):
    """How a text speaks of an act: it only mentions it, reacts to it, or reports it."""

    MENTION = 0
    REACTION = 1
    DIRECT = 2

    @property
    def word(self) -> str:
        """The word people read."""
        return self.name.lower()


class Actor(StrEnum):
    """Who acts, as far as a title says."""

    NORTH = "north"
    OTHER = "other"
    UNKNOWN = "unknown"


class Expected(StrEnum):
    """Whose act an indicator is about: the North's, that of its adversaries, or anybody's."""

    NORTH = "north"
    ALLIES = "allies"
    ANY = "any"


class Role(StrEnum):
    """What a word of a title says about who acts, or whether the title reports an act; see `roles.yaml`."""

    NORTH = "north"
    OTHER = "other"
    PAIR = "pair"
    ANNOUNCER = "announcer"
    SAYS = "says"
    JOINS = "joins"
    REACTS = "reacts"
    RESPONDS = "responds"
    PROVOKES = "provokes"
    LINK = "link"
    LINK_END = "link-end"
    ALARM = "alarm"
    ELSEWHERE = "elsewhere"
    FRAME = "frame"
    ASKS = "asks"
    TOWARD = "toward"
    BY = "by"
    SUBJECT = "subject"
    AND = "and"
    NONE = "none"


# --- groups -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """Words as typed: a word, a phrase, `launch*` for a prefix, `?` for one more character inside a word."""

    text: str


@dataclass(frozen=True, slots=True)
class Names:
    """`$name`: every name of an entity."""

    entity: EntityId


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression over the folded text, run by a linear-time engine."""

    pattern: str


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part must match."""

    parts: tuple["Group", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part must match."""

    parts: tuple["Group", ...]


@dataclass(frozen=True, slots=True)
class NoneOf:
    """No part may match."""

    parts: tuple["Group", ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of the parts must match."""

    count: int
    parts: tuple["Group", ...]


@dataclass(frozen=True, slots=True)
class Near:
    """Something of `left` and of `right` within `words` words of each other; `ordered`: left comes first."""

    words: int
    left: tuple["Group", ...]
    right: tuple["Group", ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """All parts must match inside one sentence."""

    parts: tuple["Group", ...]


@dataclass(frozen=True, slots=True)
class Title:
    """All parts must match inside the title."""

    parts: tuple["Group", ...]


Group = Term | Names | Regex | AllOf | AnyOf | NoneOf | AtLeast | Near | Sentence | Title


# --- entities and calendars ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds a role, from one day until another (both included; None is open)."""

    names: tuple[str, ...]
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A person, place or thing with all its spellings.

    A role also has holders, whose names count on their days only.

    `besides` are spellings that contain a name but mean something else ("North Korean restaurant in Hanoi").
    """

    id: EntityId
    names: tuple[str, ...] = ()
    holders: tuple[Holder, ...] = ()
    besides: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Days that matter: month-day or full dates, or a rule such as "first Tuesday of November"."""

    id: CalendarId
    dates: tuple[str, ...] = ()
    every: str = ""
    years: str = ""


class Then(StrEnum):
    """What a calendar window does to a hit: raise it one severity inside, pass it only inside, or mark it."""

    RAISE = "raise"
    ONLY = "only"
    MARK = "mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """A window around calendar days, and what it does."""

    near: tuple[CalendarId, ...]
    before: timedelta = timedelta()
    after: timedelta = timedelta()
    then: Then = Then.RAISE


# --- what an indicator looks for ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SequencePattern:
    """`first` and then, within a time, `then`: a trigger and the response to it."""

    first: tuple[IndicatorId, ...]
    then: tuple[IndicatorId, ...]
    within: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class TempoPattern:
    """So many incidents of some indicators within a time.

    At least `count`, and at least `times` as many as usual; 0 is no condition.
    """

    of: tuple[IndicatorId, ...]
    within: timedelta
    count: int = 0
    times: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SilencePattern:
    """Nothing heard of words, of an indicator or from a feed for longer than `longer` and than usual."""

    longer: timedelta
    group: Group | None = None
    indicator: IndicatorId | None = None
    feed: FeedId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeismicPattern:
    """A quake near a point, of a magnitude and at a depth (None: any).

    It is taken as natural when there was no word of a test for `natural_after`.
    """

    near: Point
    km: float
    magnitude: float
    depth: float | None = None
    natural_after: timedelta = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Rank:
    """A step of a ladder, and the words that stand for it."""

    name: str
    group: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorityPattern:
    """Who speaks, and in what form, at most `words` words apart: both from the highest rank down."""

    issuers: tuple[Rank, ...]
    forms: tuple[Rank, ...]
    words: int = 12


TextPattern = Group | AuthorityPattern
"""Words of an item."""
HistoryPattern = SequencePattern | TempoPattern
"""What other indicators have found."""
Pattern = TextPattern | SeismicPattern | HistoryPattern | SilencePattern
"""What an indicator looks for: words of an item, a number it reports, or what other indicators have found."""


class Reads(StrEnum):
    """What an indicator of a kind reads."""

    TEXT = "text"
    QUAKE = "quake"
    HISTORY = "history"
    SILENCE = "silence"

    @property
    def is_news(self) -> bool:
        """Whether single items are read, so that other indicators may refer to it."""
        return self in (Reads.TEXT, Reads.QUAKE)


@dataclass(frozen=True, slots=True)
class IndicatorKind:
    """A kind of indicator: its key in `indicators.yaml`, what it reads, and the key of its examples."""

    key: str
    reads: Reads
    example: str


KINDS: Mapping[type, IndicatorKind] = {
    **dict.fromkeys(get_args(Group), IndicatorKind("match", Reads.TEXT, "text")),
    SeismicPattern: IndicatorKind("seismic", Reads.QUAKE, "text"),
    AuthorityPattern: IndicatorKind("authority", Reads.TEXT, "text"),
    SequencePattern: IndicatorKind("sequence", Reads.HISTORY, "history"),
    TempoPattern: IndicatorKind("tempo", Reads.HISTORY, "history"),
    SilencePattern: IndicatorKind("silence", Reads.SILENCE, "heard"),
}
"""The kinds of indicators by the type of their pattern."""


# --- indicators ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Corroboration:
    """What makes an incident corroborated, within a time.

    So many origins, or one origin and so many `owners` (None: origins only). With a `grade` only what feeds
    of this grade or better say counts.
    """

    origins: int = 2
    owners: int | None = None
    grade: Grade | None = None
    within: timedelta = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which feeds an indicator listens to; an empty set is no limit."""

    grade: Grade | None = None
    owners: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    feeds: frozenset[FeedId] = frozenset()


class JoinBy(StrEnum):
    """How hits become one incident: by the same wording, or as the same kind of event within a time."""

    WORDING = "wording"
    HAPPENING = "happening"
    AFFAIR = "affair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """How an indicator's hits join incidents.

    Indicators of one `family` share incidents; `step` is the step on the ladder of what is claimed
    (projectile 1 < ballistic missile 2 < ICBM 4), and `steps` the steps above it with the words of a title
    that reach them. `quiet` is how long an incident stays open after its last hit. `measured`: what its hits
    guess at has happened, if anything has; so they join news of it.
    """

    family: str
    by: JoinBy = JoinBy.WORDING
    step: int = 0
    steps: tuple[tuple[int, Group], ...] = ()
    quiet: timedelta = timedelta(hours=24)
    measured: bool = False
    expects: Expected | None = Expected.ANY
    """Whose act it is about; None for an indicator that reads no text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An inline test of an indicator: a text or a history that must, or must not, match.

    The text of a quake has a `point`. A `history` has the days of other indicators; `heard` are days on which
    something was heard, until `day`.
    """

    hits: bool
    text: str = ""
    point: Point | None = None
    history: Mapping[IndicatorId, tuple[date, ...]] = field(default_factory=dict)
    heard: tuple[date, ...] = ()
    claim: Claim | None = None
    day: date | None = None
    place: str = ""
    """Where it stands in the file, `file:line:column`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A pattern worth noticing, as written in `indicators.yaml`.

    `claims` gives the severity by claim; None drops a hit with that claim. `heeds` says which cues count
    ("denied", "background", ...); None is all: a statement is made whatever it threatens. `actor` is whose
    act it is about. `covers` names rows of the brief.
    """

    id: IndicatorId
    title: str
    category: Category
    severity: Severity
    pattern: Pattern
    was: tuple[IndicatorId, ...] = ()
    """The names it had before; what was recorded under them is its own."""
    why: str = ""
    look_in: tuple[str, ...] = ("title", "summary")
    repeat_after: timedelta = timedelta(hours=12)
    claims: Mapping[Claim, Severity | None] = field(default_factory=dict)
    heeds: frozenset[str] | None = None
    actor: Expected = Expected.ANY
    certain: Group | None = None
    """The words of the deed: without them the report of what has occurred opens at medium."""
    timing: tuple[Timing, ...] = ()
    corroborate: Corroboration | None = None
    scope: Scope = Scope()
    joining: Joining | None = None
    examples: tuple[Example, ...] = ()
    covers: tuple[str, ...] = ()
    place: str = ""
    """Where it stands, `file:line:column`."""
    changed: tuple[str, ...] = ()
    """Where files that are included later change fields of it."""

    @property
    def written(self) -> str:
        """Where it stands and is changed, in words."""
        return ", changed at ".join((self.place, *self.changed))

    @property
    def kind(self) -> IndicatorKind:
        """Its kind."""
        return KINDS[type(self.pattern)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Words that change what is claimed of the match beside them (NegEx/ConText).

    `says` is a claim, "background" for words that make the match no news at all, "echo" for words that react
    to something already known ("condemns", "after"), or "none" for words that only look like a cue and hide
    the cues inside them. `reach` is where the cue acts: "after" it, "before" it or "both", within `words`
    words in its sentence; "title" when it stands in the title, "text" wherever it stands.
    """

    says: str
    terms: tuple[str, ...]
    reach: str
    words: int = 12
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWords:
    """Words of a language that play one role in a title."""

    role: Role
    terms: tuple[str, ...]
    language: str


class SubjectKind(StrEnum):
    """What a level on the board is about."""

    PROBLEM = "problem"
    CATEGORY = "category"
    INDICATOR = "indicator"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRules:
    """How the board makes levels of incidents.

    An incident presses half as much after each `half_life`. A level is reached at its threshold, `watch`,
    `elevated` or `critical`; it is left when the pressure is below `leave` times the threshold, and not
    before `dwell` has passed. The categories of `counter` pull the problem down. `told` names the subjects
    whose changes are told; of falls, the problem's alone.
    """

    half_life: timedelta = timedelta(days=5)
    watch: float = 0.75
    elevated: float = 1.5
    critical: float = 3.0
    leave: float = 0.5
    dwell: timedelta = timedelta(hours=24)
    counter: frozenset[Category] = frozenset({Category.DIPLOMACY})
    told: frozenset[SubjectKind] = frozenset({SubjectKind.PROBLEM, SubjectKind.CATEGORY})


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorList:
    """The analyst's whole file, checked: every reference resolves and every value is in range."""

    title: str
    indicators: tuple[Indicator, ...]
    entities: Mapping[EntityId, Entity] = field(default_factory=dict)
    calendars: Mapping[CalendarId, Calendar] = field(default_factory=dict)
    cues: tuple[Cue, ...] = ()
    budget: Mapping[Severity, int] = field(default_factory=dict)
    """How many alerts of a severity a UTC day may bring before the rest are grouped; absent is no limit."""
    board: BoardRules = BoardRules()
    terminators: tuple[str, ...] = ()
    """Words that end the reach of a cue ("but", "after", 지만)."""
    vocabulary: Vocabulary = field(default=NO_WORDS, compare=False)
    """The words that tell origins, and one occurrence from another: the same for every list."""
    roles: tuple[RoleWords, ...] = ()

    @property
    def is_sum(self) -> bool:
        """Whether its indicators stand in more than one file."""
        files = {place.rsplit(":", 2)[0] for each in self.indicators for place in (each.place, *each.changed)}
        return len(files) > 1
