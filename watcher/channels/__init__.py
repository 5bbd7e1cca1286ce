"""Ways of telling people: a channel as `watcher.toml` describes it in, something that sends out.

The alert log (`watcher.channels.log`) needs no description; it is always there.
"""

import sys
from pathlib import Path

from watcher.channels.apprise import AppriseChannel
from watcher.channels.desktop import DesktopChannel
from watcher.channels.terminal import TerminalChannel
from watcher.channels.webhook import WebhookChannel
from watcher.errors import UsageError
from watcher.model.settings import CHANNEL_KEYS, ChannelSpec
from watcher.ports import Channel, Clock

TYPES = tuple(CHANNEL_KEYS)


def open_channel(spec: ChannelSpec, clock: Clock) -> Channel:
    """Return the channel a table of `watcher.toml` describes; nothing is sent and nobody is called yet.

    Raises:
        UsageError: the table cannot make a channel; the message says which and why.
    """
    match spec.type:
        case "webhook":
            return WebhookChannel(spec.id, _one_url(spec), clock=clock, secret=_secret(spec))
        case "apprise":
            return AppriseChannel(spec.id, _one_url(spec))
        case "smtp":
            return _smtp(spec)
        case "atom":
            from watcher.channels.atom import AtomChannel

            return AtomChannel(spec.id, Path(_needed(spec, "path", "alerts.atom")))
        case "desktop":
            return DesktopChannel(spec.id, spec.extra.get("command", ""))
        case "terminal":
            return TerminalChannel(spec.id, sys.stderr)
    raise UsageError(f"channel {spec.id}: no such type: {spec.type}; use one of {', '.join(TYPES)}")


def _smtp(spec: ChannelSpec) -> Channel:
    from watcher.channels.smtp import SmtpChannel, mail_server

    server = mail_server(spec.id, _one_url(spec), tls=spec.extra.get("tls", ""), password=_password(spec))
    sender, to = _needed(spec, "from", "watcher@host.example"), _needed(spec, "to", "desk@host.example")
    return SmtpChannel(spec.id, server, sender=sender, to=to)


def _password(spec: ChannelSpec) -> str:
    secret = _secret(spec)
    if not secret.isascii():
        raise UsageError(
            f"channel {spec.id}: the password in {spec.secret_file} has letters beyond ASCII, which mail servers do not take"
        )
    return secret.decode()


def _needed(spec: ChannelSpec, key: str, example: str) -> str:
    if not (value := spec.extra.get(key)):
        raise UsageError(
            f'channel {spec.id}: `{key}` is missing; write {key} = "{example}" in [channels.{spec.id}]'
        )
    return value


def _one_url(spec: ChannelSpec) -> str:
    if len(spec.urls) != 1:
        wanted = (
            "an address is missing"
            if not spec.urls
            else "one address a channel, so that each is tried again on its own"
        )
        raise UsageError(f'channel {spec.id}: {wanted}; write url = "…" in [channels.{spec.id}]')
    return spec.urls[0]


def _secret(spec: ChannelSpec) -> bytes:
    if not spec.secret_file:
        return b""
    try:
        secret = Path(spec.secret_file).read_bytes().strip()
    except OSError as error:
        raise UsageError(
            f"channel {spec.id}: the secret cannot be read from {spec.secret_file}: {error.strerror}"
        ) from error
    if not secret:
        raise UsageError(
            f"channel {spec.id}: {spec.secret_file} is empty; write the secret into it, or remove secret_file"
        )
    return secret
