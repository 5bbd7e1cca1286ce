"""Forms in, entries of the journal out: what reviewers do on the page, as on the command line.

A form changes something only if a page of ours sent it, and its sender may review. Each entry is a short
transaction of its own beside the running service.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from watcher.board.view import subject_called
from watcher.config.durations import duration
from watcher.errors import UsageError
from watcher.model.alerts import Level
from watcher.model.review import Verdict
from watcher.pipeline.reviewing import Reviewer
from watcher.text.numbers import counted
from watcher.web.access import NAME
from watcher.web.api import TEXT, Interface, Schema, choice_of, object_of
from watcher.web.desk import Desk, back, keep
from watcher.web.lists import InUse
from watcher.web.reading import by_id
from watcher.web.users import Person, is_name

_MOST_BODY, _MOST_FIELDS = 256 << 10, 1000
_MOST_TARGETS = 200
_TOO_LARGE = HTTPException(
    413, f"this form is too large: it may have {_MOST_BODY >> 10} KiB and {_MOST_FIELDS} fields\n"
)
_VERDICTS = frozenset(each.value for each in Verdict)


@dataclass(frozen=True, slots=True)
class Form:
    """What a form holds: names and their values, of which the last one counts unless all do."""

    pairs: tuple[tuple[str, str], ...]

    def raw(self, name: str) -> str:
        """Return a value as it was typed, an empty string for none."""
        return dict(self.pairs).get(name, "")

    def get(self, name: str) -> str:
        """Return a value, an empty string for none."""
        return self.raw(name).strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Return each value once, in order."""
        return tuple(dict.fromkeys(value for each, value in self.pairs if each == name))

    def text(self, name: str) -> str:
        """Return a value of several lines, with the line ends of a file."""
        return self.raw(name).replace("\r\n", "\n")


@dataclass(frozen=True, slots=True)
class Forms:
    """Takes what reviewers do."""

    desk: Desk

    async def act(self, request: Request) -> Response:
        """Do one thing about some incidents: acknowledge, judge, mute, unmute, note, merge or split."""
        return await by_reviewer(self.desk, request, self._act)

    async def level(self, request: Request) -> Response:
        """Set a level of the board by hand, or let it follow the pressure again."""
        return await by_reviewer(self.desk, request, self._level)

    async def name(self, request: Request) -> Response:
        """Remember under which name somebody reviews."""
        return await by_reviewer(self.desk, request, self._name)

    def _act(self, request: Request, form: Form, person: Person) -> Response:
        listed, doing = self.desk.lists.now(), form.get("do")
        ids = form.all("id")
        if not ids:
            return told(request, form.get("back"), problem="Nothing was chosen: mark an incident first.")
        if len(ids) > _MOST_TARGETS:
            words = f"Nothing is done: a form answers at most {_MOST_TARGETS} incidents."
            return told(request, form.get("back"), problem=words)
        done, wrong = 0, ""
        with self.desk.journal() as store:
            reviewer = Reviewer(store, person.name, self.desk.clock())
            for each in ids:
                try:
                    _do(reviewer, doing, each, form, listed)
                    done += 1
                except UsageError as error:
                    wrong = str(error)
        said = f"{_DONE.get(doing, doing)}: {counted(done, 'incident')}, by {person.name}." if done else ""
        problem = f"Not done for {len(ids) - done} of {len(ids)}: {wrong}" if wrong else ""
        return told(request, form.get("back"), said, problem)

    def _level(self, request: Request, form: Form, person: Person) -> Response:
        now = self.desk.clock()
        if not person.sets_levels:
            return PlainTextResponse(f"{person.name} may not set levels; an admin may\n", status_code=403)
        name, level = form.get("subject"), form.get("level")
        try:
            with self.desk.journal() as store:
                reviewer = Reviewer(store, person.name, now)
                if level == "clear":
                    said = f"{reviewer.clear_level(name)} follows the pressure again."
                else:
                    subject = subject_called(name, by_id(self.desk.lists.now()))
                    until = now + _span(form.get("span")) if form.get("span") else None
                    reviewer.set_level(subject, _level_of(level), form.get("why"), until)
                    said = f"{subject.word} is set to {level} by {person.name}."
        except UsageError as error:
            return told(request, form.get("back"), problem=f"Not done: {error}")
        return told(request, form.get("back"), said)

    def _name(self, request: Request, form: Form, _person: Person) -> Response:
        name = form.get("name")
        if self.desk.access.knows_people:
            return PlainTextResponse("the name is that of the login\n", status_code=403)
        if not is_name(name):
            return back(
                request, form.get("back"), "A name has 1 to 60 characters, without commas and semicolons."
            )
        answer = back(request, form.get("back"), f"You review as {name}.")
        keep(request, answer, NAME, quote(name))
        return answer


