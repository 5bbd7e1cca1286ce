"""A request in, a page out: the store, the lists and the time behind every page, and the frame around it.

Every word of a feed goes through the template engine's escaping, and is cleaned of what hides or reorders.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from urllib.parse import quote, unquote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from watcher import bootstrap
from watcher.delivery.render import one_line, safe_link
from watcher.model.settings import Settings
from watcher.ports import Clock, Database
from watcher.service.health import Health, health_on
from watcher.text.durations import in_words
from watcher.text.words import without_parts
from watcher.web.access import SESSION, Access
from watcher.web.lists import InUse, Lists
from watcher.web.stores import Stores
from watcher.web.users import Person, Rights
from watcher.web.views.marking import marked

SAID = "watcher-said"
"""The cookie that carries what a form did to the next page."""

_LONGEST = 2000
_NOBODY = Person(name="", rights=Rights.VIEWER)
_YEAR = 365 * 86_400


@dataclass(frozen=True, slots=True)
class Desk:
    """What pages stand on."""

    settings: Settings
    clock: Clock
    lists: Lists
    access: Access
    stores: Stores

    def store(self) -> AbstractContextManager[Database]:
        """Borrow the database for reading."""
        return self.stores.lent()

    @contextmanager
    def journal(self) -> Iterator[Database]:
        """Open the database for what reviewers do."""
        with closing(bootstrap.open_for_review(self.settings)) as store:
            yield store

    def health(self, store: Database, listed: InUse) -> Health:
        """Return how the service is doing."""
        return health_on(self.settings, store, listed.feeds, self.clock(), listed.mistakes)

    def page(self, request: Request, template: str, status: int = 200, **values: object) -> Response:
        """Return a page, in the frame that all have."""
        session, said = self.access.session(request), unquote(request.cookies.get(SAID, ""))
        words = render(
            template,
            prefix=request.scope["root_path"],
            person=self.access.person(request) or _NOBODY,
            chooses_name=not self.access.knows_people,
            asks=self.access.asks,
            token=self.access.token(session),
            here=here(request),
            said=said,
            now=self.clock(),
            **values,
        )
        answer = Response(words, status_code=status, media_type="text/html; charset=utf-8")
        if request.cookies.get(SESSION) != session:
            keep(request, answer, SESSION, session)
        if said:
            answer.delete_cookie(SAID, path=request.scope["root_path"] or "/")
        return answer


def keep(request: Request, answer: Response, name: str, value: str, seconds: int = _YEAR) -> None:
    """Keep a value in the browser, out of reach of scripts and of other sites."""
    secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
    path = request.scope["root_path"] or "/"
    answer.set_cookie(name, value, max_age=seconds, path=path, secure=secure, httponly=True, samesite="lax")


def back(request: Request, where: str, said: str) -> Response:
    """Return to a page of ours, which says what was done."""
    answer = RedirectResponse(request.scope["root_path"] + local(where), status_code=303)
    keep(request, answer, SAID, quote(one_line(said, 300)), 60)
    return answer


def local(where: str) -> str:
    """Return an address if it is one of ours, below the root of the page, else that of the first page."""
    return (
        where
        if where.startswith("/") and not where.startswith(("//", "/\\")) and where.isprintable()
        else "/"
    )


def here(request: Request) -> str:
    """Return the address of a request, below the root of the page."""
    path = request.scope["path"].removeprefix(request.scope["root_path"])
    query = request.scope["query_string"].decode("latin-1")
    return local(quote(path) + (f"?{query}" if query else ""))


def render(template: str, **values: object) -> str:
    """Return a template with its values."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("watcher.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: Mapping[str, Callable[..., object]] = {
        "moment": _moment,
        "at": datetime.fromisoformat,
        "clean": _clean,
        "link": safe_link,
        "whole": without_parts,
        "marks": _marks,
        "words": lambda name: str(name).replace("_", " "),
        "span": in_words,
    }
    environment.filters |= filters
    return environment


def _moment(at: datetime | None) -> Markup | str:
    """Return a moment as the page shows it; a script puts the reader's own zone before the UTC."""
    if at is None:
        return "never"
    utc = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")  # a tenth of `strftime`
    return Markup(f'<time datetime="{utc}Z">{utc[:10]} {utc[11:16]} UTC</time>')  # noqa: S704  digits only


def _clean(words: object) -> str:
    return _cleaned(str(words))


@lru_cache(maxsize=1024)  # names of feeds and indicators are on every page
def _cleaned(words: str) -> str:
    return one_line(words, _LONGEST)


def _marks(text: str, evidence: tuple[str, ...]) -> Markup:
    """Return a text with the words that decided marked."""
    pieces = marked(_clean(text), evidence)
    return Markup(  # noqa: S704  every piece is escaped
        "".join(f"<mark>{escape(each.text)}</mark>" if each.marked else escape(each.text) for each in pieces)
    )
