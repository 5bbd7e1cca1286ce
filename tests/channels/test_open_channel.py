"""A table of `watcher.toml` becomes a channel, or a sentence that says why not."""

import io
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.builders import NOON, an_alert
from tests.channels.receiver import receiving
from watcher.channels import TYPES, channel_type, open_channel
from watcher.channels.terminal import TerminalChannel
from watcher.delivery.render import text
from watcher.errors import DeliveryError, UsageError
from watcher.model.alerts import ChannelId
from watcher.model.settings import ChannelSpec
from watcher.ports import Channel

# apprise 2.2 loads a plugin that imports a module Python 3.13 drops.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def opened(kind: str, *urls: str, secret_file: str = "", extra: Mapping[str, str] | None = None) -> Channel:
    spec = ChannelSpec(id=ChannelId("desk"), type=kind, urls=urls, secret_file=secret_file, extra=extra or {})
    (opened,) = open_channel(spec, lambda: NOON)
    return opened


def test_a_webhook_signs_with_the_secret_of_its_file(tmp_path: Path) -> None:
    secret = tmp_path / "desk.secret"
    secret.write_text("keep me\n")

    with receiving() as receiver:
        opened("webhook", receiver.url(), secret_file=str(secret)).send(an_alert())

    assert "X-Watcher-Signature" in receiver.posts[0].headers


@pytest.mark.parametrize(
    ("kind", "url", "extra"),
    [
        ("webhook", "https://host/hook", {}),
        ("apprise", "json://host", {}),
        ("smtp", "smtp://host", {"from": "a@host.example", "to": "b@host.example"}),
        ("atom", "", {"path": "alerts.atom"}),
        ("desktop", "", {}),
        ("terminal", "", {}),
    ],
)
def test_a_channel_has_the_id_of_its_table(kind: str, url: str, extra: Mapping[str, str]) -> None:
    assert opened(kind, *filter(None, [url]), extra=extra).id == "desk"


def test_a_missing_secret_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(
        UsageError, match=r"channel desk: the secret cannot be read from .*desk\.secret: No such file"
    ):
        opened("webhook", "http://host/", secret_file=str(tmp_path / "desk.secret"))


def test_an_empty_secret_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "desk.secret").write_text(" \n")

    with pytest.raises(UsageError, match="is empty"):
        opened("webhook", "http://host/", secret_file=str(tmp_path / "desk.secret"))


@pytest.mark.parametrize(
    ("kind", "urls", "message"),
    [
        ("smtp", (), "an address is missing"),
        ("smtp", ("smtp://127.0.0.1",), "`from` is missing; write from = "),
        ("atom", (), "`path` is missing; write path = "),
        (
            "pigeon",
            (),
            "no such type: pigeon; use one of webhook, alertmanager, apprise, smtp, atom, desktop, terminal",
        ),
        ("apprise", ("discord://123/token?format=Markdown",), "leave format=markdown out of the address"),
        ("webhook", (), "an address is missing"),
        ("apprise", ("json://a", "json://b"), "one address a channel"),
    ],
)
def test_what_makes_no_channel_is_refused_with_the_reason(
    kind: str, urls: tuple[str, ...], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        opened(kind, *urls)


def test_a_password_beyond_ascii_is_told_before_anything_is_sent(tmp_path: Path) -> None:
    secret = tmp_path / "mail.secret"
    secret.write_text("비밀번호")

    with pytest.raises(UsageError, match="characters that are not ASCII"):
        opened("smtp", "smtp://me@127.0.0.1", secret_file=str(secret))


def test_every_type_and_every_key_of_a_channel_is_in_the_documentation() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "running.md").read_text(encoding="utf-8")

    assert [kind for kind in TYPES if f"| `{kind}` |" not in documented] == []
    assert [
        key
        for kind in TYPES
        for key in channel_type(kind).KEYS
        if f"| `channels.NAME.{key}` |" not in documented
    ] == []


def test_a_spec_does_not_show_its_addresses() -> None:
    spec = ChannelSpec(id=ChannelId("desk"), type="apprise", urls=("discord://T0KEN",))

    assert "T0KEN" not in repr(spec)


def test_the_terminal_shows_what_people_read() -> None:
    stream = io.StringIO()

    TerminalChannel(ChannelId("here"), stream).send(an_alert())

    assert stream.getvalue() == text(an_alert()) + "\n"


def test_a_terminal_that_knows_no_korean_spells_it_out() -> None:
    raw = io.BytesIO()
    terminal = io.TextIOWrapper(raw, encoding="ascii")

    TerminalChannel(ChannelId("here"), terminal).send(an_alert("북한"))

    assert rb"\ubd81\ud55c" in raw.getvalue()


def test_a_closed_terminal_is_a_delivery_error() -> None:
    stream = io.StringIO()
    stream.close()

    with pytest.raises(DeliveryError, match="here: the terminal accepted nothing"):
        TerminalChannel(ChannelId("here"), stream).send(an_alert())


def test_the_terminal_channel_leaves_stdout_to_the_commands() -> None:
    channel = opened("terminal")

    assert isinstance(channel, TerminalChannel)
    assert channel._stream is sys.stderr


def test_a_type_that_nobody_has_a_table_of_is_not_loaded(tmp_path: Path) -> None:
    toml = tmp_path / "watcher.toml"
    toml.write_text('[channels.here]\ntype = "terminal"\n', encoding="utf-8")
    script = (
        "import pathlib, sys; from watcher import bootstrap;"
        f"bootstrap.open_channels(bootstrap.read_settings(pathlib.Path({str(toml)!r}), {{}}, {{}}));"
        "sys.stdout.write(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) & {"watcher.channels.smtp", "smtplib", "apprise", "pycurl"} == set()
