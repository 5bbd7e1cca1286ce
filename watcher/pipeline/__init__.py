"""The line, and the only one: what feeds publish in, recorded decisions and delivered alerts out.

poll -> read -> unseen -> match -> correlate -> decide -> record   |   deliver
"""

from watcher.pipeline.conclusion import conclude, diaries_of, match, read
from watcher.pipeline.delivery import LEASE, deliver
from watcher.pipeline.line import World, poll, record, within
from watcher.pipeline.round_end import reassess, round_end_steps
from watcher.pipeline.rules import Rules, rules_of

__all__ = [
    "LEASE",
    "Rules",
    "World",
    "conclude",
    "deliver",
    "diaries_of",
    "match",
    "poll",
    "read",
    "reassess",
    "record",
    "round_end_steps",
    "rules_of",
    "within",
]
