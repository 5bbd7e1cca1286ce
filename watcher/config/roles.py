"""The shipped words for who acts and how a title reports it (`roles.yaml` beside this module) as values."""

from functools import cache
from importlib.resources import files

from watcher.config.check import check
from watcher.config.models.indicators import RolesModel
from watcher.config.source import decode
from watcher.config.tree import parse
from watcher.model.language import RoleWords

_FILE = "roles.yaml"


@cache
def load_roles() -> tuple[RoleWords, ...]:
    """Return the shipped words with their roles."""
    return read_roles(files("watcher.config").joinpath(_FILE).read_bytes(), _FILE)


def read_roles(raw: bytes, name: str) -> tuple[RoleWords, ...]:
    """Read a file of roles.

    Raises:
        ConfigError: something in it is wrong.
    """
    model = check(parse(decode(raw, name), name), RolesModel)
    return tuple(RoleWords(role=each.is_, terms=each.terms, language=each.language) for each in model.roles)
