"""The pages under docs/ are true: their YAML and TOML load, their tables hold, and their links work."""

import html
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from textwrap import indent
from typing import Any, NamedTuple

import pytest
import typer.testing

from tests.builders import NOON, an_alert, an_entry
from tests.channels.receiver import receiving
from watcher import pipeline
from watcher.bootstrap import read_settings
from watcher.channels.webhook import WebhookChannel
from watcher.cli import application
from watcher.config import read_feeds, read_indicators
from watcher.config.routes import ROUTE_KEYS
from watcher.config.settings import KNOBS, Knob
from watcher.config.tree import parse
from watcher.delivery.render import alert_line
from watcher.lab.examples import an_item, failing
from watcher.match import compile_list
from watcher.model.alerts import ChannelId, Reason

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(DOCS.glob("*.md"))

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECTION = re.compile(r"^### (\d+)\. .+?\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")

SOME_INDICATOR = "indicators: [{id: some, category: provocation, match: [some term]}]\n"
SOME_NAMES = "entities: {dprk: {names: [DPRK]}, icbm: {names: [ICBM]}}\n"
SECTIONS_OF_A_LIST = {
    "version",
    "title",
    "defaults",
    "entities",
    "calendars",
    "indicators",
    "cues",
    "board",
    "include",
    "disable",
}


class Block(NamedTuple):
    """One fenced block of a page."""

    name: str
    text: str


class Row(NamedTuple):
    """One row of a table of texts that hit or do not."""

    section: str
    yaml: str
    text: str
    day: str
    hits: str


def blocks(language: str) -> list[Block]:
    return [
        Block(f"{page.stem}-{number}", found[2])
        for page in PAGES
        for number, found in enumerate(FENCE.finditer(page.read_text(encoding="utf-8")), 1)
        if found[1] == language
    ]


def whole_list(text: str) -> bytes:
    """Return a block as a whole list of indicators: some part of a list, or some keys of one indicator."""
    keys = set(parse(text, "block").data or ())
    if "indicators" in keys:
        return text.encode()
    if keys <= SECTIONS_OF_A_LIST:
        return (text + SOME_INDICATOR).encode()
    needed = {"id": "id: some", "category": "category: provocation", "match": "match: [some term]"}
    body = "\n".join([*(line for key, line in needed.items() if key not in keys), text])
    return f"{SOME_NAMES}indicators:\n  -\n{indent(body, '    ')}\n".encode()


def rows() -> Iterator[Row]:
    for number, section in SECTION.findall((DOCS / "indicators.md").read_text(encoding="utf-8")):
        block = FENCE.search(section)
        assert block, f"example {number} has no YAML"
        for row in table(section):
            yield Row(number, block[2], row["text"], row.get("day", ""), row["hits"])


def table(text: str) -> Iterator[dict[str, str]]:
    """Yield the rows of the one table in a text, by column; `<br>` is a line break."""
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in text.splitlines()
        if line.startswith("|")
    ]
    for cells in lines[2:]:
        yield {name: cell.replace("<br>", "\n") for name, cell in zip(lines[0], cells, strict=True)}


def claims() -> tuple[str, list[dict[str, str]]]:
    """Return the indicator of docs/claims.md and the rows of the table that goes with it."""
    text = (DOCS / "claims.md").read_text(encoding="utf-8")
    block = next(FENCE.finditer(text))
    return block[2], list(table(text[block.end() :].partition("\n## ")[0]))


