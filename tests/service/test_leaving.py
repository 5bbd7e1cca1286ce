"""A signal that comes while the service writes to its log ends it all the same."""

import subprocess
import sys

TOLD_WHILE_WRITING = """
import io, os, signal, sys
from watcher.service.__main__ import leave_at_once

class Told(io.RawIOBase):
    def writable(self):
        return True

    def write(self, piece):
        os.kill(os.getpid(), signal.SIGTERM)
        return len(piece)

signal.signal(signal.SIGTERM, leave_at_once)
sys.stderr = io.TextIOWrapper(io.BufferedWriter(Told()), write_through=True)
try:
    print("lists", file=sys.stderr, flush=True)
except RuntimeError:
    pass  # as logging does with whatever a handler raises
os._exit(3)
"""


def test_a_signal_in_the_middle_of_a_log_line_is_not_lost() -> None:
    ended = subprocess.run([sys.executable, "-c", TOLD_WHILE_WRITING], timeout=60, check=False)

    assert ended.returncode == 0
