"""A mapping of a YAML file as a model whose keys are all known, and the names that the rest of its file knows."""

from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from watcher.config import typed
from watcher.config.suggest import did_you_mean, listed


@dataclass(frozen=True, slots=True)
class Names:
    """What the rest of the file may refer to."""

    entities: frozenset[str] = frozenset()
    calendars: frozenset[str] = frozenset()
    indicators: frozenset[str] = frozenset()
    """Those that read news by themselves."""


class Strict(BaseModel):
    """A mapping whose keys are all known; an unknown one is named together with what it may have meant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="wrap")
    @classmethod
    def _name_unknown_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            raise ValidationError.from_exception_data(
                error.title, [cls._named(each) for each in error.errors()]
            ) from error

    @classmethod
    def _named(cls, error: ErrorDetails) -> InitErrorDetails:
        kind: str | PydanticCustomError = error["type"]
        if kind == "extra_forbidden" and len(error["loc"]) == 1:
            kind = PydanticCustomError("unknown_key", "{what}", {"what": cls._unknown(str(error["loc"][0]))})
        elif kind == "unknown_key":
            kind = PydanticCustomError("unknown_key", "{what}", error["ctx"])
        return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"], ctx=error.get("ctx", {}))

    @classmethod
    def _unknown(cls, key: str) -> str:
        known = [field.alias or name for name, field in cls.model_fields.items()]
        return f"unknown key {typed.shown(key)}{did_you_mean(key, known) or f'; known here: {listed(known)}'}"
