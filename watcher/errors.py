"""Every error we raise on purpose.

Constructors take values and say the sentence. Anything else that is raised is a bug and may crash.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class WatcherError(Exception):
    """The base of all errors the watcher raises on purpose.

    `exit_code` is what a command that ends with it returns.
    """

    exit_code = 3


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mistake:
    """One thing wrong in a file a person wrote: where it is, what it is, what to do."""

    file: str
    line: int
    column: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what}"


class ConfigError(WatcherError):
    """A file a person wrote is wrong; carries every mistake, not the first."""

    exit_code = 2

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes))
        super().__init__("\n".join(map(str, self.mistakes)))


class UsageError(WatcherError):
    """A command was called with something that cannot work; nothing was done."""

    exit_code = 2


class FetchError(WatcherError):
    """A feed could not be fetched. `cause` is one word, `detail` says more.

    `retry_after` is what the server asked for, in seconds, already capped; None when it asked nothing.
    """

    def __init__(
        self, cause: str, detail: str, *, retry_after: float | None = None, status: int | None = None
    ) -> None:
        self.cause, self.detail, self.retry_after, self.status = cause, detail, retry_after, status
        super().__init__(f"{cause}: {detail}")


class ReadError(WatcherError):
    """The bytes of a feed are no feed, or reading them hit a limit."""

    def __init__(self, cause: str, detail: str) -> None:
        self.cause, self.detail = cause, detail
        super().__init__(f"{cause}: {detail}")


class DeliveryError(WatcherError):
    """A channel did not take an alert. A permanent one will not be tried again by itself."""

    def __init__(self, detail: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        self.detail, self.permanent, self.retry_after = detail, permanent, retry_after
        super().__init__(detail)


class StoreError(WatcherError):
    """The database is unusable: locked by another, newer than this program, damaged, or on a full disk."""


class TooLateError(StoreError):
    """A node polled under leases or by lists that no longer count: nothing is written, and nothing is lost.

    Whoever holds the leases now polls again.
    """


class ConflictError(StoreError):
    """A record has changed since it was read: nothing is written, and the decision must be made again."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} was changed by another watcher on the same database; the next poll looks again"
        )
