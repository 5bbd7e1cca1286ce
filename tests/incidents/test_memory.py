"""A service that runs for months remembers no more of what it read than one that runs for a day."""

import gc

from tests.builders import VOCABULARY, a_hit, an_item
from watcher.incidents.correlate import correlate
from watcher.model.news import Item


def items_alive() -> int:
    gc.collect()
    return sum(isinstance(each, Item) for each in gc.get_objects())


def test_what_was_correlated_is_let_go_of() -> None:
    before = items_alive()

    for number in range(1_000):
        correlate(
            [a_hit(an_item(f"North Korea fires missile no {number}", guid=f"{number}"))], (), {}, VOCABULARY
        )

    assert items_alive() - before < 300
