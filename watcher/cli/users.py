"""Who may use the page: users with roles, and tokens for programs."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from watcher.cli.common import Json, group, takes_settings
from watcher.cli.show import as_json, table
from watcher.errors import UsageError

if TYPE_CHECKING:
    from watcher.model.settings import Settings
    from watcher.web.users import PageUser

users = group("users", "Who may use the page: users with roles, and tokens for programs.")

Name = Annotated[str, typer.Argument(help="The name, which goes into the journal.")]
RoleOption = Annotated[str, typer.Option("--role", help="viewer, analyst or admin.")]


@users.command("list")
@takes_settings("data", "config")
def list_users(settings: "Settings", json: Json = False) -> None:
    """List the users of the page."""
    found = _read(settings)
    rows = [
        {"name": each.person.name, "role": each.person.rights.word, "program": each.is_program}
        for each in found
    ]
    if json:
        as_json(rows)
    else:
        table(
            ("name", "role", "by"),
            ((row["name"], row["role"], "token" if row["program"] else "password") for row in rows),
        )


@users.command("add")
@takes_settings("data", "config")
def add_user(settings: "Settings", name: Name, role: RoleOption = "analyst") -> None:
    """Add a user, or change one; asks for a password, or reads it from standard input."""
    from watcher.web.users import password_secret

    _put(settings, name, role, password_secret(_password()))
    typer.echo(f"{name} may log in as {role}")


@users.command("token")
@takes_settings("data", "config")
def add_token(settings: "Settings", name: Name, role: RoleOption = "viewer") -> None:
    """Make a token for a program, and print it once; it is sent as `Authorization: Bearer TOKEN`."""
    import secrets

    from watcher.web.users import token_secret

    token = secrets.token_urlsafe(32)
    _put(settings, name, role, token_secret(token))
    typer.echo(token)


@users.command("remove")
@takes_settings("data", "config")
def remove_user(settings: "Settings", name: Name) -> None:
    """Remove a user or a token; whoever is logged in with it is logged out at once."""
    from watcher.web.users import write_users

    found = _read(settings)
    kept = tuple(each for each in found if each.person.name != name)
    if len(kept) == len(found):
        raise UsageError(f"there is no user {name!r}; `watcher users list` shows them")
    write_users(_file(settings), kept)
    typer.echo(f"{name} is removed")


def _put(settings: "Settings", name: str, role: str, secret: str) -> None:
    from watcher.web.users import PageUser, Person, Rights, is_name, write_users

    if role.upper() not in Rights.__members__:
        raise UsageError(f"no such role: {role!r}; use viewer, analyst or admin")
    if not is_name(name):
        raise UsageError("a name has 1 to 60 characters, and none of : ; , \" ' \\ < >")
    file = _file(settings)
    others = tuple(each for each in (_read(settings) if file.exists() else ()) if each.person.name != name)
    write_users(
        file, (*others, PageUser(person=Person(name=name, rights=Rights[role.upper()]), secret=secret))
    )


def _read(settings: "Settings") -> "tuple[PageUser, ...]":
    from watcher.web.users import Users

    return Users(_file(settings)).all()


def _file(settings: "Settings") -> Path:
    if not settings.web.users_file:
        raise UsageError('name the file of users in watcher.toml: `users_file = "users"` in [web]')
    return Path(settings.web.users_file)


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
