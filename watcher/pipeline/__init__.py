"""The line, and the only one: what feeds publish in, recorded decisions and delivered alerts out.

poll -> read -> unseen -> match -> correlate -> decide -> record   |   deliver
"""

from watcher.pipeline.delivery import DELIVERY_LEASE, deliver, pass_on_from_all_but
from watcher.pipeline.line import Sink, World, end_round, poll, poll_feeds, record, run_step, within
from watcher.pipeline.processing import hits_of, new_items, process, reading_of
from watcher.pipeline.round_end import RoundStep, assess_board, steps_for_news
from watcher.pipeline.rules import Rules, rules_of

__all__ = [
    "DELIVERY_LEASE",
    "RoundStep",
    "Rules",
    "Sink",
    "World",
    "assess_board",
    "deliver",
    "end_round",
    "hits_of",
    "new_items",
    "pass_on_from_all_but",
    "poll",
    "poll_feeds",
    "process",
    "reading_of",
    "record",
    "rules_of",
    "run_step",
    "steps_for_news",
    "within",
]
