"""Files in, a value out that changes when they do."""

from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path


def fingerprint(files: Iterable[Path]) -> tuple[str, ...]:
    """Return what tells one state of some files from another; a file that cannot be read has a state too."""
    return tuple(_state(path) for path in files)


def _state(path: Path) -> str:
    try:
        state = blake2b(path.read_bytes(), digest_size=16).hexdigest()
    except OSError as error:
        state = f"unreadable: {error.errno}"
    return f"{path} {state}"
