"""A systemd unit in, its settings out."""

from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"


def settings_of(unit: str) -> dict[str, list[str]]:
    """Return what a unit in deploy/ sets, each setting with all its values in order."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (DEPLOY / unit).read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[key].append(value)
    return dict(found)
