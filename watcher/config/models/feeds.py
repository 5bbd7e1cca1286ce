"""feeds.yaml as models."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from watcher.config.models import leaves
from watcher.config.models.strict import As, Strict
from watcher.model.news import FeedKind, Grade, Login


class FeedDefaultsModel(Strict):
    """What a feed has when it does not say otherwise."""

    every: leaves.Interval = timedelta(minutes=15)
    at_most: leaves.Interval | None = None
    grade: leaves.GradeWord = Grade.C
    seed: leaves.Truth = True
    language: leaves.Language = ""


class LoginModel(Strict):
    """A login by user and password (HTTP Basic); the password is in a file of its own."""

    user: leaves.User
    password_file: leaves.SomeText


class FeedModel(Strict):
    """A source we poll."""

    id: leaves.Id
    url: leaves.Address
    owner: leaves.SomeText = ""
    grade: leaves.GradeWord | None = None
    language: leaves.Language | None = None
    every: leaves.Interval | None = None
    at_most: leaves.Interval | None = None
    seed: leaves.Truth | None = None
    title: leaves.Text = ""
    tags: leaves.SomeTexts = ()
    evidence: leaves.Text = ""
    kind: leaves.FeedKindWord = FeedKind.AUTO
    time_zone: leaves.Zone | None = None
    headers: dict[leaves.HeaderName, leaves.HeaderText] = {}
    user_agent: leaves.HeaderText = ""
    login: Annotated[Login, As(LoginModel)] | None = Field(default=None, alias="basic_auth")
    proxy: leaves.Proxy = ""
    ca: leaves.SomeText = ""
    legacy_tls: leaves.Truth = False
    allow_private: tuple[leaves.PrivateNetwork, ...] = ()
    note: leaves.Text = ""

    def _wrong(self) -> Iterator[str]:
        if self.legacy_tls and self.proxy:
            yield "`legacy_tls` does not work through a `proxy`; leave one of the two out"
        if self.login and (
            "@" in urlsplit(self.url).netloc or "authorization" in map(str.lower, self.headers)
        ):
            yield "two logins; leave `basic_auth` or the one in `url` or `headers` out"


class FeedsModel(Strict):
    """feeds.yaml: where to look."""

    version: leaves.Version = 1
    defaults: FeedDefaultsModel = FeedDefaultsModel()
    feeds: Annotated[tuple[FeedModel, ...], Field(min_length=1)]