async def by_reviewer(
    desk: Desk, request: Request, answer: Callable[[Request, Form, Person], Response]
) -> Response:
    """Answer a form of somebody who may review, in a thread; whoever may not is told so."""
    form = await form_of(request)

    def answered() -> Response:
        person = _reviewer_of(desk, request, form)
        return person if isinstance(person, Response) else answer(request, form, person)

    return await run_in_threadpool(answered)


def _reviewer_of(desk: Desk, request: Request, form: Form) -> Response | Person:
    """Return who may review, or the answer to who may not."""
    if refused := refusal_of(desk, request, form):
        return refused
    now = desk.clock()
    person = desk.access.person(request)
    if person is None or not person.reviews:
        words = f"{person.name if person else 'nobody'} may only look\n"
        return PlainTextResponse(words, status_code=403)
    if not desk.access.writes.take(now, person.name):
        return PlainTextResponse("too many answers: wait ten minutes\n", status_code=429)
    return person


def refusal_of(desk: Desk, request: Request, form: Form) -> Response | None:
    """Return the answer to a form that no page of ours sent; None if one did."""
    if desk.access.is_ours(request, form.get("token")):
        return None
    words = "this form is out of date, or another site sent it: go back, load the page again and retry\n"
    return PlainTextResponse(words, status_code=403)


def told(request: Request, where: str, said: str = "", problem: str = "") -> Response:
    """Say what was done: to a program that asks for JSON, else on a page of ours."""
    if "application/json" in request.headers.get("accept", ""):
        return JSONResponse({"said": said, "problem": problem}, status_code=422 if problem else 200)
    return back(request, where, " ".join(filter(None, (said, problem))))


_DONE = {
    "acknowledge": "Acknowledged",
    "useful": "Judged useful",
    "noise": "Judged noise",
    "missed": "Judged missed",
    "mute": "Muted",
    "unmute": "No longer muted",
    "note": "Noted",
    "merge": "Written down, and merged by the service within 15 seconds",
    "split": "Written down, and split by the service within 15 seconds",
}


SAID_AND_DONE: Mapping[str, Schema] = {"application/json": object_of(said=TEXT, problem=TEXT)}
"""What a program that asks for JSON is answered."""

REFUSALS = (303, 403, 413, 422, 429)
"""A browser is led back to its page; who may not, sends too much, asks for nonsense or asks too often."""

_FORM: Mapping[str, Schema] = {
    "why": TEXT | {"examples": ["an announced drill"]},
    "span": TEXT | {"examples": ["6h"]},
    "back": TEXT,
    "token": TEXT,
}
ACTING = Interface(
    answers=SAID_AND_DONE,
    form={
        "do": choice_of(_DONE),
        "id": {"type": "array", "items": TEXT},
        "target": TEXT,
        "other": TEXT | {"description": "for merge: the incident that is the same event"},
        "report": {"type": "array", "items": TEXT, "description": "for split: items of another event"},
        **_FORM,
    },
    refusals=REFUSALS,
)
LEVELLING = Interface(
    answers=SAID_AND_DONE,
    form={
        "subject": TEXT | {"examples": ["problem"]},
        "level": choice_of([*map(str, Level), "clear"]),
        **_FORM,
    },
    refusals=REFUSALS,
)


def _do(reviewer: Reviewer, doing: str, name: str, form: Form, listed: InUse) -> None:
    note = form.get("why")
    if doing == "acknowledge":
        reviewer.acknowledge(name, note)
    elif doing in _VERDICTS:
        reviewer.judge(name, Verdict(doing), note)
    elif doing == "mute":
        reviewer.mute(name, reviewer.now + _span(form.get("span") or "6h"), note, by_id(listed))
    elif doing == "unmute":
        reviewer.unmute(form.get("target") or name)
    elif doing == "note":
        reviewer.note(name, note)
    elif doing == "merge":
        reviewer.merge(name, form.get("other"), note)
    elif doing == "split":
        reviewer.split(name, form.all("report"), note)
    else:
        raise UsageError(f"nothing is called {doing!r}")


def _span(typed: str) -> timedelta:
    try:
        return duration(typed)
    except (ValueError, OverflowError) as error:
        raise UsageError(str(error)) from error


def _level_of(word: str) -> Level:
    try:
        return Level(word)
    except ValueError as error:
        raise UsageError(f"no such level: {word!r}") from error


async def form_of(request: Request) -> Form:
    """Return the form that a request brings.

    Raises:
        HTTPException: it is too large.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BODY:
            raise _TOO_LARGE
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise _TOO_LARGE from error
    return Form(tuple(pairs))
