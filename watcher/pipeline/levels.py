"""A store and the list in use in, what the board is shown of out."""

from datetime import datetime
from typing import Protocol

from watcher.board.score import lookback, weigh
from watcher.board.view import BoardRecord
from watcher.model.language import IndicatorList
from watcher.ports import Board, History


class Levels(Board, History, Protocol):
    """What the board is read of."""


def board_record(store: Levels, listed: IndicatorList, since: datetime, now: datetime) -> BoardRecord:
    """Return the board as it stands, with its changes since a moment and the pressures now."""
    indicators = {each.id: each for each in listed.indicators}
    return BoardRecord(
        board=store.board(),
        changes=store.levels(since),
        pressures=weigh(store.signs(now - lookback(listed.board)), indicators, listed.board, now),
        actions=store.actions_in_force(now),
    )