def snippets() -> list[str]:
    """Return the snippets of docs/syntax-map.md for this watcher; "the same" means the left column."""
    found: dict[str, None] = {}
    for section in (DOCS / "syntax-map.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        for row in table(section):
            cell = (
                row["here"].replace("the same", row["there"])
                if row["here"].startswith("the same")
                else row["here"]
            )
            found |= dict.fromkeys(
                html.unescape(code) for code in re.findall(r"(?:`|<code>)(.+?)(?:`|</code>)", cell)
            )
    named_only = re.compile(r"AND|OR|NOT|query:|evidence|at_least|near|sentence|examples|critical")
    return [snippet for snippet in found if not named_only.fullmatch(snippet)]


def line_fields() -> set[str]:
    """Return the fields of the log line in the contract, and those that alerts add to it."""
    of_incidents = (
        "indicator_title confidence indicators items_in_all step cues calendar items_not_shown incidents "
        "repeats"
    )
    of_others = "feeds mistakes entries_not_shown subject changes because"
    return {
        *alert_line(replace(an_alert(), only="desk", entries=(an_entry(),))),
        *of_incidents.split(),
        *of_others.split(),
    }


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_there_are_ten_worked_examples() -> None:
    assert list(dict.fromkeys(row.section for row in rows())) == [str(number) for number in range(1, 11)]


@pytest.mark.parametrize("block", blocks("yaml"), ids=lambda block: block.name)
def test_every_yaml_block_loads_and_its_examples_come_out_as_written(block: Block) -> None:
    keys = set(parse(block.text, block.name).data or ())
    if "feeds" in keys and "match" not in keys:
        assert read_feeds(block.text.encode(), block.name)
        return

    matcher = compile_list(read_indicators(whole_list(block.text), block.name))

    assert keys == {"examples"} or list(failing(matcher)) == []


@pytest.mark.parametrize("block", blocks("toml"), ids=lambda block: block.name)
def test_every_toml_block_loads(block: Block, tmp_path: Path) -> None:
    path = tmp_path / "watcher.toml"
    path.write_text(block.text, encoding="utf-8")
    for secret in re.findall(r'^\w+_file = "(.+)"', block.text, flags=re.MULTILINE):
        (tmp_path / secret).parent.mkdir(exist_ok=True)
        (tmp_path / secret).write_text("a secret", encoding="utf-8")

    assert read_settings(path, {}, {}).data


@pytest.mark.parametrize("row", list(rows()), ids=lambda row: f"{row.section} {row.text}")
def test_a_text_in_a_worked_example_hits_as_its_table_says(row: Row) -> None:
    rules = pipeline.rules_of(read_indicators(row.yaml.encode(), f"example {row.section}"))
    day = date.fromisoformat(row.day or "2026-07-01")
    item = an_item(row.text, at=datetime.combine(day, time(12), UTC))
    first = rules.matcher.compiled[0].indicator.id

    hit = next((hit for hit in pipeline.hits_of([item], rules) if hit.indicator == first), None)

    found = f"yes, {hit.claim}, {hit.severity.word}" if hit else "no"
    assert found.split(", ")[: len(row.hits.split(", "))] == row.hits.split(", ")


def test_a_receiver_can_verify_a_webhook_as_the_page_of_alerts_says() -> None:
    said: dict[str, Any] = {}
    exec(blocks("python")[0].text, said)
    with receiving() as receiver:
        WebhookChannel(ChannelId("desk"), receiver.url(), clock=lambda: NOON, secret=b"keep me").send(
            an_alert()
        )
        (post,) = receiver.posts

    def is_ours(secret: bytes, signature: str, body: bytes, seconds: float) -> bool:
        return bool(said["is_ours"](secret, signature, body, NOON.timestamp() + seconds))

    signature = post.headers["X-Watcher-Signature"]
    assert is_ours(b"keep me", signature, post.body, 5)
    assert not is_ours(b"another secret", signature, post.body, 5)
    assert not is_ours(b"keep me", signature, post.body + b" ", 5)
    assert not is_ours(b"keep me", signature, post.body, 3600)
    assert not is_ours(b"keep me", "t=é,v1", post.body, 5)
    assert not is_ours(b"keep me", f"t={int(NOON.timestamp())},v1=é", post.body, 5)


@pytest.mark.parametrize("name", sorted(line_fields()))
def test_the_page_of_alerts_explains_every_field_of_the_log_line(name: str) -> None:
    assert f"| `{name}` |" in (DOCS / "alerts.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("reason", [*Reason])
def test_the_page_of_alerts_explains_every_reason(reason: Reason) -> None:
    assert f"| `{reason}` |" in (DOCS / "alerts.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("row", claims()[1], ids=lambda row: row["text"])
def test_a_text_claims_what_the_page_of_claims_says_by_the_cue_it_names(row: dict[str, str]) -> None:
    matcher = compile_list(read_indicators(claims()[0].encode(), "claims.md"))

    judged = matcher.judge(matcher.compiled[0], matcher.view(an_item(row["text"])))

    assert judged
    assert str(judged[1].claim).lower() == row["claim"]
    decided = [cue.partition(": ")[2] for cue in judged[1].cues if not cue.startswith("echo")]
    assert decided == ([row["cue"]] if row["cue"] else [])


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: knob.variable)
def test_the_page_of_running_has_every_setting_with_its_variable(knob: Knob) -> None:
    assert f"| `{knob.table}.{knob.key}` | `{knob.variable}` |" in (DOCS / "running.md").read_text(
        encoding="utf-8"
    )


@pytest.mark.parametrize("key", ROUTE_KEYS)
def test_the_page_of_running_has_everything_a_channel_may_be_given(key: str) -> None:
    assert f"| `channels.NAME.{key}` |" in (DOCS / "running.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("snippet", snippets())
def test_what_the_map_of_other_tools_says_to_write_loads(snippet: str) -> None:
    entities = (
        "entities: {dprk: {names: [DPRK]}, selection: {names: [drill]}, filter: {names: [film]}, one: %s}\n"
    )
    if snippet.startswith("{names"):
        listed = entities % snippet + SOME_INDICATOR
    else:
        key = re.match(r"\w+: ", snippet)
        body = (
            f"match: [drill], {snippet}"
            if key
            else f"match: {snippet if snippet[0] in '[{' else {'query': snippet}}"
        )
        listed = (
            entities % "{names: [drill]}" + f"indicators: [{{id: some, category: provocation, {body}}}]\n"
        )

    assert read_indicators(listed.encode(), "syntax-map.md").indicators


def test_the_worked_session_of_tuning_prints_what_the_page_shows(tmp_path: Path) -> None:
    page = (DOCS / "tuning.md").read_text(encoding="utf-8")

    assert with_output(page, tmp_path) == page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        path, _, part = link.partition("#")
        target = page.parent / path if path else page
        if not link.startswith("https://") and not (
            target.exists() and (not part or part in anchors(target))
        ):
            broken.append(link)

    assert broken == []


def anchors(page: Path) -> set[str]:
    return {anchor(heading) for heading in HEADING.findall(page.read_text(encoding="utf-8"))}


# --- the worked session -------------------------------------------------------------------------------------


def with_output(page: str, folder: Path) -> str:
    """Return the page with the real output of its commands, run in order in an empty folder."""
    here = Path.cwd()
    os.chdir(folder)
    try:
        return FENCE.sub(play, page)
    finally:
        os.chdir(here)


def play(block: re.Match[str]) -> str:
    """Do what a block of the session says: write a file, change a key of the list, or run commands."""
    language, text = block[1], block[2]
    if language == "jsonl":
        Path("news.jsonl").write_text(text, encoding="utf-8")
    elif language == "yaml" and not text.startswith("# "):  # a file with a name is another one
        path = Path("indicators.yaml")
        path.write_text(
            changed(path.read_text(encoding="utf-8"), text) if path.exists() else text, encoding="utf-8"
        )
    elif language == "console":
        lines = [line for line in text.splitlines() if line.startswith("$ ")]
        return f"```console\n{''.join(map(shown, lines))}```"
    return block[0]


def changed(listed: str, fragment: str) -> str:
    """Return a list of one indicator with one of its keys written anew."""
    key = fragment.partition(":")[0]
    return re.sub(
        rf"^    {key}:.*\n(?:     .*\n)*", lambda _: indent(fragment, "    "), listed, flags=re.MULTILINE
    )


def shown(line: str) -> str:
    """Return a command with what it prints; how long it took is not the point."""
    program, *words = shlex.split(line.removeprefix("$ "))
    if program == "cp":
        shutil.copy(*words)
        return f"{line}\n"
    output = typer.testing.CliRunner().invoke(application(), words, catch_exceptions=False).output
    timeless = re.sub(r"[\d.]+ seconds", "0.1 seconds", output)
    return "\n".join([line, *(each.rstrip() for each in timeless.splitlines())]) + "\n"


if __name__ == "__main__":
    tuning = DOCS / "tuning.md"
    with tempfile.TemporaryDirectory() as empty:
        tuning.write_text(with_output(tuning.read_text(encoding="utf-8"), Path(empty)), encoding="utf-8")
