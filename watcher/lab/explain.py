"""A text and a matcher in, why each indicator hit or not out: what held, what failed first, and the cues."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from watcher.incidents.calendar import windows
from watcher.match.directness import Report
from watcher.match.groups import Node
from watcher.match.lexicon import View
from watcher.match.matcher import Compiled, Matcher, listens_to, severity_of
from watcher.match.seismic import Quake, described, missing, quake_of
from watcher.model.language import Claim, Indicator, IndicatorId, SeismicPattern, Then
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
    report: Report | None = None
    """How the text speaks of the act, and who acts; None when it does not hit."""
    written: str = ""
    """Where the indicator stands, and where a part of the list changes it."""

    def as_dict(self) -> dict[str, object]:
        """Return the JSON form."""
        return {**asdict(self), "report": self.report.as_dict() if self.report else None}


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


def decisive(trace: Trace) -> Trace:
    """Return the part of a trace that suffices: of alternatives the first that holds."""
    found = [decisive(part) for part in trace.parts if part.words]
    if trace.label == "any":
        groups = [part for part in found if part.parts]
        enough = [part for part in found if part.words == trace.words]
        found = groups[:1] or enough[:1]
    return found[0] if len(found) == 1 else replace(trace, parts=tuple(found))


def _explain(matcher: Matcher, compiled: Compiled, item: Item, view: View) -> Explanation:
    indicator = compiled.indicator
    trace = _trace(compiled.node, view)
    found = matcher.judge(compiled, view)
    claim, cues = (found[1].claim, found[1].cues) if found else (None, ())
    only = (timing for timing in indicator.timing if timing.then is Then.ONLY)
    closed = (each for each in only if not any(windows(each, matcher.listed.calendars, view.day)))
    if not found:
        missing = _first_failure(trace)
    elif claim is None:
        missing = f"it is background only ({'; '.join(cues)})"
    elif severity_of(indicator, claim) is None:
        missing = f"it is {claim}, and the indicator ignores that" + (f" ({'; '.join(cues)})" if cues else "")
    elif not listens_to(indicator.scope, item):
        missing = "the indicator does not listen to this feed"
    elif timing := next(closed, None):
        missing = f"{view.day} is outside its window ({', '.join(timing.near)})"
    else:
        missing = ""
    because = missing or f"{indicator.title}: all its conditions hold"
    if found and not missing and (step := matcher.step(compiled, found[1], view)):
        words = dict.fromkeys(view.words(span) for mention in step.mentions for span in mention)
        because += f", and the title reaches step {step.step} ({', '.join(words)})"
    share = _share(trace)
    return Explanation(
        indicator=indicator.id,
        outcome="hit" if not missing else "near" if found or share > 0 else "no",
        share=round(share, 3),
        because=because,
        written=indicator.written,
        claim=claim,
        cues=cues,
        trace=trace,
        report=matcher.report(compiled, item, view, found[0], claim)
        if found and claim and not missing
        else None,
    )


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
        written=indicator.written,
        trace=Trace(label="quake", held=not reasons, words=words, parts=()),
    )


def _first_failure(trace: Trace) -> str:
    """Say what is missing, following the alternative of which most is there."""
    if trace.held:
        return f"`{trace.label}` is found, but not where it must be"
    if trace.label == "none":
        return f"`none` failed: found {', '.join(_words(trace))}"
    if not trace.parts:
        return f"{trace.label} is missing"
    missing, words = [part for part in trace.parts if not part.held], ", ".join(_words(trace))
    if not missing:
        return f"`{trace.label}` failed: found {words}, but not together{_PLACES.get(trace.label, '')}"
    is_near, nearest = trace.label.startswith("near"), max(missing, key=_share)
    if trace.label in ("all", "sentence", "title") or (is_near and len(missing) == 1 and _share(nearest) > 0):
        return _first_failure(missing[0])
    if is_near:
        there = f"{words}, but " if words else ""
        nothing = " and ".join(f"none of {_listed(part.parts)}" for part in missing)
        return f"`{trace.label}` failed: found {there}{nothing}"
    if nearest.parts and _share(nearest) > 0:
        return _first_failure(nearest)
    return f"found none of {_listed(missing)}"


def _words(trace: Trace) -> list[str]:
    """Return the words that the groups inside found, each once."""
    return list(dict.fromkeys(word for part in trace.parts for word in part.words))


def _listed(parts: Sequence[Trace]) -> str:
    more = f" and {len(parts) - _MOST_LABELS} more" if len(parts) > _MOST_LABELS else ""
    return ", ".join(part.label for part in parts[:_MOST_LABELS]) + more


def _trace(node: Node, view: View) -> Trace:
    found = node.find(view, 0, len(view.text) + 1)
    spans = sorted({span for mention in found or () for span in mention})
    words = tuple(dict.fromkeys(view.words(span) for span in spans))
    parts = tuple(_trace(part, view) for part in node.parts)
    return Trace(label=node.label, held=found is not None, words=words, parts=parts)


def _share(trace: Trace) -> float:
    """Return how many of the parts that ask for words hold, 0 to 1."""
    if not trace.parts:
        return float(trace.held and bool(trace.words))
    asked = [part for part in trace.parts if part.label != "none"]
    return sum(_share(part) for part in asked) / len(asked) if asked else 0.0
