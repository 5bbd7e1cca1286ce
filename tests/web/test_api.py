"""The API is what `/openapi.json` says: read, written, and tried with whatever it allows."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest

from tests.builders import NOON
from tests.web.test_access import guarded, secret  # noqa: F401  fixtures
from tests.web.test_answering import journal, post, settings  # noqa: F401  a fixture
from tests.web.test_pages import get, serving
from watcher.model.settings import Settings
from watcher.web.api import Operation
from watcher.web.app import app_of
from watcher.web.users import PageUser, Person, Rights, token_secret, write_users

PROGRAM = {"Authorization": "Bearer a token", "Origin": "", "Cookie": ""}
JSON = {"Accept": "application/json"}
READ = {
    "/incidents.{form}": [f"/incidents.{form}" for form in ("json", "csv", "atom")],
    "/incidents/{id}.json": ["/incidents/i1.json"],
    "/alerts.{form}": [f"/alerts.{form}" for form in ("json", "csv", "jsonl", "atom", "ics", "cap", "stix")],
    "/calendar.ics": ["/calendar.ics"],
    "/healthz": ["/healthz"],
    "/readyz": ["/readyz"],
    "/metrics": ["/metrics"],
    "/openapi.json": ["/openapi.json"],
}
"""Addresses of every operation that reads."""


def test_every_operation_that_reads_answers_as_the_document_says(settings: Settings) -> None:  # noqa: F811
    with serving(settings) as port:
        document = json.loads(get(port, "/openapi.json")[1])
        assert {path for path, methods in document["paths"].items() if "get" in methods} == set(READ)
        for path, addresses in READ.items():
            responses = document["paths"][path]["get"]["responses"]
            for address in addresses:
                status, body, headers = get(port, address)
                media = headers["content-type"].partition(";")[0]
                assert str(status) in responses, address
                if status == 200:
                    schema = responses["200"]["content"][media]["schema"]
                    found = json.loads(body) if media.endswith(("/json", "+json")) else body
                    jsonschema.validate(found, schema)


def test_a_format_that_the_document_names_is_all_there_are(settings: Settings) -> None:  # noqa: F811
    with serving(settings) as port:
        document = json.loads(get(port, "/openapi.json")[1])
        (form,) = (
            each["schema"]["enum"]
            for each in document["paths"]["/alerts.{form}"]["get"]["parameters"]
            if each["name"] == "form"
        )

        assert [f"/alerts.{each}" for each in form] == READ["/alerts.{form}"]
        assert get(port, "/alerts.xls")[0] == 404


def test_alerts_are_read_part_by_part(settings: Settings) -> None:  # noqa: F811
    with serving(settings) as port:
        first = json.loads(get(port, "/alerts.json?after=start")[1])
        next_page = urlsplit(first["next"])
        _, body, headers = get(port, f"{next_page.path}?{next_page.query}")
        lines = get(port, "/alerts.jsonl?after=1-0")[1].splitlines()
        wrong = get(port, "/alerts.json?after=yesterday")

    assert [each["id"] for each in first["alerts"]] == ["a1", "a2", "a3"]
    assert (json.loads(body)["alerts"], json.loads(body)["next"]) == ([], first["next"])
    assert headers["link"] == f'<{first["next"]}>; rel="next"'
    assert [json.loads(line)["id"] for line in lines] == ["a2", "a3"]
    assert (wrong[0], "no such cursor" in wrong[1]) == (400, True)


def test_a_program_is_told_in_json_what_it_has_done(guarded: Settings) -> None:  # noqa: F811
    with serving(guarded) as port:
        done, wrong = (
            post(port, "/act", ("do", "useful"), ("id", name), **PROGRAM, **JSON)
            for name in ("i1", "nothing")
        )
        refused = post(port, "/level", ("subject", "problem"), ("level", "watch"), **PROGRAM, **JSON)

        polled = post(port, "/feeds/wire-en/poll", **PROGRAM, **JSON)

    assert (polled[0], json.loads(polled[2])["problem"]) == (200, "")
    assert (done[0], json.loads(done[2])["said"]) == (200, "Judged useful: 1 incident, by robot.")
    assert (wrong[0], json.loads(wrong[2])["said"]) == (422, "")
    assert "Not done for 1 of 1" in json.loads(wrong[2])["problem"]
    assert refused[0] == 403
    assert [each.value for each in journal(guarded)] == ["useful"]


def test_the_document_names_the_addresses_of_the_table_alone(settings: Settings) -> None:  # noqa: F811
    app = app_of(settings, lambda: NOON, apart=False).app.app  # type: ignore[attr-defined]
    operations = {(each.path, each.method) for each in app.routes if isinstance(each, Operation)}
    with serving(settings) as port:
        document = json.loads(get(port, "/openapi.json")[1])

    assert {(path, name) for path, methods in document["paths"].items() for name in methods} == operations


@pytest.mark.slow
def test_whatever_is_asked_the_server_has_an_answer_that_the_document_knows(
    settings: Settings,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Schemathesis makes requests, valid and not, also such that write.

    The probes are left out: without a service they answer 503, as they must.
    """
    robot = PageUser(person=Person(name="robot", rights=Rights.ADMIN), secret=token_secret("a token"))
    write_users(tmp_path / "users", (robot,))
    web = replace(settings.web, users_file=str(tmp_path / "users"))
    checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
    with serving(replace(settings, web=web)) as port:
        ran = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"), "run", f"http://127.0.0.1:{port}/openapi.json",
                "-H", "Authorization: Bearer a token", "-H", "Accept: application/json",
                "--checks", checks, "--exclude-path-regex", "^/(health|ready)z$",
                "--max-redirects", "0", "--max-examples", "50", "--seed", "1", "--no-color",
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert ran.returncode == 0, ran.stdout
    assert journal(settings)
