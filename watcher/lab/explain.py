"""A text and a matcher in, why each indicator hit or did not out: the groups that held, the first that failed, the cues."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from watcher.incidents.calendar import windows
from watcher.match.claims import Verdict
from watcher.match.groups import Mentions, Node
from watcher.match.lexicon import View
from watcher.match.matcher import Compiled, Matcher, listens_to, severity_of
from watcher.match.seismic import Quake, described, missing, quake_of
from watcher.model.language import Calendar, CalendarId, Claim, Indicator, IndicatorId, SeismicPattern, Then
from watcher.model.news import Item

_MOST_LABELS = 8
_PLACES = {"title": " in the title", "sentence": " in one sentence"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """How one group fared: whether it held, the words it found, and the groups inside it."""

    label: str
    held: bool
    words: tuple[str, ...]
    parts: tuple["Trace", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why an indicator hit or not.

    `outcome` is "hit", "near" (some of it is there) or "no"; `because` is a sentence.

    `share` is how much of what it asks for is there, 0 to 1.
    """

    indicator: IndicatorId
    outcome: str
    share: float
    because: str
    claim: Claim | None
    cues: tuple[str, ...]
    trace: Trace


def explain(matcher: Matcher, item: Item) -> Iterator[Explanation]:
    """Yield an explanation for each indicator that hit or of which something is there."""
    view = matcher.view(item)
    for compiled in matcher.compiled:
        explanation = _explain(matcher, compiled, item, view)
        if explanation.outcome != "no":
            yield explanation
    if quake := quake_of(item):
        for indicator, seismic in matcher.seismic:
            yield _explain_quake(quake, seismic, indicator, listens_to(indicator.scope, item))


def _explain(matcher: Matcher, compiled: Compiled, item: Item, view: View) -> Explanation:
    indicator = compiled.indicator
    trace = _trace(compiled.node, view)
    judged = matcher.judge(compiled, view)
    claim, cues = (judged[1].claim, judged[1].cues) if judged else (None, ())
    because = _because(
        compiled, item, claim, judged=judged is not None, cues=cues, trace=trace
    ) or _closed_window(indicator, matcher.listed.calendars, view.day)
    share = _share(trace)
    outcome = "hit" if not because else "near" if judged or share > 0 else "no"
    return Explanation(
        indicator=indicator.id,
        outcome=outcome,
        share=round(share, 3),
        because=because
        or f"{indicator.title}: everything it asks for is there{_step(matcher, compiled, judged, view)}",
        claim=claim,
        cues=cues,
        trace=trace,
    )


def _step(matcher: Matcher, compiled: Compiled, judged: tuple[Mentions, Verdict] | None, view: View) -> str:
    step = matcher.step(compiled, judged[1], view) if judged else None
    words = dict.fromkeys(view.words(span) for mention in step.mentions for span in mention) if step else ()
    return f", and the title reaches step {step.step} ({', '.join(words)})" if step else ""


def _explain_quake(quake: Quake, seismic: SeismicPattern, indicator: Indicator, listens: bool) -> Explanation:  # noqa: FBT001 - it is what is explained
    """Explain a quake: it always comes near, for it has a place, a magnitude and perhaps a depth."""
    reasons = list(missing(quake, seismic))
    reasons += [] if listens else ["the indicator does not listen to this feed"]
    words = described(quake, seismic)
    return Explanation(
        indicator=indicator.id,
        outcome="near" if reasons else "hit",
        share=round(1 / (1 + len(reasons)), 3),
        because="; ".join(reasons) or f"{indicator.title}: strong, shallow and near enough",
        claim=None if reasons else Claim.SPECULATED,
        cues=(),
        trace=Trace(label="quake", held=not reasons, words=words, parts=()),
    )


def _because(
    compiled: Compiled,
    item: Item,
    claim: Claim | None,
    *,
    judged: bool,
    cues: tuple[str, ...],
    trace: Trace,
) -> str:
    """Return why there is no hit, or nothing when there is one."""
    indicator = compiled.indicator
    if not judged:
        return _first_failure(trace)
    if claim is None:
        return f"it is background only ({'; '.join(cues)})"
    if severity_of(indicator, claim) is None:
        return f"it is {claim}, and the indicator ignores that" + (f" ({'; '.join(cues)})" if cues else "")
    if not listens_to(indicator.scope, item):
        return "the indicator does not listen to this feed"
    return ""


def _closed_window(indicator: Indicator, calendars: Mapping[CalendarId, Calendar], day: date) -> str:
    """Return which window lets nothing through on a day, or nothing when all do."""
    only = (timing for timing in indicator.timing if timing.then is Then.ONLY)
    closed = next((timing for timing in only if not any(windows(timing, calendars, day))), None)
    return f"{day} is outside its window ({', '.join(closed.near)})" if closed else ""


def _first_failure(trace: Trace) -> str:
    """Say what is missing, following the alternative of which most is there."""
    if trace.held:
        return f"`{trace.label}` holds only in other places than asked"
    if trace.label == "none":
        return f"`none` failed: {', '.join(_words(trace))} is there"
    if not trace.parts:
        return f"{trace.label} is not there"
    missing = [part for part in trace.parts if not part.held]
    if trace.label in ("all", "sentence", "title") and missing:
        return _first_failure(missing[0])
    if trace.label.startswith("near") and len(missing) == 1 and _share(missing[0]) > 0:
        return _first_failure(missing[0])
    if trace.label.startswith("near") and missing:
        return f"`{trace.label}` failed: {_there(trace)}{' and '.join(f'nothing of {_listed(part.parts)}' for part in missing)} is there"
    if not missing:
        return f"`{trace.label}` failed: {', '.join(_words(trace))} are there, but not together{_PLACES.get(trace.label, '')}"
    nearest = max(missing, key=_share)
    return (
        _first_failure(nearest)
        if nearest.parts and _share(nearest) > 0
        else f"nothing of {_listed(missing)} is there"
    )


def _there(trace: Trace) -> str:
    words = ", ".join(_words(trace))
    return f"{words} is there, but " if words else ""


def _words(trace: Trace) -> list[str]:
    """Return the words that the groups inside found, each once."""
    return list(dict.fromkeys(word for part in trace.parts for word in part.words))


def _listed(parts: Sequence[Trace]) -> str:
    labels = [part.label for part in parts]
    return ", ".join(labels[:_MOST_LABELS]) + (
        f" and {len(labels) - _MOST_LABELS} more" if len(labels) > _MOST_LABELS else ""
    )


def _trace(node: Node, view: View) -> Trace:
    found = node.find(view, 0, len(view.text) + 1)
    spans = sorted({span for mention in found or () for span in mention})
    parts = tuple(_trace(part, view) for part in node.parts)
    held = found is not None
    return Trace(
        label=node.label,
        held=held,
        words=tuple(dict.fromkeys(view.words(span) for span in spans)),
        parts=parts,
    )


def _share(trace: Trace) -> float:
    """Return how many of the parts that ask for words hold, 0 to 1."""
    if not trace.parts:
        return float(trace.held and bool(trace.words))
    asked = [part for part in trace.parts if part.label != "none"]
    return sum(_share(part) for part in asked) / len(asked) if asked else 0.0
