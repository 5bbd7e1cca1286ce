"""A feed's login in, the header that proves it out."""

from base64 import b64encode
from pathlib import Path

from watcher.errors import FetchError
from watcher.model.news import Login


def authorization(login: Login) -> str:
    """Return the Authorization line; the password is read from its file each time, so that a changed one counts at once.

    Raises:
        FetchError: the file cannot be read. What it holds is never in an error.
    """
    try:
        password = Path(login.password_file).read_text(encoding="utf-8").removesuffix("\n").removesuffix("\r")
    except OSError as error:
        raise FetchError(
            "login", f"the password file {login.password_file} cannot be read: {error.strerror}"
        ) from error
    except ValueError as error:
        raise FetchError("login", f"the password file {login.password_file} is not UTF-8 text") from error
    return "Authorization: Basic " + b64encode(f"{login.user}:{password}".encode()).decode()
