"""How far a long measurement has come: things in, the same things out, and what shows it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

_T = TypeVar("_T")


class ProgressBar(Protocol):
    """Passes things on and shows how far it has come; `size` says how far each thing brings it."""

    def __call__(
        self, things: Iterable[_T], doing: str, total: int | None = None, size: Callable[[_T], int] = ...
    ) -> Iterator[_T]:
        """Pass things on."""
        ...


def no_progress_bar(things: Iterable[_T], *_: object, **__: object) -> Iterator[_T]:
    """Pass things on and show nothing."""
    return iter(things)
