"""Alerts in, mails out: plain text with HTML beside it, through one mail server.

The Message-ID comes from the alert's id, so that a second copy can be recognised. A password stands in a
file, never in the address, and never goes over an open line: STARTTLS is demanded unless the server is on
this machine or `tls = "none"` says otherwise. What the server says decides: 4xx is tried again, 5xx is final.
If it takes the mail for some addresses only, that is told as well; those who have it may get the same
Message-ID again.
"""

import smtplib
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses
from ipaddress import ip_address
from socket import SHUT_RDWR
from typing import Any, Self
from urllib.parse import quote, unquote, urlsplit

from watcher.channels.given import needed, one_url, secret_of, unusable
from watcher.delivery.render import html, one_line, subject, text
from watcher.errors import DeliveryError
from watcher.model.alerts import Alert, ChannelId
from watcher.model.settings import ChannelSpec
from watcher.ports import Clock

_DEADLINE = 30.0
_PORTS = {"smtp": 587, "smtps": 465}
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
{body}</body>
</html>
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed over and how. `starttls` and `implicit_tls` are never both true."""

    host: str
    port: int
    implicit_tls: bool
    starttls: bool
    user: str = ""
    password: str = field(default="", repr=False)


class SmtpChannel:
    """Sends alerts as mail from one address to some."""

    KEYS = ("url", "url_file", "secret_file", "from", "to", "tls")

    @classmethod
    def opened(cls, spec: ChannelSpec, _clock: Clock) -> tuple[Self, ...]:
        """Return the channels of a table: one for each address of `to`, numbered if there are several.

        Every mail names them all. A server may take a mail for some of them only, and a retry is for the
        others.
        """
        if not (secret := secret_of(spec)).isascii():
            what = f"the password in {spec.secret_file} has characters that are not ASCII; no server takes it"
            raise unusable(spec.id, what)
        tls = spec.extra.get("tls", "")
        server = mail_server(spec.id, one_url(spec), tls=tls, password=secret.decode())
        sender, to = needed(spec, "from", "watcher@host.example"), needed(spec, "to", "desk@host.example")
        alone = cls(spec.id, server, sender=sender, to=to)
        if len(alone.to) == 1:
            return (alone,)
        return tuple(
            cls(ChannelId(f"{spec.id}/{number}"), server, sender=sender, to=to, only=address)
            for number, address in enumerate(alone.to, start=1)
        )

    def __init__(
        self,
        channel: ChannelId,
        server: MailServer,
        *,
        sender: str,
        to: str,
        only: Address | None = None,
        deadline: float = _DEADLINE,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        self.id = channel
        self._server, self._deadline, self._trust = server, deadline, trust
        self._from = _addresses(channel, "from", sender)
        self.to = _addresses(channel, "to", to)
        self._for = (only,) if only else self.to
        if len(self._from) != 1:
            raise unusable(channel, "`from` is one address")
        self._domain = _ascii(self._from[0].domain)

    def send(self, alert: Alert, also: Sequence[Alert] = ()) -> None:
        """Hand the mail to the server.

        Raises:
            DeliveryError: it refused some address; permanent when it would refuse the same mail again.
        """
        mail = self._mail(alert, also)
        try:
            with self._connected() as client:
                refused = client.send_message(mail, to_addrs=[each.addr_spec for each in self._for])
        except smtplib.SMTPRecipientsRefused as error:
            raise self._refusal(error.recipients) from error
        except smtplib.SMTPResponseException as error:
            raise self._answered(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            said = f"{self.id}: {self._server.host} lacks what is needed: {one_line(str(error), 200)}"
            advice = 'use another server, or tls = "none" if the problem is STARTTLS'
            raise DeliveryError(f"{said}; {advice}", permanent=True) from error
        except (smtplib.SMTPException, OSError) as error:
            said = one_line(str(error), 200) or type(error).__name__
            what = f"{self._server.host} did not take the mail: {said}; it is tried again"
            raise DeliveryError(f"{self.id}: {what}") from error
        if refused:
            raise self._refusal(refused)

    def _mail(self, alert: Alert, also: Sequence[Alert]) -> EmailMessage:
        mail = EmailMessage(policy=SMTP)
        mail["Subject"] = subject(alert)
        mail["From"] = self._from
        mail["To"] = self.to
        mail["Date"] = format_datetime(alert.at)
        mail["Message-ID"] = f"<{quote(alert.id, safe='')}@{self._domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(text(alert, also))
        mail.add_alternative(_PAGE.format(title="Alert", body=html(alert, also)), subtype="html")
        return mail

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """Yield a client that may send; it is cut off when the deadline passes."""
        client = self._dial()
        try:
            client.ehlo_or_helo_if_needed()
            if self._server.starttls:
                client.starttls(context=self._context())
            if self._server.user:
                client.login(self._server.user, self._server.password)
            yield client
            with suppress(
                smtplib.SMTPException, OSError
            ):  # it has the mail; how it says goodbye is no matter
                client.quit()
        finally:
            client.close()

    def _dial(self) -> smtplib.SMTP:
        server = self._server
        # Our own name costs a look-up that may hang; the sender's domain says as much.
        where = (server.host, server.port, self._domain)
        if server.implicit_tls:
            return _TlsClient(*where, timeout=self._deadline, context=self._context())
        return _Client(*where, timeout=self._deadline)

    def _context(self) -> ssl.SSLContext:
        return self._trust or ssl.create_default_context()

    def _refusal(self, refused: Mapping[str, tuple[int, bytes]]) -> DeliveryError:
        named = "; ".join(f"{address}: {code} {_said(words)}" for address, (code, words) in refused.items())
        final = all(code >= 500 for code, _ in refused.values())
        counted = f"{len(refused)} of {len(self._for)} addresses"
        told = f"{self._server.host} refused {counted}: {one_line(named, 300)}"
        advice = "correct `to`" if final else "it is tried again"
        return DeliveryError(f"{self.id}: {told}; {advice}", permanent=final)

    def _answered(self, code: int, words: bytes | str) -> DeliveryError:
        final = 500 <= code < 600
        refused = "it would refuse the same mail again: check the address, the password and `from`"
        said = f"{self.id}: {self._server.host} answered {code} {_said(words)}"
        return DeliveryError(f"{said}; {refused if final else 'it is tried again'}", permanent=final)


def mail_server(channel: ChannelId, url: str, *, tls: str = "", password: str = "") -> MailServer:
    """Return the server an address such as `smtp://user@host:587` or `smtps://user@host` names.

    Raises:
        UsageError: the address, the password or `tls` cannot work.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise unusable(channel, _HOW_TO_WRITE) from error
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise unusable(channel, _HOW_TO_WRITE)
    if parts.password is not None:
        raise unusable(
            channel,
            "leave the password out of the address; write it into a file and name that as secret_file",
        )
    implicit, user = parts.scheme == "smtps", unquote(parts.username or "")
    here = _on_this_machine(parts.hostname)
    if tls not in {"", "starttls", "none"} or (implicit and tls):
        raise unusable(
            channel,
            'tls is "starttls" or "none", and only for smtp://; smtps:// is encrypted from the first byte',
        )
    starttls = not implicit and (tls == "starttls" or (not tls and not here))
    if bool(password) != bool(user):
        raise unusable(
            channel, "a user in the address and a password in secret_file go together; one is missing"
        )
    if password and not (implicit or starttls or here):
        raise unusable(channel, 'with tls = "none" others could read the password; leave one of the two out')
    return MailServer(
        host=parts.hostname, port=port, implicit_tls=implicit, starttls=starttls, user=user, password=password
    )


