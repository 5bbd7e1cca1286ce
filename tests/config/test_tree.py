"""A list is read alike with libyaml and without it."""

from typing import Any

import pytest
import yaml

from watcher.config.shipped import shipped
from watcher.config.tree import SlowLoader


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


@pytest.mark.parametrize("name", ["indicators.yaml", "feeds.yaml"])
def test_the_shipped_lists_are_read_without_libyaml(name: str) -> None:
    text = shipped(name).read_text(encoding="utf-8")

    assert _read(text, SlowLoader) == _read(text, yaml.CSafeLoader)
