"""README is true: its files load, and its table has every field. `tests.demo` compares the alert it shows."""

import re
from pathlib import Path

from tests.test_docs import paths_named_in
from tests.test_example_alert import a_real_looking_alert
from watcher.bootstrap import read_settings
from watcher.delivery.render import added_fields, alert_line
from watcher.lab.checking import check_file

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
MADE_BY_THE_READER = {"watcher.toml", "mine.yaml", ".venv/bin/watcher", "alerts/YYYY-MM-DD.jsonl"}


def blocks(language: str) -> list[str]:
    return [block for kind, block in BLOCKS if kind == language]


def block_that_begins(first_line: str, language: str) -> str:
    return next(block for block in blocks(language) if block.startswith(f"{first_line}\n"))


def test_the_first_two_commands_are_one_line_each_and_the_tests_stand_under_their_marker() -> None:
    demo, tests = blocks("sh")[:2]

    assert demo.count("\n") == tests.count("\n") == 1
    assert demo.rstrip().endswith("watcher demo")
    assert tests.rstrip().endswith("-m pytest")
    assert f"<!-- test command -->\n```sh\n{tests}```" in README


def test_every_file_named_exists() -> None:
    assert [
        path
        for path in paths_named_in(ROOT / "README.md")
        if path not in MADE_BY_THE_READER and not (ROOT / path).exists()
    ] == []


def test_git_ignores_the_folders_that_the_commands_make() -> None:
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    made = {name for block in blocks("sh") for name in re.findall(r"--data (\w+)", block)}

    assert made == {"demo", "data", "trial"}
    assert [name for name in made if f"/{name}/" not in ignored] == []


def test_every_field_of_the_log_line_is_explained() -> None:
    table = "".join(re.findall(r"^\| `.*$", README, flags=re.MULTILINE))
    line = alert_line(a_real_looking_alert())
    added = added_fields(a_real_looking_alert())

    assert [field for field in line if field not in added and f"`{field}`" not in table] == []


def test_the_indicator_shown_passes_its_own_examples(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(block_that_begins("# mine.yaml", "yaml"), encoding="utf-8")

    report = check_file(path)

    assert (report.mistakes, report.failures) == ((), ())


def test_the_settings_shown_load(tmp_path: Path) -> None:
    (tmp_path / "watcher.toml").write_text(block_that_begins("# watcher.toml", "toml"), encoding="utf-8")

    assert [channel.id for channel in read_settings(tmp_path / "watcher.toml", {}, {}).channels] == [
        "desk",
        "phones",
    ]
