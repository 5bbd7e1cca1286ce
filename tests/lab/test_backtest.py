"""What is true of a list on old news, and of two lists on the same."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from tests.lab.news import LIST, line, the_rules
from watcher.clock import utc_now
from watcher.lab.archive import item_of
from watcher.lab.backtest import Backtest, backtest
from watcher.lab.comparison import Comparison, compare_lists
from watcher.lab.events import Event
from watcher.lab.labels import label_of
from watcher.lab.progress import no_progress_bar

LAUNCH = "North Korea fires missile into sea"
NEWS = [
    line(LAUNCH, item="n1", labels=[["missile-launch", "occurred"]]),
    line("Pyongyang missile falls into the sea, Japan says", item="n2", hours=1),
    line("Rain in Berlin", item="n3", hours=30),
    line("North Korea holds parade at night", item="n4", hours=24 * 6),
    line(
        "North Korea fires another missile into the sea",
        item="n5",
        hours=24 * 13,
        labels=[["missile-launch", "occurred"]],
    ),
]
NARROWER = LIST.replace("with: [missile*]", "with: [missile falls]")
WITHOUT_PARADE = LIST[: LIST.index("  - id: parade")]


def what_it_does(text: str = LIST, news: Sequence[dict[str, Any]] = NEWS) -> Backtest:
    return backtest([item_of(each, "news", utc_now()) for each in news], the_rules(text), no_progress_bar)


def compared(before: str, after: str, events: tuple[Event, ...] = ()) -> Comparison:
    items = [item_of(each, "news", utc_now()) for each in NEWS]
    labels = [label for each in NEWS if (label := label_of(each, "news"))]
    return compare_lists(what_it_does(before), what_it_does(after), items, labels, events)


def test_an_indicator_fires_once_for_an_incident_however_many_items_hit() -> None:
    launch, parade = what_it_does().rates()

    assert (launch.hits, launch.fired, launch.alerts, launch.last) == (3, 2, 2, date(2022, 10, 14))
    assert (parade.hits, parade.fired, parade.last) == (1, 1, date(2022, 10, 7))


def test_rates_are_by_days_on_which_there_is_news() -> None:
    found = what_it_does()

    assert len(found.days) == 4
    assert found.alerts_per_day == 0.75
    assert found.rates()[0].says == "fires 3.5 a week, last on 2022-10-14"


def test_what_never_fires_says_so() -> None:
    (launch, _) = what_it_does(news=[line("Rain in Berlin")]).rates()

    assert (launch.says, launch.alerts_per_day, launch.as_dict()["last"]) == ("never fires", 0, None)


def test_the_same_list_gains_and_loses_nothing() -> None:
    found = compared(LIST, LIST)

    assert [(each.gained, each.lost) for each in found.differences] == [((), ()), ((), ())]
    assert not found.losses


def test_what_a_narrower_list_loses_is_shown_with_the_reason() -> None:
    found = compared(LIST, NARROWER)

    launch = found.differences[0]
    assert [hit.item.id for hit in launch.lost] == ["n1", "n5"]
    assert [change.because for change in found.lost(launch, 1)] == [
        "`near, 10 words` failed: found north korea, but none of missile falls"
    ]


def test_what_a_wider_list_gains_is_shown_with_the_words_that_hit() -> None:
    found = compared(NARROWER, LIST)

    assert [change.because for change in found.gained(found.differences[0], 1)] == [
        "by north korea, missile; occurred"
    ]
    assert not found.losses


def test_a_labelled_hit_that_is_lost_is_a_loss_and_another_lost_hit_is_not() -> None:
    assert compared(LIST, NARROWER).losses == (
        f"labelled hit of missile-launch: n1, {LAUNCH}",
        "labelled hit of missile-launch: n5, North Korea fires another missile into the sea",
    )
    assert not compared(LIST, WITHOUT_PARADE).losses


def test_an_event_that_is_no_longer_alerted_is_a_loss() -> None:
    event = Event(id="E1", day=date(2022, 10, 14), type="ballistic_missile")

    assert "missile event E1: alerted before, not any more" in compared(LIST, NARROWER, (event,)).losses


def test_an_indicator_that_is_gone_loses_all_its_hits() -> None:
    parade = compared(LIST, WITHOUT_PARADE).differences[-1]

    assert (parade.indicator, len(parade.lost), parade.after) == ("parade", 1, None)
    assert compared(LIST, WITHOUT_PARADE).lost(parade, 1)[0].because == "the indicator is gone"


def test_the_order_of_indicators_changes_nothing() -> None:
    head, launch, parade = (
        LIST.partition("  - id: missile-launch")[0],
        *LIST.partition("indicators:\n")[2].split("  - id: parade"),
    )
    turned = f"{head}  - id: parade{parade}{launch}"

    assert {rate.indicator: rate for rate in what_it_does(turned).rates()} == {
        rate.indicator: rate for rate in what_it_does().rates()
    }
