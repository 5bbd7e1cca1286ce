"""An item and an indicator's finds in, how it speaks of the act (report, reaction, mention) and who acts out.

A title is read clause by clause. A clause that a link opens ("after", "over", "amid") or closes (직후, 受け)
is the occasion of other news, and so is one in which somebody reacts who is not the North. What announces
("Seoul says", 합참) is no actor. The clause of the best reading decides.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from watcher.match.actors import Clause, Roles, Token, language_of
from watcher.match.groups import Mention, Mentions
from watcher.match.lexicon import Span, View
from watcher.model.alerts import BY_THE_LEAD
from watcher.model.language import Actor, Category, Claim, Directness, Expected, Indicator, Role, RoleWords
from watcher.model.news import Item

_NAMES = frozenset({Role.NORTH, Role.OTHER, Role.PAIR, Role.ANNOUNCER})
_SIDES = (Role.NORTH, Role.OTHER, Role.PAIR)
_ARMS = frozenset({Category.PROVOCATION, Category.PRECURSOR})
_ACTORS = {Role.NORTH: Actor.NORTH, Role.OTHER: Actor.OTHER}
_ASKS_FIRST = frozenset({"en", "ru"})
_STOP = re.compile(r"[?!。]|\.(?=\s)")
_BEST = (Directness.DIRECT, True)
_TOPICS = 2
"""So many semicolons in a title list several stories."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a text speaks of an act, who acts, and the words that decide, each as "kind: words"."""

    directness: Directness = Directness.DIRECT
    actor: Actor = Actor.UNKNOWN
    because: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {"directness": self.directness.word, "actor": self.actor, "roles": list(self.because)}


@dataclass(frozen=True, slots=True)
class Headline:
    """A title taken apart."""

    roles: Roles
    text: str
    clauses: tuple[Clause, ...]

    def first(self, *roles: Role) -> Token | None:
        """Return the first word of some roles."""
        return next((token for clause in self.clauses if (token := clause.first(*roles))), None)


@dataclass(frozen=True)
class Parsed:
    """An item's title, and the first sentence of its summary once it is asked for.

    It does not keep the view that keeps it.
    """

    roles: Roles
    text: str
    title_end: int
    item: Item

    @cached_property
    def title(self) -> Headline:
        """The title, taken apart."""
        return self._part(0, self.title_end, self.item.title)

    @cached_property
    def lead(self) -> Headline:
        """The first sentence of the summary, taken apart."""
        stop = _STOP.search(self.text, self.title_end + 1)
        return self._part(self.title_end + 1, stop.end() if stop else len(self.text), self.item.summary)

    def _part(self, low: int, high: int, typed: str) -> Headline:
        text = self.text[low:high]
        return Headline(self.roles, text, self.roles.clauses(text, typed))


class DirectnessReader:
    """The words of `roles.yaml`, ready to read titles with."""

    def __init__(self, roles: Sequence[RoleWords]) -> None:
        languages = dict.fromkeys(each.language for each in roles)
        self._roles = {
            name: Roles(name, tuple(each for each in roles if each.language == name)) for name in languages
        }

    def parsed(self, view: View, item: Item) -> Parsed | None:
        """Take an item apart; None when nothing is known of the language of its title."""
        roles = self._roles.get(language_of(view.text[: view.title_end]))
        return Parsed(roles, view.text, view.title_end, item) if roles else None

    def read(self, parsed: Parsed | None, mentions: Mentions, indicator: Indicator, claim: Claim) -> Report:
        """Return how an item speaks of what an indicator found in it."""
        if parsed is None:
            return Report()
        title = parsed.title
        if claim is Claim.HISTORICAL:
            return Report(directness=Directness.MENTION, because=("mention: it looks back",))
        if acts := _acts(title, mentions):
            return _of_title(title, acts, indicator)
        named = title.first(*_SIDES)
        north = named is not None and named.role is Role.NORTH
        if north and not title.first(Role.FRAME, Role.ASKS, Role.LINK, Role.REACTS):
            report = _of_lead(parsed.lead, mentions, len(title.text) + 1, indicator)
            if report.directness is Directness.DIRECT and report.actor is Actor.NORTH:
                return replace(report, because=(BY_THE_LEAD, *report.because))
        actor = Actor.NORTH if north else Actor.UNKNOWN
        return Report(
            directness=Directness.MENTION, actor=actor, because=("mention: only the summary says so",)
        )


