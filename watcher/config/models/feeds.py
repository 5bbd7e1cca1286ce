"""feeds.yaml as models."""

from datetime import timedelta
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from watcher.config.models.leaves import (
    Address,
    GradeWord,
    HeaderName,
    HeaderText,
    Id,
    Interval,
    Language,
    PrivateNetwork,
    Proxy,
    SomeText,
    Text,
    Truth,
    User,
    Version,
)
from watcher.config.models.strict import As, Strict
from watcher.model.news import Grade, Login


class FeedDefaultsModel(Strict):
    """What a feed has when it does not say otherwise."""

    every: Interval = timedelta(minutes=15)
    at_most: Interval | None = None
    grade: GradeWord = Grade.C
    seed: Truth = True
    language: Language = ""


class LoginModel(Strict):
    """A login by user and password (HTTP Basic); the password is in a file of its own."""

    user: User
    password_file: SomeText


class FeedModel(Strict):
    """A source we poll."""

    id: Id
    url: Address
    owner: SomeText = ""
    grade: GradeWord | None = None
    language: Language | None = None
    every: Interval | None = None
    at_most: Interval | None = None
    seed: Truth | None = None
    title: Text = ""
    headers: dict[HeaderName, HeaderText] = {}
    user_agent: HeaderText = ""
    login: Annotated[Login, As(LoginModel)] | None = Field(default=None, alias="basic_auth")
    proxy: Proxy = ""
    ca: SomeText = ""
    legacy_tls: Truth = False
    allow_private: tuple[PrivateNetwork, ...] = ()
    note: Text = ""

    @model_validator(mode="after")
    def _goes_one_way(self) -> Self:
        if self.legacy_tls and self.proxy:
            raise ValueError("`legacy_tls` does not work through a `proxy`; leave one of the two out")
        if self.login and (
            "@" in urlsplit(self.url).netloc or "authorization" in map(str.lower, self.headers)
        ):
            raise ValueError("two logins; leave `basic_auth` or the one in `url` or `headers` out")
        return self


class FeedsModel(Strict):
    """feeds.yaml: where to look."""

    version: Version = 1
    defaults: FeedDefaultsModel = FeedDefaultsModel()
    feeds: Annotated[tuple[FeedModel, ...], Field(min_length=1)]
