"""A list is read alike with libyaml and without it."""

from typing import Any

import pytest
import yaml

from watcher.config import tree
from watcher.config.shipped import shipped
from watcher.config.tree import SlowLoader
from watcher.errors import ConfigError


def _read(text: str, loader: Any) -> list[tuple[str, str, int, int]]:
    """Return what a reader finds: every event, and of each text what it says and where it begins."""
    return [
        (type(event).__name__, event.value, event.start_mark.line, event.start_mark.column)
        if isinstance(event, yaml.ScalarEvent) and event.start_mark
        else (type(event).__name__, "", 0, 0)
        for event in yaml.parse(text, Loader=loader)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "match: [Hwasong-1?, 정찰위성?, 発射?]",
        "match: {any: [KN-2?], near: {words: 5, any: [ICBM?], with: [fire?]}}",
        "{id: launch, match: what?, url: https://wire.example/feed?a=1&b=2}",
        "- really?\n- '?'\n- ? \n",
        "every:\t5m\nmatch: [a,\tb?\t]\n",
    ],
)
def test_a_list_is_read_alike_with_libyaml_and_without(text: str) -> None:
    assert _read(text, SlowLoader) == _read(text, yaml.CSafeLoader)


@pytest.mark.parametrize("text", ["\ta: b", "a: [b", "a: b\n\tc: d", "[a?]: }"])
def test_what_is_no_yaml_is_none_without_libyaml_either(text: str) -> None:
    for loader in (SlowLoader, yaml.CSafeLoader):
        with pytest.raises(yaml.YAMLError):
            _read(text, loader)


@pytest.mark.parametrize("loader", [SlowLoader, yaml.CSafeLoader])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "indicators:\n  - id: a\n    title: A\n   - id: b\n",
            "4:4: this fits nowhere in the list that begins on",
        ),
        (
            "indicators:\n  - {id: a}\n - {id: b}\n",
            "3:2: this fits nowhere under the keys that begin on line 1;",
        ),
        ('title: "A" list\n', "1:12: this fits nowhere under the keys that begin on line 1;"),
        ("indicators: - id: a\n", "1:13: a list cannot begin here; put each `- ` on a line of its own"),
        ("why: He said: no\n", "1:13: a colon cannot stand here; put a text with a colon in quotation marks"),
        ("match: [a, b\n", "2:1: what begins with `[` on line 1 has no `]`"),
        ("match: {any: a\n", "2:1: what begins with `{` on line 1 has no `}`"),
        ("title: @home\n", "1:8: a text cannot begin with this character; put it in quotation marks"),
        ('title: "A\n', "2:1: the quotation mark on line 1 is never closed;"),
        ("title: A\nmatch\n", "3:1: the word on line 2 is no key and no entry; add a colon"),
    ],
)
def test_what_is_no_yaml_is_said_in_plain_words(
    text: str, said: str, loader: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "_LOADER", loader)  # a machine has one of the two

    with pytest.raises(ConfigError) as caught:
        tree.parse(text, "i.yaml")

    assert str(caught.value).startswith(f"i.yaml:{said}")
    assert str(caught.value).endswith("; the file is no YAML from here on")


@pytest.mark.parametrize("name", ["indicators.yaml", "feeds.yaml"])
def test_the_shipped_lists_are_read_without_libyaml(name: str) -> None:
    text = shipped(name).read_text(encoding="utf-8")

    assert _read(text, SlowLoader) == _read(text, yaml.CSafeLoader)
