"""What is true of settings: flags beat variables beat watcher.toml."""

from collections.abc import Mapping
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from watcher.bootstrap import read_settings
from watcher.config.routes import ROUTE_KEYS
from watcher.errors import ConfigError
from watcher.model.alerts import ChannelId
from watcher.model.settings import ChannelSpec, FetchSettings, ServiceSettings, Settings


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    return tmp_path / "watcher.toml"


def mistakes(
    toml: Path | None, environ: Mapping[str, str] | None = None, flags: Mapping[str, str] | None = None
) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_settings(toml, environ or {}, flags or {})
    return [str(mistake).removeprefix(f"{toml.parent}/" if toml else "") for mistake in caught.value.mistakes]


def test_without_a_file_everything_has_its_default() -> None:
    assert read_settings(None, {}, {}) == Settings()


def test_a_file_sets_everything(toml: Path) -> None:
    toml.write_text(
        """[data]
dir = "state"
indicators = "/etc/watcher/i.yaml"
[fetch]
allow_private = ["127.0.0.1/32", "fd00::/8"]
timeout = "45s"
max_body = "2 MiB"
per_host = 1
in_flight = 4
proxy = "http://proxy:3128"
user_agent = "me/1"
[channels.desk]
type = "webhook"
url = "http://127.0.0.1:9000/hook"
secret_file = "desk.secret"

[channels.mail]
type = "smtp"
url = "smtp://mail.example"
from = "watcher@desk.example"
to = ['"Kim, Desk" <desk@desk.example>', "night@desk.example"]
tls = "none"

[channels.feed]
type = "atom"
path = "www/alerts.atom"
""",
        encoding="utf-8",
    )

    found = read_settings(toml, {}, {})

    assert (found.data, found.indicators, found.feeds) == (
        str(toml.parent / "state"),
        "/etc/watcher/i.yaml",
        "",
    )
    assert found.fetch == FetchSettings(
        allow_private=(ip_network("127.0.0.1/32"), ip_network("fd00::/8")),
        timeout=timedelta(seconds=45),
        max_body=2 << 20,
        per_host=1,
        in_flight=4,
        proxy="http://proxy:3128",
        user_agent="me/1",
    )
    assert found.channels == (
        ChannelSpec(
            id=ChannelId("desk"),
            type="webhook",
            urls=("http://127.0.0.1:9000/hook",),
            secret_file=str(toml.parent / "desk.secret"),
        ),
        ChannelSpec(
            id=ChannelId("mail"),
            type="smtp",
            urls=("smtp://mail.example",),
            extra={
                "from": "watcher@desk.example",
                "to": '"Kim, Desk" <desk@desk.example>, night@desk.example',
                "tls": "none",
            },
        ),
        ChannelSpec(
            id=ChannelId("feed"), type="atom", extra={"path": str(toml.parent / "www" / "alerts.atom")}
        ),
    )


def test_a_flag_beats_a_variable_beats_the_file(toml: Path) -> None:
    toml.write_text('[data]\ndir = "file"\nfeeds = "file"\n[fetch]\ntimeout = "1s"\n', encoding="utf-8")
    environ = {"WATCHER_DATA": "variable", "WATCHER_FEEDS": "variable", "WATCHER_INDICATORS": ""}

    found = read_settings(toml, environ, {"data": "flag"})

    assert (found.data, found.feeds, found.indicators, found.fetch.timeout) == (
        "flag",
        "variable",
        "",
        timedelta(seconds=1),
    )