def _of_lead(lead: Headline, mentions: Mentions, begins: int, indicator: Indicator) -> Report:
    """Return the reading of the first sentence of a summary, which begins at an offset."""
    told = tuple(
        tuple((low - begins, high - begins) for low, high in mention if low >= begins) for mention in mentions
    )
    acts = _acts(lead, told)
    return _of_title(lead, acts, indicator) if acts else Report()


def _of_title(title: Headline, acts: Sequence[tuple[int, Span]], indicator: Indicator) -> Report:
    """Return the best reading of any clause, as what stands around it lets it count."""
    best: Report | None = None
    firsts = dict(reversed(acts))
    for clause, act in sorted(firsts.items()):
        report = _read(title, clause, act, indicator, acts)
        if best is None or _rank(report) > _rank(best):
            best = report
        if _rank(best) == _BEST:
            break
    assert best is not None, "who asks has found an act"
    return _weighed(title, best, indicator)


def _rank(report: Report) -> tuple[Directness, bool]:
    return report.directness, report.actor is not Actor.UNKNOWN


def _acts(title: Headline, mentions: Mentions) -> list[tuple[int, Span]]:
    """Return the words of the mentions, each with its clause; names only when there is nothing else."""
    end = len(title.text)
    names = [token.span for clause in title.clauses for token in clause.tokens if token.role in _NAMES]

    def kinds_of(mention: Iterable[Span]) -> Mention:
        return tuple(
            span
            for span in mention
            if span[0] >= end or not any(name[0] <= span[0] and span[1] <= name[1] for name in names)
        )

    joint = [mention for mention in mentions if len(mention) > 1]
    found = {span for mention in mentions for span in mention}
    kinds = _reported(title, map(kinds_of, joint)) or kinds_of(found)
    inside = next(
        filter(
            None,
            (
                sorted(span for span in spans if span[0] < end)
                for spans in (kinds, {span for mention in joint for span in mention}, () if kinds else found)
            ),
        ),
        [],
    )
    return [(_clause_at(title, span), span) for span in inside]


def _reported(title: Headline, joint: Iterable[Mention]) -> set[Span]:
    """Return which words near each other a title with an occasion reports, if it can be none of the occasion.

    "Fires rockets days after ICBM test" fires no ICBM. Nothing is returned without an occasion.
    """
    occasions = [
        each.span
        for each in title.clauses
        if (each.opener and each.opener.role is Role.LINK) or each.first(Role.LINK_END)
    ]
    if not occasions:
        return set()
    apart, within = set[Span](), set[Span]()
    for mention in joint:
        inside = {span for span in mention if any(low <= span[0] < high for low, high in occasions)}
        within |= inside
        apart |= set() if inside or not mention or mention[0][0] >= len(title.text) else set(mention)
    return apart or within


def _clause_at(title: Headline, span: Span) -> int:
    return max(index for index, clause in enumerate(title.clauses) if clause.span[0] <= span[0])


def _read(
    title: Headline, index: int, act: Span, indicator: Indicator, acts: Sequence[tuple[int, Span]]
) -> Report:
    """Return how one clause speaks of an act."""
    expected = indicator.actor
    occasion = next(_occasions(title, index, act, indicator, acts), None)
    named = _named(title, index, act, indicator, reacted=occasion is not None)
    actor = Actor.UNKNOWN if named is None else _ACTORS.get(named.role, Actor.UNKNOWN)
    by = () if named is None else (f"{actor}: {named.words}",)
    if occasion:
        alarm = title.first(Role.ALARM) if expected is not Expected.ALLIES else None
        if alarm is None:
            return Report(
                directness=Directness.REACTION, actor=actor, because=(f"reaction: {occasion.words}", *by)
            )
        return Report(actor=actor, because=(f"direct: {alarm.words}", *by))
    if _asked(title, act):
        return Report(directness=Directness.MENTION, actor=actor, because=("mention: a question", *by))
    if expected is Expected.NORTH and actor is Actor.OTHER:
        return Report(
            directness=Directness.MENTION, actor=actor, because=("mention: the act of another", *by)
        )
    return Report(actor=actor, because=by)


def _named(title: Headline, index: int, act: Span, indicator: Indicator, *, reacted: bool) -> Token | None:
    """Return the name of who acts: for arms the nearest ahead, for words the subject; never who reacts."""
    clause, north = title.clauses[index], title.first(Role.NORTH)
    first = next((token for token in clause.tokens if token.role in _SIDES and not token.aside), None)
    nearest = title.roles.actor(title.text, clause, act)
    if indicator.actor is Expected.NORTH:
        if reacted:
            return north or nearest
        if indicator.category not in _ARMS:
            speaker = _before(title, index) if clause.opener and clause.opener.role is Role.SAYS else None
            nearest = speaker if speaker and speaker.role is Role.NORTH else first
        return nearest or _carried(title, index) or north
    if reacted and first and first.role is Role.NORTH:
        return title.first(Role.OTHER) or first
    if indicator.actor is Expected.ANY and not reacted:
        return first or _before(title, index) or clause.first(*_SIDES)
    return nearest or _carried(title, index)


