"""Every kind of indicator is known in every layer; mypy checks the rest: no `match` may omit a kind."""

from typing import get_args

import pytest

from tests.lab.news import the_rules
from watcher.config.models.indicators import IndicatorModel
from watcher.incidents.kinds.patterns import firing_rule
from watcher.model.language import KINDS, IndicatorKind, Pattern, Reads

NEWS = "  - {id: launch, category: provocation, match: [missile*]}\n"
WRITTEN = {
    "match": "match: [missile*]",
    "authority": "authority: {issuers: {ministry: [ministry]}, forms: {statement: [statement*]}}",
    "seismic": "seismic: {near: [41.3, 129.1], km: 50, magnitude: 3}",
    "sequence": "sequence: {first: launch, then: launch, within: 14d}",
    "tempo": "tempo: {of: launch, within: 30d, count: 3}",
    "silence": "silence: {indicator: launch, longer: 14d}",
}
EVERY_KIND = pytest.mark.parametrize("kind", dict.fromkeys(KINDS.values()), ids=lambda kind: kind.key)


def test_every_type_of_pattern_is_of_a_kind() -> None:
    assert set(KINDS) == set(get_args(Pattern))


@EVERY_KIND
def test_every_kind_is_a_key_of_an_indicator_and_is_read_as_that_kind(kind: IndicatorKind) -> None:
    assert kind.key in IndicatorModel.model_fields

    rules = the_rules(f"indicators:\n{NEWS}  - {{id: it, category: precursor, {WRITTEN[kind.key]}}}\n")
    found = next(each for each in rules.matcher.listed.indicators if each.id == "it")

    assert found.kind == kind


@EVERY_KIND
def test_every_kind_has_somebody_who_reads_for_it(kind: IndicatorKind) -> None:
    rules = the_rules(f"indicators:\n{NEWS}  - {{id: it, category: precursor, {WRITTEN[kind.key]}}}\n")
    indicator = next(each for each in rules.matcher.listed.indicators if each.id == "it")
    readers = {
        Reads.TEXT: indicator in [each.indicator for each in rules.matcher.compiled],
        Reads.QUAKE: indicator in [each for each, _ in rules.matcher.seismic],
        Reads.HISTORY: firing_rule(indicator.pattern) is not None,
        Reads.SILENCE: rules.matcher.listens,
    }

    assert [reads for reads, is_read in readers.items() if is_read] == [kind.reads]
