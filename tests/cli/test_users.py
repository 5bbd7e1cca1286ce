"""Users of the page and tokens of programs, kept in a file of their own."""

import io
import sys
from pathlib import Path

import pytest

from tests.workspace import Workspace
from watcher.web.users import Users


@pytest.fixture
def desk(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Return a workspace that names a file of users, and in which a password comes on standard input."""
    workspace.write("watcher.toml", '[web]\nusers_file = "users"\n')
    # what a pipe gives to a command
    monkeypatch.setattr(sys, "stdin", io.StringIO("a long password\n"))
    return workspace


def test_a_user_is_added_listed_and_removed(desk: Workspace) -> None:
    config = ("--config", desk.folder / "watcher.toml")
    added = desk.call("users", "add", "Kim Lee", "--role", "admin", *config)
    listed = desk.call("users", "list", "--json", *config).json
    person = Users(Path(desk.folder) / "users").by_password("Kim Lee", "a long password")
    removed = desk.call("users", "remove", "Kim Lee", *config)
    gone = desk.call("users", "remove", "Kim Lee", *config)

    assert (added.code, removed.code, gone.code) == (0, 0, 2)
    assert listed == [{"name": "Kim Lee", "role": "admin", "program": False}]
    assert person is not None
    assert desk.call("users", "list", "--json", *config).json == []


def test_a_token_is_printed_once_and_not_kept(desk: Workspace) -> None:
    config = ("--config", desk.folder / "watcher.toml")
    token = desk.call("users", "token", "cms", *config).out.strip()
    file = Path(desk.folder) / "users"
    program = Users(file).by_token(token)

    assert token not in file.read_text()
    assert program is not None
    assert (program.name, program.reviews) == ("cms", False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "Kim", "--role", "boss"), "no such role"),
        (("add", "a:b"), "a name has 1 to 60 characters"),
        (("remove", "Kim"), "cannot be read"),
    ],
)
def test_what_makes_no_sense_is_told(desk: Workspace, words: tuple[str, ...], said: str) -> None:
    ran = desk.call("users", *words, "--config", desk.folder / "watcher.toml")

    assert ran.code == 2
    assert said in ran.err


def test_without_a_file_of_users_it_says_how_to_name_one(workspace: Workspace) -> None:
    ran = workspace.call("users", "list")

    assert ran.code == 2
    assert 'users_file = "users"' in ran.err