def test_a_secret_comes_from_a_file_as_well(toml: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("http://user:pw@proxy\n", encoding="utf-8")
    toml.write_text(
        '[channels.desk]\ntype = "webhook"\n[channels.night]\ntype = "apprise"\nurl_file = "secret"\n',
        encoding="utf-8",
    )
    environ = {"WATCHER_FETCH_PROXY_FILE": str(secret), "WATCHER_CHANNELS_DESK_URL_FILE": str(secret)}

    found = read_settings(toml, environ, {})

    assert found.fetch.proxy == "http://user:pw@proxy"
    assert [channel.urls for channel in found.channels] == [("http://user:pw@proxy",)] * 2
    assert "pw" not in repr(found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[fetsh]\n", ["watcher.toml:1:1: unknown table [fetsh]; did you mean `fetch`?"]),
        (
            '[data]\n[fetch]\n  timeuot = "1s"\n',
            ["watcher.toml:3:3: unknown key `timeuot`; did you mean `timeout`?"],
        ),
        (
            '[fetch]\ntimeout = "soon"\n',
            [
                (
                    "watcher.toml:2:1: `soon` is no duration; write a whole number and one of s, m, "
                    "h, d, w, as in 90s, 15m, 6h, 30d, 2w"
                )
            ],
        ),
        (
            'fetch.max_body = "big"\n',
            ["watcher.toml:1:1: `big` is no size; write a whole number and B, KiB, MiB or GiB, as in 10 MiB"],
        ),
        ("[fetch]\nper_host = 0\n", ["watcher.toml:2:1: expected a whole number from 1 to 100, found `0`"]),
        ("[fetch]\nper_host = [1]\n", ["watcher.toml:2:1: expected one value, found [1]"]),
        (
            '[fetch]\nallow_private = ["home"]\n',
            [
                (
                    "watcher.toml:2:1: 'home' does not appear to be an IPv4 or IPv6 network; write "
                    "networks such as 127.0.0.1/32"
                )
            ],
        ),
        ('fetch = "x"\n', ["watcher.toml:1:1: expected a table [fetch], found 'x'"]),
        ("[channels.desk]\nurl = 'x'\n", ['watcher.toml:1:1: missing key `type`, as in type = "webhook"']),
        (
            "[channels.desk]\ntype = 'webhok'\n",
            ["watcher.toml:2:1: no such type: webhok; did you mean `webhook`?"],
        ),
        (
            "[channels.desk]\ntype = 'pigeon'\n",
            [
                (
                    "watcher.toml:2:1: no such type: pigeon; "
                    "use webhook, alertmanager, apprise, smtp, atom, desktop or terminal"
                )
            ],
        ),
        (
            "[channels.desk]\ntype = 'smtp'\nform = 'a@b'\nto = 3\n",
            [
                "watcher.toml:3:1: unknown key `form`; did you mean `from`?",
                "watcher.toml:4:1: expected text, or a list of texts, found 3",
            ],
        ),
        (
            "[channels.desk]\ntype = 'terminal'\ncolour = 3\n",
            [
                (
                    "watcher.toml:3:1: unknown key `colour`; a channel of type terminal knows type, "
                    f"{', '.join(ROUTE_KEYS[:-1])} or timezone"
                )
            ],
        ),
        (
            "[channels.log]\ntype = 'webhook'\n",
            [
                (
                    "watcher.toml:1:1: `log` cannot be a channel; use letters, digits, - and _, and "
                    "leave `log` to the alert log"
                )
            ],
        ),
        (
            "[fetch\n",
            [("watcher.toml:1:7: Expected ']' at the end of a table declaration; this is not valid TOML")],
        ),
        (
            "[fetch]\n[fetch]\n",
            ["watcher.toml:2:7: Cannot declare ('fetch',) twice; this is not valid TOML"],
        ),
    ],
)
def test_a_mistake_of_the_file_is_named_at_its_place(toml: Path, text: str, said: list[str]) -> None:
    toml.write_text(text, encoding="utf-8")

    assert mistakes(toml) == said


def test_a_wrong_variable_or_flag_is_named() -> None:
    assert mistakes(None, {"WATCHER_FETCH_PER_HOST": "many"}, {"fetch_in_flight": "0"}) == [
        "environment:1:1: --fetch-in-flight: expected a whole number from 1 to 1,000, found `0`",
        "environment:1:1: WATCHER_FETCH_PER_HOST: expected a whole number from 1 to 100, found `many`",
    ]