def _carried(title: Headline, index: int) -> Token | None:
    """Return the subject that a clause without a name takes from the one before, unless it only announces."""
    opener, named = title.clauses[index].opener, _before(title, index)
    return None if opener and opener.role is Role.SAYS and named and named.role is Role.OTHER else named


def _before(title: Headline, index: int) -> Token | None:
    return next(
        (named for clause in reversed(title.clauses[:index]) if (named := clause.first(*_SIDES))), None
    )


def _occasions(
    title: Headline, index: int, act: Span, indicator: Indicator, acts: Sequence[tuple[int, Span]]
) -> Iterator[Token]:
    """Yield the words that make an act the occasion of other news."""
    clause = title.clauses[index]
    reacting = (Role.REACTS, Role.RESPONDS) if indicator.actor is Expected.NORTH else (Role.REACTS,)
    named = None if title.roles.verb_last else title.roles.actor(title.text, clause, act)
    foreign = named is not None and named.role is Role.OTHER
    if clause.opener and clause.opener.role is Role.LINK:
        yield clause.opener
    for token in clause.tokens:
        if token.role in (Role.LINK_END, Role.PROVOKES) and token.span[1] > act[1]:
            yield token
        elif (
            token.role in reacting
            and not (foreign and token.span[0] > act[1])
            and (indicator.category in _ARMS or not _overlaps(token.span, acts))
        ):
            subject = next(
                (each for each in clause.tokens if each.role in _SIDES and each.span[0] < token.span[0]), None
            )
            if not _is_north(title, subject or _carried(title, index)) or _of_others(
                clause, index, indicator, acts
            ):
                yield token
    if indicator.actor is Expected.ALLIES:
        yield from (
            each
            for each in (clause.first(*_SIDES) or _carried(title, index),)
            if _is_north(title, each) and each
        )


def _is_north(title: Headline, subject: Token | None) -> bool:
    return (
        subject is not None and subject.role is Role.NORTH and title.roles.marks_subject(title.text, subject)
    )


def _of_others(clause: Clause, index: int, indicator: Indicator, acts: Sequence[tuple[int, Span]]) -> bool:
    """Say whether the North, when it reacts, reacts to others: one is named ahead of the act's last word."""
    last = max(act[0] for at, act in acts if at == index)
    others = (token for token in clause.tokens if token.role is Role.OTHER and token.span[0] < last)
    return indicator.actor is not Expected.NORTH and any(others)


def _asked(title: Headline, act: Span) -> bool:
    """Say whether a question mark ends the sentence of an act, or the title in headlines of fragments."""
    if title.roles.language not in _ASKS_FIRST:
        return title.text.endswith("?")
    stop = _STOP.search(title.text, act[1])
    return stop is not None and stop[0] == "?"


def _overlaps(span: Span, acts: Sequence[tuple[int, Span]]) -> bool:
    return any(act[0] < span[1] and span[0] < act[1] for _, act in acts)


def _weighed(title: Headline, report: Report, indicator: Indicator) -> Report:
    """Return a reading as what stands around it lets it count."""
    framed = _framed(title)
    if framed:
        return Report(
            directness=Directness.MENTION,
            actor=report.actor,
            because=(f"mention: {framed}", *report.because[-1:]),
        )
    place = (
        title.first(Role.ELSEWHERE)
        if indicator.actor is Expected.NORTH and indicator.category in _ARMS
        else None
    )
    if place and report.directness is not Directness.REACTION:
        return Report(
            directness=Directness.MENTION,
            actor=Actor.OTHER,
            because=(f"mention: {place.words}", f"other: {place.words}"),
        )
    return report


def _framed(title: Headline) -> str:
    """Return what makes a title no report: a question, a digest, a caption, a comment."""
    if title.text.count(";") >= _TOPICS:
        return "several stories"
    frame = title.first(Role.FRAME)
    asks = title.first(Role.ASKS)
    if asks and asks.span[0] and title.roles.language in _ASKS_FIRST:
        asks = None
    return frame.words if frame else asks.words if asks else ""
