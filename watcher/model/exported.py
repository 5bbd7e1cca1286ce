"""How far an export has come, and the part of the record that it takes next."""

import re
from dataclasses import dataclass

from watcher.errors import UsageError
from watcher.model.alerts import Alert, Incident

_CURSOR = re.compile(r"(\d{1,18})-(\d{1,18})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportCursor:
    """A place in the record: the numbers of the last alert and of the last closed incident before it."""

    alert: int = 0
    closing: int = 0

    def __str__(self) -> str:
        return f"{self.alert}-{self.closing}"


def export_cursor(typed: str) -> ExportCursor:
    """Return a cursor as it was printed; `start` is the one before everything.

    Raises:
        UsageError: it is none.
    """
    if typed == "start":
        return ExportCursor()
    found = _CURSOR.fullmatch(typed)
    if not found:
        raise UsageError(f"no such cursor: {typed!r}; an export prints one, as in 17-3; `start` is the first")
    return ExportCursor(alert=int(found[1]), closing=int(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPart:
    """What was recorded after a cursor: alerts, and incidents that were alerted and are now closed.

    Both are in the order in which they were recorded. `end` is where the next part begins; `more` says that
    there is one already.
    """

    alerts: tuple[Alert, ...] = ()
    closed: tuple[Incident, ...] = ()
    end: ExportCursor = ExportCursor()
    more: bool = False
