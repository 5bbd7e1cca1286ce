"""Who may look, who may answer, and that nobody answers under another's name."""

import http.client
import re
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from tests.fakes import FakeClock
from tests.web.test_answering import journal, post, settings  # noqa: F401  a fixture
from tests.web.test_pages import SESSION, get, serving_at
from watcher import bootstrap
from watcher.errors import UsageError
from watcher.model.settings import Settings, WebSettings
from watcher.web.app import app_of
from watcher.web.users import (
    PageUser,
    Person,
    Rights,
    Users,
    password_secret,
    read_users,
    token_secret,
    write_users,
)

PASSWORD = "open sesame, 열려라"
HTML = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def secret() -> str:
    return password_secret(PASSWORD)


@pytest.fixture
def guarded(settings: Settings, tmp_path: Path, secret: str) -> Settings:  # noqa: F811
    """Return settings with a viewer, an analyst, an admin, and a program."""
    people = {"Vi": Rights.VIEWER, "Kim Lee": Rights.ANALYST, "Ada": Rights.ADMIN}
    users = [
        PageUser(person=Person(name=name, rights=rights), secret=secret) for name, rights in people.items()
    ]
    users.append(PageUser(person=Person(name="robot", rights=Rights.ANALYST), secret=token_secret("a token")))
    write_users(tmp_path / "users", tuple(users))
    return replace(settings, web=WebSettings(listen="0.0.0.0:8750", users_file=str(tmp_path / "users")))


def log_in(port: int, name: str, password: str = PASSWORD, **headers: str) -> tuple[int, str]:
    """Log in; return the status, and the cookies of the browser afterwards."""
    token = re.search(r'name="token" value="([0-9a-f]{64})"', get(port, "/login")[1])
    assert token
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        body = urlencode({"token": token[1], "name": name, "password": password, "to": "/incidents"})
        sent = {"Cookie": SESSION, "Origin": f"http://127.0.0.1:{port}"} | headers
        connection.request("POST", "/login", body, sent)
        answer = connection.getresponse()
        answer.read()
        kept = re.search(r"watcher-login=[^;]+", str(answer.headers))
    return answer.status, f"{SESSION}; {kept[0]}" if kept else SESSION


def test_nobody_sees_anything_without_a_login(guarded: Settings) -> None:
    with serving_at(guarded, FakeClock(NOON)) as port:
        paths = (
            "/",
            "/incidents",
            "/incidents/i1",
            "/alerts.json",
            "/metrics",
            "/readyz",
            "/pulse",
            "/why/x",
            "/gone",
        )
        statuses = {get(port, path)[0] for path in paths}
        led = get(port, "/incidents?state=new", **HTML)
        opened = [get(port, path)[0] for path in ("/login", "/static/style.css")]

    assert statuses == {401}
    assert (led[0], led[2]["location"]) == (303, "/login?to=%2Fincidents%3Fstate%3Dnew")
    assert opened == [200, 200]


@pytest.mark.parametrize(
    ("name", "answers", "levels"), [("Vi", 403, 403), ("Kim Lee", 303, 403), ("Ada", 303, 303)]
)
def test_a_role_says_what_somebody_may_do(guarded: Settings, name: str, answers: int, levels: int) -> None:
    with serving_at(guarded, FakeClock(NOON)) as port:
        status, cookie = log_in(port, name)
        token = token_with(port, cookie)
        one = post(port, "/act", ("token", token), ("do", "noise"), ("id", "i1"), Cookie=cookie)
        level = ("subject", "problem"), ("level", "watch"), ("why", "x")
        other = post(port, "/level", ("token", token), *level, Cookie=cookie)
        polled = post(port, "/feeds/wire-en/poll", ("token", token), Cookie=cookie)
        named = post(
            port, "/name", ("token", token), ("name", "Somebody"), Cookie=f"{cookie}; watcher-name=X"
        )

    assert status == 303
    assert (one[0], other[0], polled[0], named[0]) == (answers, levels, answers, 403)
    assert {each.by for each in journal(guarded)} <= {name}


def token_with(port: int, cookie: str) -> str:
    found = re.search(r'name="token" value="([0-9a-f]{64})"', get(port, "/help", Cookie=cookie)[1])
    assert found
    return found[1]


