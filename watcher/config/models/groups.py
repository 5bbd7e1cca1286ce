"""What is written under `match` as models: terms, lists of them, and groups, nested."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, Discriminator, Field, Tag
from typing_extensions import TypeAliasType

from watcher.config.models.leaves import Count, Query, RegexText, TermOrName, Truth
from watcher.config.models.strict import As, Strict
from watcher.model.language import AllOf, AnyOf, AtLeast, Group, Near, NoneOf, Regex, Sentence, Title
from watcher.text.suggest import listed


def _kind_of_part(value: object) -> str:
    if isinstance(value, list):
        return "<list>"
    return "<group>" if isinstance(value, dict) else "<term>"


_SOME = Field(min_length=1)
if TYPE_CHECKING:
    Part = Group
else:
    Part = TypeAliasType(
        "Part",
        "Annotated[Annotated[TermOrName, Tag('<term>')]"
        " | Annotated[tuple[Part, ...], _SOME, AfterValidator(AnyOf), Tag('<list>')]"
        " | Annotated[GroupModel, AfterValidator(GroupModel.group), Tag('<group>')],"
        " Discriminator(_kind_of_part)]",
    )
Parts = Annotated[tuple[Part, ...], _SOME]


class NearModel(Strict):
    """Something of `any` and something of `with`, at most `words` apart."""

    words: Count
    left: Parts = Field(alias="any")
    right: Parts = Field(alias="with")
    ordered: Truth = False


class GroupModel(Strict):
    """What must hold; every key that is written must."""

    all_of: Parts = Field(default=(), alias="all")
    any_of: Parts = Field(default=(), alias="any")
    none: Parts = ()
    at_least: Count | None = None
    of: Parts = ()
    near: Annotated[Near, As(NearModel)] | None = None
    sentence: Parts = ()
    title: Parts = ()
    regex: RegexText | None = None
    query: Query | None = None

    def _wrong(self) -> Iterator[str]:
        if not self.model_fields_set:
            yield f"an empty group; write {listed(self.known_keys())}"
        if (self.at_least is None) != (not self.of):
            yield "`at_least` and `of` go together, as in {at_least: 2, of: [a, b, c]}"
        if self.at_least and self.at_least > len(self.of):
            yield f"`at_least: {self.at_least}` of {len(self.of)} parts can never be"

    def group(self) -> Group:
        """Return what all its keys together ask for."""
        asked: list[Any] = [
            self.all_of and AllOf(self.all_of),
            self.any_of and AnyOf(self.any_of),
            self.at_least and AtLeast(self.at_least, self.of),
            self.near,
            self.sentence and Sentence(self.sentence),
            self.title and Title(self.title),
            self.regex and Regex(self.regex),
            self.query,
            self.none and NoneOf(self.none),
        ]
        held = tuple(group for group in asked if group)
        return held[0] if len(held) == 1 else AllOf(held)


def _says_something(group: Group) -> Group:
    if _may_be_absent(group):
        raise ValueError(
            "no word here is required: `none` alone matches nearly everything; add what must be there"
        )
    return group


def _may_be_absent(group: Group) -> bool:
    match group:
        case NoneOf():
            return True
        case AllOf(parts) | Sentence(parts) | Title(parts):
            return all(map(_may_be_absent, parts))
        case AnyOf(parts):
            return any(map(_may_be_absent, parts))
        case AtLeast(count, parts):
            return sum(map(_may_be_absent, parts)) >= count
    return False


Required = Annotated[Part, AfterValidator(_says_something)]
"""What has to be in a text, so that not nearly everything matches."""
