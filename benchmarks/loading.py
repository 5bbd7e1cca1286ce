"""The path of a list in, the CPU seconds that it takes to load it out: until the first text is matched.

`python loading.py LIST`, with the watcher to measure on the path, prints them as its last line. The modules
of the line are loaded before; what only reads lists (YAML, pydantic) counts.
"""

import sys
import time

import watcher.pipeline  # noqa: F401 - so that it does not count
from watcher import bootstrap
from watcher.lab.examples import an_item
from watcher.model.settings import Settings


def main() -> None:
    """Load the list, match a text, and tell what that took."""
    settings, item = Settings(indicators=sys.argv[1]), an_item("North Korea fires ICBM toward Japan")
    began = time.process_time()
    bootstrap.load_rules(settings).matcher.match(item)
    print(time.process_time() - began)


if __name__ == "__main__":
    main()
