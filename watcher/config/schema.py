"""The name of a file in, its JSON Schema out, made from the models so that editors and the watcher agree."""

import json
from typing import Literal

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from watcher.config.models.feeds import FeedsModel
from watcher.config.models.indicators import IndicatorsModel
from watcher.config.models.strict import Strict

_MODELS: dict[str, type[Strict]] = {"indicators": IndicatorsModel, "feeds": FeedsModel}


def json_schema(kind: Literal["indicators", "feeds"]) -> str:
    """Return the JSON Schema of `indicators.yaml` or `feeds.yaml` as text."""
    made = _MODELS[kind].model_json_schema(by_alias=True, schema_generator=_WithoutDefaults)
    if kind == "indicators":  # a part of a list may have none, and may change single fields of one
        made["required"].remove("indicators")
        made["$defs"]["IndicatorModel"]["required"].remove("category")
    return (
        json.dumps({"$schema": _WithoutDefaults.schema_dialect} | made, indent=2, ensure_ascii=False) + "\n"
    )


class _WithoutDefaults(GenerateJsonSchema):
    """Defaults are values of ours and have no spelling in YAML; editors do without them."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])
