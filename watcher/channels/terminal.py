"""Alerts in, text on a stream out."""

from typing import TextIO

from watcher.delivery.render import text
from watcher.errors import DeliveryError
from watcher.model.alerts import Alert, ChannelId


class TerminalChannel:
    """Prints alerts as people read them."""

    def __init__(self, channel: ChannelId, stream: TextIO) -> None:
        self.id = channel
        self._stream = stream

    def send(self, alert: Alert) -> None:
        """Print the alert; a character the terminal cannot show is spelled out.

        Raises:
            DeliveryError: the stream is closed or its reader is gone.
        """
        encoding = self._stream.encoding or "utf-8"
        shown = text(alert).encode(encoding, "backslashreplace").decode(encoding)
        try:
            self._stream.write(shown + "\n")
            self._stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise DeliveryError(f"{self.id}: the terminal took nothing: {error}") from error