def test_a_value_and_a_file_for_the_same_secret_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "proxy").write_text("http://p", encoding="utf-8")

    assert mistakes(
        None, {"WATCHER_FETCH_PROXY": "http://q", "WATCHER_FETCH_PROXY_FILE": str(tmp_path / "proxy")}
    ) == ["environment:1:1: WATCHER_FETCH_PROXY and WATCHER_FETCH_PROXY_FILE are both set; keep one"]


def test_a_named_file_that_is_missing_is_a_mistake(toml: Path) -> None:
    assert mistakes(toml)[0].startswith("watcher.toml:1:1: there is no such file; it is optional")


PIECES = (
    "[fetch]",
    "[data]",
    "[channels.a]",
    "[[channels]]",
    "[",
    "]",
    "{",
    "}",
    "=",
    '"',
    "timeout",
    "url_file",
    "type",
    "dir",
    "1s",
    "1e9",
    "true",
    "\n",
    ".",
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=80)
    | st.lists(st.sampled_from(PIECES), max_size=25).map(lambda pieces: "".join(pieces).encode())
)
@example(b"[fetch]\nper_host = " + b"9" * 5000)
@example(b"a = " + b"[" * 5000)
@example(b'[channels.a]\ntype = "x"\nurl_file = "\\u0000"')
@example(b"[[channels]]")
def test_any_bytes_are_settings_or_a_config_error(toml: Path, raw: bytes) -> None:
    toml.write_bytes(raw)

    try:
        found = read_settings(toml, {}, {})
    except ConfigError as error:
        found = None
        said = error.mistakes
    assert found or said


def test_what_the_service_does_beside_its_work_is_set_in_a_table_of_its_own(toml: Path) -> None:
    toml.write_text(
        '[service]\nheartbeat = "https://hc.example/7b1c"\nheartbeat_every = "90s"\ncanary = false\n',
        encoding="utf-8",
    )

    service = read_settings(toml, {}, {}).service

    assert service == ServiceSettings(
        heartbeat="https://hc.example/7b1c", heartbeat_every=timedelta(seconds=90), canary=False
    )
    assert "7b1c" not in repr(service)


def test_a_wrong_address_of_the_heartbeat_is_not_shown() -> None:
    (mistake,) = mistakes(None, {"WATCHER_SERVICE_HEARTBEAT": "hc.example/7b1c"})

    assert "WATCHER_SERVICE_HEARTBEAT: expected an address" in mistake
    assert "7b1c" not in mistake


def test_a_heart_beats_every_ten_seconds_at_most() -> None:
    assert mistakes(None, {"WATCHER_SERVICE_HEARTBEAT_EVERY": "1s"}) == [
        "environment:1:1: WATCHER_SERVICE_HEARTBEAT_EVERY: write at least 10s, as in 5m"
    ]


@pytest.mark.parametrize(
    "text",
    ["watcher.example", "https://", "https://h/?page=1", "https://h/a b", "https://h/#top", "https://u@h/"],
)
def test_the_public_address_is_a_host_and_at_most_a_path(text: str) -> None:
    (mistake,) = mistakes(None, {"WATCHER_WEB_PUBLIC": text})

    assert "WATCHER_WEB_PUBLIC" in mistake


def test_the_page_is_below_the_path_of_its_public_address() -> None:
    found = read_settings(None, {"WATCHER_WEB_PUBLIC": "https://desk.example:8443/tools/watch/"}, {})

    assert (found.web.public, found.web.prefix) == ("https://desk.example:8443/tools/watch", "/tools/watch")


def test_a_channel_has_no_slash_in_its_name(toml: Path) -> None:
    toml.write_text('[channels."phones/1"]\ntype = "terminal"\n', encoding="utf-8")

    assert any("a `/` in the name 'phones/1' stands for one of several" in each for each in mistakes(toml))
