"""What must hold of a text, as it is written under `match`: terms, lists and groups of them, one in the other."""

from typing import Annotated, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator
from typing_extensions import TypeAliasType

from watcher.config.models.leaves import Count, Pattern, Query, Term, Truth
from watcher.config.models.strict import Strict
from watcher.config.suggest import listed


def _kind_of_part(value: object) -> str:
    if isinstance(value, list):
        return "<list>"
    return "<group>" if isinstance(value, dict | GroupModel) else "<term>"


_SOME = Field(min_length=1)
Part = TypeAliasType(
    "Part",  # quoted as a whole, because mypy resolves a recursive alias only so
    "Annotated[Annotated[Term, Tag('<term>')] | Annotated[tuple[Part, ...], _SOME, Tag('<list>')] | Annotated[GroupModel, Tag('<group>')],"
    " Discriminator(_kind_of_part)]",
)
Parts = Annotated[tuple[Part, ...], _SOME]


class NearModel(Strict):
    """Something of `any` and something of `with`, at most `words` apart."""

    words: Count
    any_of: Parts = Field(alias="any")
    with_: Parts = Field(alias="with")
    ordered: Truth = False


class GroupModel(Strict):
    """What must hold; every key that is written must."""

    all_of: Parts = Field(default=(), alias="all")
    any_of: Parts = Field(default=(), alias="any")
    none: Parts = ()
    at_least: Count | None = None
    of: Parts = ()
    near: NearModel | None = None
    sentence: Parts = ()
    title: Parts = ()
    regex: Pattern | None = None
    query: Query | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(
                f"an empty group; write {listed(field.alias or name for name, field in type(self).model_fields.items())}"
            )
        if (self.at_least is None) != (not self.of):
            raise ValueError("`at_least` and `of` go together, as in {at_least: 2, of: [a, b, c]}")
        if self.at_least and self.at_least > len(self.of):
            raise ValueError(f"`at_least: {self.at_least}` of {len(self.of)} parts can never be")
        return self


def _says_something(part: Part) -> Part:
    if _may_be_absent(part):
        raise ValueError(
            "nothing here has to be in a text: `none` alone matches nearly everything; add what must be there"
        )
    return part


def _may_be_absent(part: Part) -> bool:
    if isinstance(part, tuple):
        return any(map(_may_be_absent, part))
    if not isinstance(part, GroupModel) or part.regex or part.near or part.query:
        return False
    needed = [*part.all_of, *part.sentence, *part.title]
    free = sum(map(_may_be_absent, part.of))
    return (
        all(map(_may_be_absent, needed))
        and (not part.any_of or _may_be_absent(part.any_of))
        and (part.at_least is None or free >= part.at_least)
    )


Required = Annotated[Part, AfterValidator(_says_something)]
"""What has to be in a text, so that not nearly everything matches."""