def test_a_program_brings_a_token_and_needs_no_form(guarded: Settings) -> None:
    with serving_at(guarded, FakeClock(NOON)) as port:
        good = post(
            port, "/act", ("do", "noise"), ("id", "i1"), Authorization="Bearer a token", Origin="", Cookie=""
        )
        bad = post(
            port, "/act", ("do", "noise"), ("id", "i1"), Authorization="Bearer another", Origin="", Cookie=""
        )
        read = get(port, "/incidents.json", Authorization="Bearer a token")[0]

    assert (good[0], bad[0], read) == (303, 401, 200)
    assert [each.by for each in journal(guarded)] == ["robot"]


def test_a_wrong_password_five_times_and_nobody_may_try_for_ten_minutes(guarded: Settings) -> None:
    clock = FakeClock(NOON)
    with serving_at(guarded, clock) as port:
        wrong = [log_in(port, "Ada", "wrong")[0] for _ in range(5)]
        then = log_in(port, "Ada")[0]
        clock.passes(0.2)
        later = log_in(port, "Ada")[0]

    assert wrong == [401] * 5
    assert (then, later) == (429, 303)


def test_wrong_passwords_of_one_keep_nobody_else_behind_the_same_proxy_out(guarded: Settings) -> None:
    with serving_at(guarded, FakeClock(NOON)) as port:
        bare = [log_in(port, f"Guess {number}", "wrong")[0] for number in range(6)]
        wrong = [
            log_in(port, f"Guess {number}", "wrong", **{"X-Forwarded-For": "6.6.6.6, 192.0.2.1"})[0]
            for number in range(6)
        ]
        other = log_in(port, "Ada", **{"X-Forwarded-For": "192.0.2.1, 192.0.2.2"})[0]

    assert bare == [401] * 6
    assert wrong == [*[401] * 5, 429]
    assert other == 303


def test_passwords_that_are_tried_at_the_same_time_are_counted_too(guarded: Settings) -> None:
    with serving_at(guarded, FakeClock(NOON)) as port, ThreadPoolExecutor(12) as pool:
        statuses = sorted(pool.map(lambda _: log_in(port, "Ada", "wrong")[0], range(12)))

    assert statuses == [*[401] * 5, *[429] * 7]


def test_a_password_that_is_right_is_no_wrong_one(guarded: Settings) -> None:
    with serving_at(guarded, FakeClock(NOON)) as port:
        assert [log_in(port, "Ada")[0] for _ in range(7)] == [303] * 7


def test_a_login_ends_when_its_password_is_changed(guarded: Settings) -> None:
    file = Path(guarded.web.users_file)
    with serving_at(guarded, FakeClock(NOON)) as port:
        _, cookie = log_in(port, "Ada")
        others = tuple(each for each in Users(file).all() if each.person.name != "Ada")
        ada = PageUser(
            person=Person(name="Ada", rights=Rights.ADMIN), secret=password_secret("a new password")
        )
        write_users(file, (*others, ada))
        then = get(port, "/help", Cookie=cookie)[0]

    assert then == 401


