"""The name of a list in, the file of it that ships with the watcher out."""

from pathlib import Path

import watcher


def shipped(name: str) -> Path:
    """Return a file as we ship it: inside the package when installed, beside it in a checkout."""
    package = Path(watcher.__file__).parent
    installed = package / "shipped" / name
    return installed if installed.exists() else package.parent / name
