"""Records cycles on a disk that fails, each as often as it takes, and prints the errors."""

import json
import sys
from contextlib import closing
from itertools import count
from pathlib import Path

from tests.store.recorder import a_cycle, record
from watcher.errors import StoreError
from watcher.store import SqliteStore


def tries(store: SqliteStore, number: int) -> list[str]:
    """Record a cycle; return what was said each time it could not be."""
    said: list[str] = []
    for _ in count():
        try:
            record(store, a_cycle(number))
        except StoreError as error:
            said.append(str(error))
        else:
            break
    return said


def main() -> None:
    with closing(SqliteStore.open(Path(sys.argv[1]))) as store:
        said = [words for number in range(1, int(sys.argv[2]) + 1) for words in tries(store, number)]
    print(json.dumps(said))  # noqa: T201  the test reads it


if __name__ == "__main__":
    main()
