"""A mapping of a YAML file as a model whose keys are all known, and the value that is made of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, InitErrorDetails, PydanticCustomError, core_schema

from watcher.config import typed
from watcher.text.suggest import did_you_mean, listed


@dataclass(frozen=True, slots=True)
class Known:
    """What the rest of the file may refer to."""

    entities: frozenset[str] = frozenset()
    calendars: frozenset[str] = frozenset()
    indicators: frozenset[str] = frozenset()
    """Those that read news by themselves."""
    disabled: Mapping[str, str] = field(default_factory=dict)
    """Where an indicator of the list is disabled."""


class Strict(BaseModel):
    """A mapping whose keys are all known; an unknown one is named together with what it may have meant."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def values(self) -> dict[str, Any]:
        """Return what is written, by field, but for notes: the fields of the value of this mapping."""
        return {name: getattr(self, name) for name in self.model_fields_set - {"note"}}

    @model_validator(mode="wrap")
    @classmethod
    def _name_unknown_keys(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            filled = handler(data)
        except ValidationError as error:
            raise ValidationError.from_exception_data(
                error.title, [cls._named(each) for each in error.errors()]
            ) from error
        if what := next(cls._wrong(filled), ""):
            raise ValueError(what)
        return filled

    def _wrong(self) -> Iterator[str]:
        """Yield what is wrong with the mapping as a whole; only the first is told."""
        yield from ()

    @classmethod
    def _named(cls, error: ErrorDetails) -> InitErrorDetails:
        kind: str | PydanticCustomError = error["type"]
        if kind == "extra_forbidden" and len(error["loc"]) == 1:
            kind = PydanticCustomError("unknown_key", "{what}", {"what": cls._unknown(str(error["loc"][0]))})
        elif kind == "unknown_key":
            kind = PydanticCustomError("unknown_key", "{what}", error["ctx"])
        return InitErrorDetails(type=kind, loc=error["loc"], input=error["input"], ctx=error.get("ctx", {}))

    @classmethod
    def known_keys(cls) -> list[str]:
        """Return the keys it knows."""
        return [field.alias or name for name, field in cls.model_fields.items()]

    @classmethod
    def _unknown(cls, key: str) -> str:
        known = cls.known_keys()
        return f"unknown key {typed.shown(key)}{did_you_mean(key, known) or f'; known here: {listed(known)}'}"


@dataclass(frozen=True, slots=True)
class As:
    """How a value is typed: as the mapping of a model, whose fields are those of the value, by name."""

    model: type[Strict]

    def __get_pydantic_core_schema__(self, value: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Return the schema of the model, with its value made in the end."""
        return core_schema.no_info_after_validator_function(
            lambda model: value(**model.values()), handler(self.model)
        )
