"""The worker process: requests on standard input, documents or errors on standard output, both pickled.

`python -m watcher.workers.child SECONDS MEGABYTES`. It lives until its input ends, so it never outlives the
service; one caught in a document then is ended by its own limit of processor time.
"""

import os
import pickle
import resource
import signal
import sys
from typing import BinaryIO

from watcher.errors import ReadError
from watcher.read.document import read
from watcher.workers.wire import WORKER_READY, Failure, ReadRequest, Reply, send


def main() -> None:
    """Answer requests until there are no more."""
    seconds, megabytes = float(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's to answer
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as replies:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing a library prints gets among the replies
        try:
            _serve(sys.stdin.buffer, replies, seconds)
        except (EOFError, BrokenPipeError):
            os._exit(0)  # the service is gone, and what is buffered has no reader


def _serve(requests: BinaryIO, replies: BinaryIO, seconds: float) -> None:
    send(WORKER_READY, replies)
    while True:
        request: ReadRequest = pickle.load(requests)  # noqa: S301 - the parent wrote it
        _allow_processor_time(seconds)
        send(_reply(request), replies)


def _allow_processor_time(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(
        resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + seconds) + 2, resource.RLIM_INFINITY)
    )


def _reply(request: ReadRequest) -> Reply:
    try:
        return read(
            request.body,
            feed=request.feed,
            seen=request.seen,
            content_type=request.content_type,
            url=request.url,
        )
    except ReadError as error:
        return Failure(error.cause, error.detail)
    except MemoryError:
        return Failure("limit", "reading it takes too much memory")
    except Exception as error:  # noqa: BLE001 - a bug met by one feed must not stop the reading of the others
        return Failure("unreadable", f"{type(error).__name__}: {error}"[:300])


if __name__ == "__main__":
    main()
