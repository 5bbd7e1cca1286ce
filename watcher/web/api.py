"""Routes with what programs must know of them in, the OpenAPI 3.1 document about them out.

A route of the API is an `Operation`: what it takes and what it answers stand beside its address, in the one
table of `watcher.web.app`. Routes without are pages for people, and not in the document.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from watcher import __version__

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TIME: Schema = {"type": "string", "format": "date-time"}
COUNT: Schema = {"type": "integer", "minimum": 0}

_ALWAYS = (401, 421, 503)
"""What any request may be answered: nobody known, a name of a host that is not ours, no database."""

_PARAMETER = re.compile(r"\{(\w+)\}")


def object_of(**properties: Schema) -> Schema:
    """Return the schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def choice_of(words: Iterable[str]) -> Schema:
    """Return the schema of a text that is one of some words."""
    return {"type": "string", "enum": [*words]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """What an address takes and answers.

    `answers` has the schema of an answer by its media type; None is a text. `path`, `query` and `form` have
    the schemas of what is given, by name. `refusals` are the statuses of answers that are none.
    """

    answers: Mapping[str, Schema | None]
    path: Mapping[str, Schema] = field(default_factory=dict)
    query: Mapping[str, Schema] = field(default_factory=dict)
    form: Mapping[str, Schema] = field(default_factory=dict)
    refusals: Sequence[int] = ()


class Operation(Route):
    """A route of the API: one method of an address."""

    def __init__(
        self, address: str, endpoint: Callable[[Request], Any], interface: Interface, *, method: str = "GET"
    ) -> None:
        super().__init__(address, endpoint, methods=[method])
        self.method, self.interface = method.lower(), interface

    def described(self) -> Mapping[str, Any]:
        """Return the operation as OpenAPI has it, summed up by the first line of its endpoint's docstring."""
        takes = self.interface
        names = {name: takes.path.get(name, TEXT) for name in _PARAMETER.findall(self.path)}
        parameters = [
            {"name": name, "in": place, "required": place == "path", "schema": schema}
            for place, schemas in (("path", names), ("query", takes.query))
            for name, schema in schemas.items()
        ]
        content = {
            media.partition(";")[0]: {"schema": schema or TEXT} for media, schema in takes.answers.items()
        }
        refusals = sorted({*takes.refusals, *_ALWAYS})
        found: dict[str, Any] = {
            "summary": (self.endpoint.__doc__ or "").partition("\n")[0],
            "parameters": parameters,
            "responses": {"200": {"description": "Done", "content": content}}
            | {str(status): {"description": HTTPStatus(status).phrase} for status in refusals},
        }
        if takes.form:
            schema = {"type": "object", "properties": takes.form}
            found["requestBody"] = {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}
        return found


def document_route(routes: Iterable[BaseRoute]) -> Operation:
    """Return the route of the document about some routes, itself among them."""

    def answer(request: Request) -> Response:
        """Return this document."""
        return JSONResponse(_document([*described, route], request.scope["root_path"]))

    described = [each for each in routes if isinstance(each, Operation)]
    route = Operation("/openapi.json", answer, Interface(answers={"application/json": {"type": "object"}}))
    return route


def _document(operations: Sequence[Operation], prefix: str) -> Mapping[str, Any]:
    paths: dict[str, dict[str, Any]] = {}
    for each in operations:
        paths.setdefault(each.path, {})[each.method] = each.described()
    return {
        "openapi": "3.1.0",
        "info": {"title": "provocation-watcher", "version": __version__},
        "servers": [{"url": prefix or "/"}],
        "security": [{}, {"token": []}, {"password": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "`watcher users token NAME`"},
                "password": {"type": "http", "scheme": "basic", "description": "`password_file` of [web]"},
            }
        },
    }
