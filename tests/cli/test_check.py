"""`watcher check`: every mistake at its place, and exit 2."""

import re

import pytest

from tests.workspace import Workspace

GOOD = """\
version: 1
entities:
  dprk: {names: [North Korea*, DPRK]}
indicators:
  - id: launch
    title: Launch
    category: provocation
    severity: high
    match: {all: [$dprk, launch*]}
    repeat_after: 12h
    examples:
      match: [North Korea launches a rocket]
      no_match: [South Korea launches a rocket]
"""

MISTAKES = {
    "a duplicate key": ("    severity: high\n", "    severity: high\n    severity: low\n", 9, "severity"),
    "an unknown key": ("    severity: high\n", "    severty: high\n", 8, "did you mean `severity`"),
    "an unknown entity": ("$dprk,", "$dprkk,", 9, "did you mean `$dprk`"),
    "a bad duration": ("12h", "12 parsecs", 10, "12 parsecs"),
    "an unknown severity": ("severity: high", "severity: huge", 8, "huge"),
    "an example that should match": (
        "North Korea launches",
        "Norway launches",
        12,
        "should match and does not",
    ),
    "an example that should not match": (
        "South Korea launches",
        "DPRK launches",
        13,
        "should not match, but matches",
    ),
    "a term that is no text": ("launch*]", "{}]", 9, ""),
    "broken YAML": ("[North Korea*, DPRK]", "[North Korea*, DPRK", 0, ""),
    "an alias": ("[North Korea*, DPRK]", "*x", 3, "alias"),
}


def problems(err: str) -> list[tuple[str, int, int, str]]:
    """Take the lines of stderr apart; every one must be `file:line:column: what`."""
    found = []
    for line in err.splitlines():
        parts = re.fullmatch(r"(.+?):(\d+):(\d+): (.+)", line)
        assert parts, f"no place: {line}"
        found.append((parts[1], int(parts[2]), int(parts[3]), parts[4]))
    return found


def test_a_good_file_exits_0_and_says_what_is_in_it(workspace: Workspace) -> None:
    ran = workspace.call("check", workspace.write("i.yaml", GOOD))

    assert (ran.code, problems(ran.err)) == (0, [])
    assert "1 indicators, 2 examples" in ran.out


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_exits_2_and_is_named_at_its_place(workspace: Workspace, mistake: str) -> None:
    before, after, line, words = MISTAKES[mistake]
    assert GOOD.count(before) == 1

    ran = workspace.call("check", workspace.write("i.yaml", GOOD.replace(before, after)))

    assert ran.code == 2
    file, at, column, what = problems(ran.err)[0]
    assert file == str(workspace.folder / "i.yaml")
    assert column >= 1
    assert line in (0, at)
    assert words in what


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "empty"),
        (b"# only a comment\n", "empty"),
        ("version: 1\nindicators: [{id: Pjöngjang}]".encode("latin-1"), "not UTF-8"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"\x00\x01\x02", ""),
        (b"just some words", ""),
    ],
)
def test_bytes_that_are_no_list_exit_2_with_a_place(workspace: Workspace, raw: bytes, words: str) -> None:
    ran = workspace.call("check", workspace.write("i.yaml", raw))

    assert ran.code == 2
    assert words in problems(ran.err)[0][3]


def test_a_folder_and_a_missing_file_exit_2_with_a_place(workspace: Workspace) -> None:
    folder, missing = (
        workspace.call("check", workspace.folder),
        workspace.call("check", workspace.folder / "none.yaml"),
    )

    assert (folder.code, missing.code) == (2, 2)
    assert "this is a folder" in problems(folder.err)[0][3]
    assert "no such file" in problems(missing.err)[0][3]


def test_all_mistakes_of_a_file_are_told_at_once(workspace: Workspace) -> None:
    text = (
        GOOD.replace("$dprk,", "$dprkk,")
        .replace("12h", "12 parsecs")
        .replace("severity: high", "severity: huge")
    )

    ran = workspace.call("check", workspace.write("i.yaml", text))

    assert [line for _, line, _, _ in problems(ran.err)] == [8, 9, 10]


