"""A worker that does not do what it should: `python -m tests.workers.children`.

It ends, or answers, as the body tells it.
"""

import os
import pickle
import sys

from watcher.workers.wire import WORKER_READY, ReadRequest


class Trap:
    """An object whose unpickling runs a command."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("exit 7",)


def main() -> None:
    pickle.dump(WORKER_READY, sys.stdout.buffer)
    sys.stdout.flush()
    request: ReadRequest = pickle.load(sys.stdin.buffer)
    if request.body == b"trap":
        pickle.dump(Trap(), sys.stdout.buffer)
        sys.stdout.flush()
    if request.body != b"die":
        sys.stdin.buffer.read()
    os._exit(3)


if __name__ == "__main__":
    main()