def test_a_file_of_users_that_becomes_wrong_lets_nobody_in_and_is_told(
    guarded: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with serving_at(guarded, FakeClock(NOON)) as port:
        _, cookie = log_in(port, "Ada")
        token = re.search(r'name="token" value="([0-9a-f]{64})"', get(port, "/login")[1])
        Path(guarded.web.users_file).write_text("kim:boss:x\n")
        inside = get(port, "/help", Cookie=cookie)
        program = get(port, "/incidents.json", Authorization="Bearer a token")
        assert token
        entering = post(port, "/login", ("token", token[1]), ("name", "Ada"), ("password", PASSWORD))

    assert (inside[0], program[0], entering[0]) == (503, 503, 503)
    assert "users:1:1: expected name:role:secret" in caplog.text
    assert guarded.web.users_file not in inside[1] + program[1] + entering[2]


@pytest.mark.parametrize("name", ["Nobody", "robot", ""])
def test_who_is_no_user_does_not_log_in(guarded: Settings, name: str) -> None:
    with serving_at(guarded, FakeClock(NOON)) as port:
        assert log_in(port, name)[0] == 401


def test_a_login_ends_after_hours_and_when_the_user_is_removed(guarded: Settings) -> None:
    clock, file = FakeClock(NOON), Path(guarded.web.users_file)
    with serving_at(guarded, clock) as port:
        _, cookie = log_in(port, "Ada")
        _, other = log_in(port, "Kim Lee")
        inside = get(port, "/help", Cookie=cookie)[0]
        write_users(file, tuple(each for each in Users(file).all() if each.person.name != "Ada"))
        removed = get(port, "/help", Cookie=cookie)[0]
        clock.passes(13)
        late = get(port, "/help", Cookie=other)[0]

    assert (inside, removed, late) == (200, 401, 401)


@pytest.mark.parametrize("forged", ["Ada~9999999999~", "Ada~9999999999~" + "0" * 64, "Ada", "~~", "Ada~x~y"])
def test_a_login_cannot_be_made_up(guarded: Settings, forged: str) -> None:
    with serving_at(guarded, FakeClock(NOON)) as port:
        assert get(port, "/help", Cookie=f"watcher-login={forged}")[0] == 401


def test_too_many_answers_have_to_wait(guarded: Settings) -> None:
    bearer = {"Authorization": "Bearer a token"}
    with serving_at(guarded, FakeClock(NOON)) as port:
        statuses = [post(port, "/act", ("do", "dance"), ("id", "i1"), **bearer)[0] for _ in range(301)]

    assert statuses[:300] == [303] * 300
    assert statuses[300] == 429


def test_a_proxy_on_this_machine_may_say_who_asks(guarded: Settings) -> None:
    behind = replace(guarded, web=replace(guarded.web, user_header="X-Remote-PageUser"))
    with serving_at(behind, FakeClock(NOON)) as port:
        nobody = get(port, "/help")[0]
        known = get(port, "/help", **{"X-Remote-PageUser": "Ada"})
        stranger = get(port, "/help", **{"X-Remote-PageUser": "Max"})

    assert nobody == 401
    assert "admin" in known[1]
    assert "viewer" in stranger[1]


def test_a_file_of_users_that_is_wrong_is_told_at_the_start(guarded: Settings) -> None:
    Path(guarded.web.users_file).write_text("kim:boss:x\n")

    with pytest.raises(UsageError, match=r"users:1:1: expected name:role:secret"):
        app_of(guarded, lambda: NOON)


def test_the_file_of_users_holds_no_password_and_only_its_owner_reads_it(guarded: Settings) -> None:
    file = Path(guarded.web.users_file)

    assert PASSWORD not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_change_of_the_file_of_users_leaves_it_to_who_reads_it(guarded: Settings) -> None:
    """Root adds a user, and the page runs as another, who reads the file by its group."""
    file = Path(guarded.web.users_file)
    file.chmod(0o640)
    write_users(file, Users(file).all())

    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_header_that_is_there_twice_says_nobody(guarded: Settings) -> None:
    """The proxy has added its own to what a browser sent, instead of replacing it."""
    behind = replace(guarded, web=replace(guarded.web, user_header="X-Remote-User"))
    with (
        serving_at(behind, FakeClock(NOON)) as port,
        closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection,
    ):
        connection.putrequest("GET", "/help")
        connection.putheader("X-Remote-User", "Ada")
        connection.putheader("X-Remote-User", "Vi")
        connection.endheaders()
        status = connection.getresponse().status

    assert status == 401


def test_a_name_with_a_tilde_stays_logged_in(guarded: Settings, secret: str) -> None:
    file = Path(guarded.web.users_file)
    tilde = PageUser(person=Person(name="a~b", rights=Rights.VIEWER), secret=secret)
    write_users(file, (*Users(file).all(), tilde))
    with serving_at(guarded, FakeClock(NOON)) as port:
        _, cookie = log_in(port, "a~b")
        assert get(port, "/help", Cookie=cookie)[0] == 200


@pytest.mark.parametrize(
    "web",
    [
        WebSettings(password_file="web.password", users_file="users"),
        WebSettings(password_file="web.password", user_header="X-Remote-User"),
    ],
)
def test_a_password_that_would_count_for_nothing_is_told_at_the_start(web: WebSettings) -> None:
    both = Settings(web=web)

    with pytest.raises(UsageError, match="`password_file` has no effect"):
        bootstrap.web_password(both)


def test_a_short_password_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 10 characters"):
        password_secret("short")


@given(st.text())
def test_any_text_is_a_file_of_users_or_a_mistake(text: str) -> None:
    with suppress(UsageError):
        for each in read_users(text, "users"):
            assert each.person.name