_HOW_TO_WRITE = 'a mail server is written url = "smtp://user@host:587" or "smtps://user@host"'


def _on_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _addresses(channel: ChannelId, key: str, written: str) -> tuple[Address, ...]:
    """Return addresses as typed, with or without names: `Desk <desk@host>, night@host`."""
    found = [_address(name, address) for name, address in getaddresses([written])]
    if not found or None in found or not written.isprintable():
        raise unusable(
            channel, f'`{key}` needs mail addresses, found {written!r}; write {key} = "desk@host.example"'
        )
    return tuple(filter(None, found))


def _address(name: str, address: str) -> Address | None:
    user, _, domain = address.rpartition("@")
    try:
        return Address(name, user, domain) if user and _ascii(domain) else None
    except ValueError:  # UnicodeError among them
        return None


def _ascii(domain: str) -> str:
    return domain.encode("idna").decode()


class _Client(smtplib.SMTP):
    """A client that is cut off when its time is over; that begins before the server has greeted."""

    def connect(
        self, host: str = "localhost", port: int = 0, source_address: Any = None
    ) -> tuple[int, bytes]:
        self._cut = threading.Timer(self.timeout, _cut_off, [self])
        self._cut.daemon = True
        self._cut.start()
        try:
            return super().connect(host, port, source_address)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        self._cut.cancel()
        super().close()


class _TlsClient(_Client, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


def _cut_off(client: smtplib.SMTP) -> None:
    if client.sock:
        with suppress(OSError):
            client.sock.shutdown(SHUT_RDWR)


def _said(words: bytes | str) -> str:
    return one_line(words if isinstance(words, str) else words.decode(errors="replace"), 200)
