"""The JSON Schemas in the repository are those of the models."""

import json
from pathlib import Path
from typing import Literal

import pytest

from watcher.config import json_schema

SCHEMAS = Path(__file__).parents[2] / "schema"


@pytest.mark.parametrize("kind", ["indicators", "feeds"])
def test_the_schema_in_the_repository_is_the_one_the_models_make(
    kind: Literal["indicators", "feeds"],
) -> None:
    assert (SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8") == json_schema(kind)


def test_the_schema_knows_the_keys_of_the_language() -> None:
    schema = json.loads(json_schema("indicators"))

    assert set(schema["properties"]) == {
        "version",
        "include",
        "disable",
        "title",
        "defaults",
        "entities",
        "calendars",
        "indicators",
        "cues",
        "terminators",
        "board",
        "budget",
    }
    assert {"all", "any", "none", "near", "at_least", "of"} <= set(
        schema["$defs"]["GroupModel"]["properties"]
    )
    assert {"any", "with"} <= set(schema["$defs"]["NearModel"]["properties"])
