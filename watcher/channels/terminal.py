"""Alerts in, text on a stream out."""

import sys
from collections.abc import Sequence
from typing import Self, TextIO

from watcher.delivery.render import text
from watcher.errors import DeliveryError
from watcher.model.alerts import Alert, ChannelId
from watcher.model.settings import ChannelSpec
from watcher.ports import Clock


class TerminalChannel:
    """Prints alerts as people read them."""

    KEYS = ()

    @classmethod
    def opened(cls, spec: ChannelSpec, _clock: Clock) -> tuple[Self]:
        """Return the one channel of a table: stdout is left to the commands."""
        return (cls(spec.id, sys.stderr),)

    def __init__(self, channel: ChannelId, stream: TextIO) -> None:
        self.id = channel
        self._stream = stream

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        """Print the alert; a character the terminal cannot show is spelled out.

        Raises:
            DeliveryError: the stream is closed or its reader is gone.
        """
        encoding = self._stream.encoding or "utf-8"
        shown = text(alert, also).encode(encoding, "backslashreplace").decode(encoding)
        try:
            self._stream.write(shown + "\n")
            self._stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise DeliveryError(f"{self.id}: the terminal accepted nothing: {error}") from error
