"""What is true of the kinds of indicator besides `match`: what each says, and how each mistake is told."""

from datetime import date, timedelta

import pytest

from watcher.config import read_indicators
from watcher.errors import ConfigError
from watcher.model.language import (
    AnyOf,
    AuthorityPattern,
    EntityId,
    Example,
    IndicatorId,
    Names,
    Pattern,
    Rank,
    SeismicPattern,
    SequencePattern,
    SilencePattern,
    TempoPattern,
    Term,
    Title,
)
from watcher.model.news import FeedId, Point

KIM = EntityId("kim")
LAUNCH, DRILL = IndicatorId("launch"), IndicatorId("drill")

HEAD = """entities: {kim: {names: [Kim Jong Un]}}
indicators:
  - {id: launch, category: provocation, match: [launch*]}
  - {id: drill, category: trigger, match: [drill*]}
  - id: kind
    category: precursor
    """


def pattern(line: str) -> Pattern:
    return read_indicators(f"{HEAD}{line}\n".encode(), "i.yaml").indicators[2].pattern


def examples(kind: str, example: str) -> tuple[Example, ...]:
    text = f"{HEAD}{kind}\n    examples: {{match: [{example}]}}\n"
    return read_indicators(text.encode(), "i.yaml").indicators[2].examples


def mistakes(lines: str) -> list[str]:
    """Mistakes of an indicator whose next key stands on line 7, column 5."""
    with pytest.raises(ConfigError) as caught:
        pattern(lines)
    return [str(mistake) for mistake in caught.value.mistakes]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (
            "sequence: {first: drill, then: [launch, drill], within: 14d}",
            SequencePattern(first=(DRILL,), then=(LAUNCH, DRILL), within=timedelta(days=14)),
        ),
        (
            "tempo: {of: launch, within: 30d, count: 5}",
            TempoPattern(of=(LAUNCH,), within=timedelta(days=30), count=5),
        ),
        (
            "tempo: {of: launch, within: 4w, times: 3}",
            TempoPattern(of=(LAUNCH,), within=timedelta(days=28), times=3),
        ),
        (
            "silence: {entity: kim, longer: 14d}",
            SilencePattern(longer=timedelta(days=14), group=Title((Names(KIM),))),
        ),
        (
            "silence: {entity: $kim, longer: 14d}",
            SilencePattern(longer=timedelta(days=14), group=Title((Names(KIM),))),
        ),
        (
            "silence: {match: visits, longer: 2d}",
            SilencePattern(longer=timedelta(days=2), group=Term("visits")),
        ),
        (
            "silence: {indicator: launch, longer: 90d}",
            SilencePattern(longer=timedelta(days=90), indicator=LAUNCH),
        ),
        ("silence: {feed: kcna, longer: 2d}", SilencePattern(longer=timedelta(days=2), feed=FeedId("kcna"))),
        (
            "seismic: {near: [41.3, 129.08], km: 50, magnitude: 3.5, depth: 10, natural_after: 36h}",
            SeismicPattern(
                near=Point(latitude=41.3, longitude=129.08),
                km=50,
                magnitude=3.5,
                depth=10,
                natural_after=timedelta(hours=36),
            ),
        ),
        (
            "seismic: {near: [-41, 129], km: 50, magnitude: 4}",
            SeismicPattern(near=Point(latitude=-41, longitude=129), km=50, magnitude=4),
        ),
        (
            "authority: {issuers: {kim: $kim, mfa: [ministry, 외무성]}, forms: {statement: statement*}}",
            AuthorityPattern(
                issuers=(
                    Rank("kim", Names(KIM)),
                    Rank("mfa", AnyOf((Term("ministry"), Term("외무성")))),
                ),
                forms=(Rank("statement", Term("statement*")),),
            ),
        ),
    ],
)
def test_a_kind_means_what_is_written(written: str, meant: Pattern) -> None:
    assert pattern(written) == meant


def test_an_example_of_a_quake_has_a_place() -> None:
    (example,) = examples(
        "seismic: {near: [41, 129], km: 50, magnitude: 3}", "{text: M 5.1, point: [41.2, 129.1], depth: 0.5}"
    )

    assert (example.text, example.point) == ("M 5.1", Point(latitude=41.2, longitude=129.1, depth=0.5))


def test_an_example_of_a_tempo_has_a_history() -> None:
    (example,) = examples(
        "tempo: {of: launch, within: 30d, count: 2}", "{history: {launch: [2026-01-05, 2026-01-09]}}"
    )

    assert example.history == {"launch": (date(2026, 1, 5), date(2026, 1, 9))}


def test_an_example_of_a_silence_has_the_days_on_which_it_was_heard() -> None:
    (example,) = examples("silence: {entity: kim, longer: 14d}", "{heard: [2026-01-05], date: 2026-02-01}")

    assert (example.heard, example.day) == ((date(2026, 1, 5),), date(2026, 2, 1))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            "title: x",
            (
                "i.yaml:5:5: missing key `match`, or another kind of pattern (seismic, authority, "
                "sequence, tempo or silence)"
            ),
        ),
        (
            "match: xx\n    tempo: {of: launch, within: 3d, count: 2}",
            "i.yaml:5:5: an indicator has one kind of pattern; this one has `match` and `tempo`",
        ),
        (
            "tempo: {of: lunch, within: 3d, count: 2}",
            (
                "i.yaml:7:17: `lunch` is no indicator of this file that reads news by itself; did you "
                "mean `launch`?"
            ),
        ),
        (
            "tempo: {of: kind, within: 3d, count: 2}",
            "i.yaml:7:17: `kind` is no indicator of this file that reads news by itself",
        ),
        (
            "tempo: {of: launch, within: 3d}",
            "i.yaml:7:12: a tempo needs `count` (so many), `times` (so many times as many as usual), or both",
        ),
        (
            "tempo: {of: launch, within: 3d, times: 1}",
            "i.yaml:7:44: expected a whole number from 2 to 1,000, found `1`",
        ),
        (
            "silence: {longer: 3d}",
            "i.yaml:7:14: a silence has exactly one of `match`, `entity`, `indicator` and `feed`",
        ),
        ("silence: {longer: 3d, entity: kin}", "i.yaml:7:35: unknown entity `kin`; did you mean `kim`?"),
        (
            "seismic: {near: 41, km: 50, magnitude: 3}",
            "i.yaml:7:21: expected latitude and longitude in degrees, as in [41.30, 129.08]",
        ),
        (
            "seismic: {near: [91, 9], km: 50, magnitude: 3}",
            "i.yaml:7:21: expected a number from -90 to 90, found `91`",
        ),
        (
            "seismic: {near: [9, 9], km: 50, magnitude: big}",
            "i.yaml:7:48: expected a number from 0 to 10, found `big`",
        ),
        (
            "tempo: {of: launch, within: 3d, count: 2}\n    examples: {match: [launches]}",
            "i.yaml:5:5: an example of a `tempo` has `history`",
        ),
        (
            "silence: {entity: kim, longer: 3d}\n    examples: {match: [{heard: [2026-01-01]}]}",
            "i.yaml:8:24: `heard` needs the `date` until which nothing more was heard",
        ),
        (
            "match: xx\n    examples: {match: [{text: xx, depth: 3}]}",
            "i.yaml:8:24: `depth` goes with `point`",
        ),
    ],
)
def test_a_mistake_of_a_kind_is_named_at_its_place(lines: str, said: str) -> None:
    assert mistakes(lines) == [said]
