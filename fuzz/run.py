"""A target's name in, what breaks it out: the test suite's targets under atheris, guided by coverage.

`pip install atheris`, then `python -m fuzz.run reading -max_total_time=120` in a checkout. Targets: reading,
dates, matching, config. What comes after the name is libFuzzer's: a folder keeps a corpus, `-timeout=10`
calls ten seconds a hang, a file is tried alone.
"""

import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["watcher", "feedparser", "yaml"]):
    from tests.fuzz.targets import TARGETS, Target


def main(words: Sequence[str]) -> None:
    """Run one target until it breaks or its time is over."""
    if len(words) < 2 or words[1] not in TARGETS:
        sys.exit(f"usage: python -m fuzz.run {'|'.join(TARGETS)} [libFuzzer options]")
    target = TARGETS[words[1]]
    with tempfile.TemporaryDirectory() as folder:
        _lay_out(target, Path(folder))
        corpus = [] if any(not word.startswith("-") for word in words[2:]) else [str(Path(folder) / "seeds")]
        atheris.Setup([words[0], f"-dict={folder}/pieces", *words[2:], *corpus], _once(target))
        atheris.Fuzz()


def _lay_out(target: Target, folder: Path) -> None:
    """Write seeds and pieces as libFuzzer reads them."""
    (folder / "seeds").mkdir()
    for number, seed in enumerate(target.seeds):
        (folder / "seeds" / str(number)).write_bytes(seed)
    pieces = "\n".join(
        '"' + "".join(f"\\x{byte:02x}" for byte in piece) + '"' for piece in target.pieces if len(piece) <= 64
    )
    (folder / "pieces").write_text(pieces + "\n", encoding="ascii")


def _once(target: Target) -> Any:
    def once(raw: bytes) -> None:
        target.run(raw)

    return once


if __name__ == "__main__":
    main(sys.argv)
