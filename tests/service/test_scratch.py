"""What is thrown away is gone afterwards, and what a kill left of it is gone after the next start."""

from pathlib import Path

import pytest

from watcher.service.scratch import Purpose, clear, scratch


@pytest.mark.parametrize("purpose", Purpose)
def test_what_a_kill_left_is_removed_and_what_is_in_use_stays(tmp_path: Path, purpose: Purpose) -> None:
    with scratch(tmp_path, purpose) as used:
        left = tmp_path / f"{purpose}-a1b2c3d_"
        left.mkdir()
        (left / "watcher.db").write_text("half a copy")

        clear(tmp_path)

        assert list(tmp_path.iterdir()) == [used]
    assert list(tmp_path.iterdir()) == []


def test_what_people_keep_there_stays(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "canary-a1b2c3d4").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "pruning-a1b2c3d4").write_text("a file")
    for name in ("canary-notes", "pruning", "old-canary-a1b2c3d4"):
        (tmp_path / name).mkdir()
    before = sorted(tmp_path.iterdir())

    clear(tmp_path)

    assert sorted(tmp_path.iterdir()) == before
