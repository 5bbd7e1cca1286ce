"""A mail server on loopback: it keeps the mail it is sent and answers as it is told to."""

import base64
import re
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

from tests.fetch.tls import CERTIFICATE


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it was handed over.

    `encrypted` is how the line was at that moment, `login` who had logged in.
    """

    sender: str
    to: tuple[str, ...]
    raw: bytes
    encrypted: bool
    login: str

    @property
    def mail(self) -> EmailMessage:
        parsed = message_from_bytes(self.raw, policy=SMTP)
        assert isinstance(parsed, EmailMessage)
        return parsed

    def part(self, kind: str) -> str:
        """Return the words of the text/plain or text/html part."""
        part = self.mail.get_body((kind,))
        assert part
        return str(part.get_content()).replace("\r\n", "\n")


@dataclass(slots=True)
class Mailbox:
    """What to answer, and what came in.

    `answers` holds the reply to a verb, or to a whole line such as `RCPT TO:<a@b>`. At the verb `silent_at`
    nothing is said any more, or, when `dripping`, an answer without an end.
    """

    port: int = 0
    starttls: bool = False
    smtputf8: bool = True
    answers: dict[str, str] = field(default_factory=dict)
    silent_at: str = ""
    dripping: bool = False
    over: threading.Event = field(default_factory=threading.Event)
    letters: list[Letter] = field(default_factory=list)
    verbs: list[str] = field(default_factory=list)

    def url(self, scheme: str = "smtp", user: str = "") -> str:
        return f"{scheme}://{user}127.0.0.1:{self.port}"


@contextmanager
def mailbox(*, implicit_tls: bool = False) -> Iterator[Mailbox]:
    """Run a mail server for the length of a test."""
    box = Mailbox()
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.box, server.implicit_tls = box, implicit_tls
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            box.over.set()
            server.shutdown()
            thread.join()


def trusting() -> ssl.SSLContext:
    """Return what a client needs to trust the mailbox's certificate."""
    return ssl.create_default_context(cafile=CERTIFICATE)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    box: Mailbox
    implicit_tls: bool

    def handle_error(self, request: object, client_address: object) -> None:
        pass  # a client that hangs up, or does not trust us, is what some tests are about


class _Session(socketserver.BaseRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.box = self.server.box
        self.encrypted, self.login, self.sender, self.to = False, "", "", list[str]()
        if self.server.implicit_tls:
            self._encrypt()
        self.lines = self.request.makefile("rb")
        if self.box.silent_at == "CONNECT":
            self._say_nothing()
            return
        self._say(self.box.answers.get("CONNECT", "220 loopback"))
        while line := self.lines.readline().decode().strip():
            verb, _, rest = line.partition(" ")
            verb = verb.upper()
            self.box.verbs.append(verb)
            if verb == self.box.silent_at:
                self._say_nothing()
                return
            whole = re.sub(
                "^(?:from|to):", lambda word: word[0].upper(), rest
            )  # smtplib writes "to:" from Python 3.13 on
            if answer := self.box.answers.get(f"{verb} {whole}", self.box.answers.get(verb)):
                self._say(answer)
            else:
                getattr(self, f"_{verb.lower()}")(line)

    def finish(self) -> None:
        self.lines.close()
        self.request.close()

    def _ehlo(self, _: str) -> None:
        offers = [
            "8BITMIME",
            "AUTH PLAIN",
            *["SMTPUTF8"] * self.box.smtputf8,
            *["STARTTLS"] * (self.box.starttls and not self.encrypted),
        ]
        self._say("\r\n".join(["250-loopback", *(f"250-{offer}" for offer in offers), "250 HELP"]))

    def _starttls(self, _: str) -> None:
        self._say("220 go on")
        self.lines.close()
        self._encrypt()
        self.lines = self.request.makefile("rb")

    def _auth(self, line: str) -> None:
        self.login = base64.b64decode(line.split()[2]).decode().replace("\0", " ").strip()
        self._say("235 welcome")

    def _mail(self, line: str) -> None:
        self.sender, self.to = _address(line), []
        self._say("250 ok")

    def _rcpt(self, line: str) -> None:
        self.to.append(_address(line))
        self._say("250 ok")

    def _data(self, _: str) -> None:
        self._say("354 go on")
        raw = b""
        while (line := self.lines.readline()) not in {b".\r\n", b""}:
            raw += line.removeprefix(b".")
        if answer := self.box.answers.get("."):
            self._say(answer)
            return
        self.box.letters.append(Letter(self.sender, tuple(self.to), raw, self.encrypted, self.login))
        self._say("250 taken")

    def _rset(self, _: str) -> None:
        self._say("250 ok")

    def _quit(self, _: str) -> None:
        self._say("221 bye")

    def _say_nothing(self) -> None:
        with suppress(OSError):  # the client has waited enough
            while not self.box.over.wait(0.02):
                self.request.sendall(b"2" * self.box.dripping)

    def _say(self, answer: str) -> None:
        self.request.sendall(f"{answer}\r\n".encode())

    def _encrypt(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        self.request = context.wrap_socket(self.request, server_side=True)
        self.encrypted = True


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
