"""Ways of telling people: a channel as `watcher.toml` describes it in, something that sends out.

The alert log (`watcher.channels.log`) needs no description; it is always there.
"""

import sys
from pathlib import Path

from watcher.channels.apprise import AppriseChannel
from watcher.channels.terminal import TerminalChannel
from watcher.channels.webhook import WebhookChannel
from watcher.errors import UsageError
from watcher.model.settings import ChannelSpec
from watcher.ports import Channel, Clock

TYPES = ("webhook", "apprise", "terminal")
_LATER = ("smtp", "atom")


def open_channel(spec: ChannelSpec, clock: Clock) -> Channel:
    """Return the channel a table of `watcher.toml` describes; nothing is sent and nobody is called yet.

    Raises:
        UsageError: the table cannot make a channel; the message says which and why.
    """
    if spec.extra:
        raise UsageError(f"channel {spec.id}: a channel of type {spec.type} knows no {', '.join(sorted(spec.extra))}")
    match spec.type:
        case "webhook":
            return WebhookChannel(spec.id, _one_url(spec), clock=clock, secret=_secret(spec))
        case "apprise":
            return AppriseChannel(spec.id, _one_url(spec))
        case "terminal":
            return TerminalChannel(spec.id, sys.stderr)
    raise UsageError(f"channel {spec.id}: {_no_such_type(spec.type)}")


def _one_url(spec: ChannelSpec) -> str:
    if len(spec.urls) != 1:
        wanted = "an address is missing" if not spec.urls else "one address a channel, so that each is tried again on its own"
        raise UsageError(f'channel {spec.id}: {wanted}; write url = "…" in [channels.{spec.id}]')
    return spec.urls[0]


def _secret(spec: ChannelSpec) -> bytes:
    if not spec.secret_file:
        return b""
    try:
        secret = Path(spec.secret_file).read_bytes().strip()
    except OSError as error:
        raise UsageError(f"channel {spec.id}: the secret cannot be read from {spec.secret_file}: {error.strerror}") from error
    if not secret:
        raise UsageError(f"channel {spec.id}: {spec.secret_file} is empty; write the secret into it, or remove secret_file")
    return secret


def _no_such_type(written: str) -> str:
    known = ", ".join(TYPES)
    if written in _LATER:
        return f"{written} channels are not built yet; use one of {known} (apprise sends mail with mailto://)"
    return f"no such type: {written}; use one of {known}"
