"""Appends alerts to an alert log until it is killed: `python -m tests.channels.appender FOLDER FIRST`.

Prints the number of each alert once `send` has returned. The one before FIRST is sent again at the start, as
an outbox would.
"""

import sys
from itertools import count
from pathlib import Path

from tests.builders import an_alert
from watcher.channels.log import AlertLog


def main() -> None:
    """Append for ever."""
    log = AlertLog(Path(sys.argv[1]))
    for number in count(max(int(sys.argv[2]) - 1, 0)):
        log.send(an_alert(f"Report {number}", alert_id=f"a{number}"))
        print(number, flush=True)  # noqa: T201 - it talks to the test over a pipe


if __name__ == "__main__":
    main()
