"""A channel's table in, what one of its keys says out, or a UsageError that names the channel and the key."""

from pathlib import Path

from watcher.errors import UsageError
from watcher.model.alerts import ChannelId
from watcher.model.settings import ChannelSpec


def unusable(channel: ChannelId, what: str) -> UsageError:
    """Return the error of a table that cannot make a channel."""
    return UsageError(f"channel {channel}: {what}")


def needed(spec: ChannelSpec, key: str, example: str) -> str:
    """Return the value of a key that must be there; `example` is what may be written."""
    if not (value := spec.extra.get(key)):
        raise unusable(spec.id, f'`{key}` is missing; write {key} = "{example}" in [channels.{spec.id}]')
    return value


def one_url(spec: ChannelSpec) -> str:
    """Return the address of a channel that needs one."""
    if len(spec.urls) == 1:
        return spec.urls[0]
    several = "one address a channel, so that each is tried again on its own"
    wanted = several if spec.urls else "an address is missing"
    raise unusable(spec.id, f'{wanted}; write url = "…" in [channels.{spec.id}]')


def secret_of(spec: ChannelSpec) -> bytes:
    """Return what the file of `secret_file` holds, nothing where there is none."""
    if not spec.secret_file:
        return b""
    try:
        secret = Path(spec.secret_file).read_bytes().strip()
    except OSError as error:
        what = f"the secret cannot be read from {spec.secret_file}: {error.strerror}"
        raise unusable(spec.id, what) from error
    if not secret:
        what = f"{spec.secret_file} is empty; write the secret into it, or remove secret_file"
        raise unusable(spec.id, what)
    return secret
