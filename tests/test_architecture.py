"""ARCHITECTURE.md and the layers are true. The map is written anew by `python -m tests.test_architecture`."""

import ast
import re
import subprocess
import sys
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "ARCHITECTURE.md"
BEGIN, END = "<!-- map: written by `python -m tests.test_architecture` -->\n", "<!-- end of map -->\n"
NAMED_MODULE = re.compile(r"`(watcher(?:\.(?!toml)\w+)+)`")
NAMED_PATH = re.compile(r"`((?:\w+/)+(?:\w+\.\w+)?)`")
TO_COME = {"watcher/export/", "watcher/web/"}


def modules() -> list[str]:
    """Return the name of every module of the watcher, a room before what is in it."""
    files = sorted((ROOT / "watcher").rglob("*.py"), key=lambda path: (path.parent, path.stem))
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in files
    ]


def first_line(module: str) -> str:
    """Return what a module says of itself in its first line."""
    path = ROOT / module.replace(".", "/")
    text = (path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def room_of(module: str) -> str:
    """Return the folder a module lives in: a room, or the watcher itself."""
    name = module.removeprefix("watcher").strip(".")
    room = name.partition(".")[0]
    return room if (ROOT / "watcher" / room).is_dir() else ""


def the_map() -> str:
    """Return the map: a table for each room, and one for the modules outside of rooms."""
    return "\n".join(
        _table(room, list(inside)) for room, inside in groupby(sorted(modules(), key=room_of), key=room_of)
    )


def _table(room: str, inside: list[str]) -> str:
    heading = f"### `watcher/{room}/`" if room else "### `watcher/`"
    rows = [f"| `{module}` | {first_line(module)} |" for module in inside]
    return "\n".join([heading, "", "| module | what goes in, what comes out |", "| --- | --- |", *rows, ""])


def _parts() -> tuple[str, str, str]:
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    on_map, _, after = rest.partition(END)
    return before, on_map, after


def test_every_module_says_in_one_line_what_it_is() -> None:
    assert [module for module in modules() if not first_line(module).endswith((".", "?"))] == []


def test_every_module_is_on_the_map_as_it_describes_itself() -> None:
    _, on_map, _ = _parts()

    assert on_map.strip() == the_map().strip(), "run: python -m tests.test_architecture"


def test_no_public_name_means_two_things() -> None:
    """Every program has a `main` of its own."""
    defined: dict[str, list[str]] = {}
    for path in (ROOT / "watcher").rglob("*.py"):
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            for name in _defined_by(statement):
                defined.setdefault(name, []).append(str(path.relative_to(ROOT)))

    assert {
        name: places
        for name, places in defined.items()
        if len(places) > 1 and not name.startswith("_") and name != "main"
    } == {}


def _defined_by(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


def test_every_module_and_path_named_on_the_page_exists() -> None:
    before, on_map, after = _parts()
    named = set(NAMED_MODULE.findall(before + on_map + after))
    paths = set(NAMED_PATH.findall(before + after)) - TO_COME

    assert {name for name in named if find_spec(name) is None} == set()
    assert {path for path in paths if not (ROOT / path).exists()} == set()


def test_the_rooms_are_drawn_in_the_order_of_the_layers() -> None:
    drawing = PAGE.read_text(encoding="utf-8").partition("## The rooms\n")[2].partition("\n## ")[0]
    layers = re.search(
        r"^layers = \[\n(.*?)^\]",
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )

    assert layers
    drawn = [
        re.findall(r"\w+", re.split(r" {2,}", line)[0])
        for line in re.findall(r"^    (.+)$", drawing, re.MULTILINE)
    ]
    assert drawn == [re.findall(r"\w+", line) for line in re.findall(r'"(.+)"', layers[1])]


def test_arrows_point_down_and_the_core_does_no_io() -> None:
    command = (
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    )
    ran = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr


if __name__ == "__main__":
    page_before, _, page_after = _parts()
    PAGE.write_text(f"{page_before}{BEGIN}\n{the_map()}\n{END}{page_after}", encoding="utf-8")