def test_feeds_are_checked_too(workspace: Workspace) -> None:
    path = workspace.write(
        "feeds.yaml",
        "version: 1\nfeeds:\n  - {id: wire, url: 'ftp://wire.example/f'}\n  - {id: wire, url: 'https://w.example/'}\n",
    )

    ran = workspace.call("check", path)

    assert ran.code == 2
    assert {line for _, line, _, _ in problems(ran.err)} == {3, 4}


def test_without_a_name_the_files_in_use_are_checked(workspace: Workspace) -> None:
    workspace.feeds(wire="https://wire.example/f")

    ran = workspace.call("check")

    assert ran.code == 0
    assert [line.partition(":")[0] for line in ran.out.splitlines()] == ["indicators.yaml", "feeds.yaml"]


def test_json_has_the_mistakes_and_the_failing_examples(workspace: Workspace) -> None:
    path = workspace.write("i.yaml", GOOD.replace("South Korea launches", "DPRK launches"))

    (report,) = workspace.call("check", "--json", path).json

    assert report["file"] == str(path)
    assert report["mistakes"] == []
    assert len(report["failing_examples"]) == 1


PART = """\
indicators:
  - {id: parade, category: precursor, match: {all: [$dprk, parade*]}, examples: {match: [Parade in DPRK]}}
  - {id: launch, severity: critical}
"""


def test_a_part_of_the_list_in_use_is_checked_as_a_part_of_it(workspace: Workspace) -> None:
    workspace.write("good.yaml", GOOD)
    part = workspace.write("part.yaml", PART)
    workspace.write("indicators.yaml", "include: [good.yaml, part.yaml]")

    ran = workspace.call("check", "part.yaml")
    elsewhere = workspace.call("check", "--indicators", "good.yaml", "part.yaml")
    workspace.write("part.yaml", PART.replace("Parade in", "Rally in"))
    failing = workspace.call("check", part)
    workspace.write("part.yaml", PART.replace("critical", "huge"))
    wrong = workspace.call("check", part)

    says = "part.yaml, a part of indicators.yaml: 2 indicators, 3 examples; all examples pass\n"
    assert (ran.code, ran.out) == (0, says)
    assert "unknown entity `$dprk`" in elsewhere.err
    assert [each[:2] for each in problems(failing.err)] == [("part.yaml", 2)]
    assert [each[:3] for each in problems(wrong.err)] == [("part.yaml", 3, 28)]
    assert wrong.out == f"{part}, a part of indicators.yaml: 1 mistake\n"


def test_an_explanation_says_where_an_indicator_of_a_list_in_parts_stands(workspace: Workspace) -> None:
    workspace.write("good.yaml", GOOD)
    workspace.write("part.yaml", PART)
    workspace.write("indicators.yaml", "include: [good.yaml, part.yaml]")

    explained = workspace.call("explain", "North Korea launches a rocket at a parade")
    as_json = workspace.call("explain", "--json", "North Korea launches a rocket").json
    in_full = workspace.call("explain", "--yaml", "launch")
    alone = workspace.call("explain", "--indicators", "good.yaml", "North Korea launches a rocket")

    written = "written at good.yaml:5:5, changed at part.yaml:3:5"
    assert [each for each in explained.out.splitlines() if "written" in each] == [
        f"    {written}",
        "    written at part.yaml:2:5",
    ]
    assert as_json["items"][0]["indicators"][0]["written"] == written.removeprefix("written at ")
    assert in_full.out.startswith(f"# {written}\nmatch:\n")
    assert "written" not in alone.out


def test_a_place_in_the_shipped_list_is_named_by_that_word(workspace: Workspace) -> None:
    workspace.write(
        "indicators.yaml",
        "include: [shipped]\nindicators:\n  - {id: mine, category: trigger, match: [landed]}\n",
    )

    explained = workspace.call("explain", "North Korean missile landed in the sea").out

    assert re.search(r"^    written at shipped:\d+:\d+$", explained, re.MULTILINE)
    assert "    written at indicators.yaml:3:5\n" in explained
