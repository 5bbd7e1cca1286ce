"""Alerts in, notifications on this desktop out, by `notify-send` or a program that takes the same arguments.

The text goes as arguments after `--`, through no shell. A notification's body may hold markup, and
`notify-send` makes bytes of backslashes in it, so that both are escaped; its title is taken as it is.
"""

import shutil
import subprocess
from collections.abc import Sequence
from html import escape
from typing import Self

from watcher.delivery.render import named, one_line, subject
from watcher.errors import DeliveryError
from watcher.model.alerts import Alert, ChannelId
from watcher.model.language import Severity
from watcher.model.settings import ChannelSpec
from watcher.ports import Clock

_PROGRAM = "notify-send"
_INSTALL = (
    "install it (libnotify-bin on Debian and Ubuntu, libnotify elsewhere), or name another as `command`"
)
_DEADLINE = 10.0
_LONGEST = 1000


class DesktopChannel:
    """Shows alerts as notifications; `command` is a program's name or path."""

    KEYS = ("command",)

    @classmethod
    def opened(cls, spec: ChannelSpec, _clock: Clock) -> tuple[Self]:
        """Return the one channel of a table."""
        return (cls(spec.id, spec.extra.get("command", "")),)

    def __init__(self, channel: ChannelId, command: str = "", *, deadline: float = _DEADLINE) -> None:
        self.id = channel
        self._command, self._deadline = command or _PROGRAM, deadline

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        """Show the alert.

        Raises:
            DeliveryError: the program failed; permanent when there is none.
        """
        program = shutil.which(self._command)
        if not program:
            advice = _INSTALL if self._command == _PROGRAM else "correct `command`, or install it"
            raise DeliveryError(f"{self.id}: there is no program {self._command}; {advice}", permanent=True)
        said = (f"--urgency={_urgency(alert.severity)}", "--", subject(alert), _body(alert, also))
        try:
            done = subprocess.run(  # noqa: S603 - the operator named the program; the words are arguments, not a command
                [program, *said],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self._deadline,
                check=False,
            )
        except subprocess.TimeoutExpired:
            late = f"{self._command} did not end within {self._deadline:g} seconds"
            raise DeliveryError(f"{self.id}: {late}") from None
        except OSError as error:
            what = f"{self._command} could not be started: {error.strerror}"
            raise DeliveryError(f"{self.id}: {what}") from error
        if done.returncode:
            reason = one_line(done.stderr.decode(errors="replace"), 200)
            what = f"{self._command} ended with {done.returncode}{f': {reason}' if reason else ''}"
            raise DeliveryError(f"{self.id}: {what}")


def _urgency(severity: Severity) -> str:
    if severity >= Severity.HIGH:
        return "critical"
    return "normal" if severity >= Severity.MEDIUM else "low"


def _body(alert: Alert, also: Sequence[Alert]) -> str:
    said = (
        one_line(alert.why, _LONGEST),
        named(alert, also),
        f"watcher explain {one_line(alert.id, _LONGEST)}",
    )
    return escape("\n".join(filter(None, said)).replace("\\", "\\\\"), quote=False)
