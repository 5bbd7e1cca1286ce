"""An https server that knows only the old TLS renegotiation in, a socket that carries its plain bytes out.

OpenSSL 3 refuses such servers unless a context says otherwise, and libcurl offers no way to say it. So TLS is
spoken here: libcurl gets one end of a socket pair and believes it speaks plain HTTP; a thread at the other
end dials the very address that libcurl asked for and was checked, verifies the certificate as ever, and
carries the bytes. It ends when either side hangs up, and libcurl does so at its deadline. What old
renegotiation gives away is that somebody in between may put words before our request; they cannot read or
change the answer.
"""

import ssl
from contextlib import suppress
from select import select
from socket import socket, socketpair
from threading import Thread

_LEGACY_SERVER_CONNECT = 0x4  # ssl.OP_LEGACY_SERVER_CONNECT, which Python 3.11 does not name
_CHUNK = 64 << 10


class LegacyTls:
    """Carries one connection.

    `trouble` is why there is no connection, or why it ended early; it is set before the socket ends.
    """

    def __init__(self, host: str, ca: str, patience: float) -> None:
        """Prepare for a host; `ca` is a file of authorities to trust instead of the usual ones.

        Raises:
            OSError: the file cannot be used.
        """
        self.trouble = ""
        self._host, self._patience = host, patience
        self._context = ssl.create_default_context(cafile=ca or None)
        self._context.options |= _LEGACY_SERVER_CONNECT
        # Python asks OpenSSL 3 to take a cut connection for an ended one.
        self._context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF

    def dial(self, family: int, kind: int, protocol: int, target: tuple[str, int]) -> int:
        """Begin to connect to an address; return the descriptor for plain bytes, which the caller closes."""
        near, far = socketpair()
        raw = socket(family, kind, protocol)
        Thread(target=self._carry, args=(far, raw, target), name="watcher-legacy-tls", daemon=True).start()
        return near.detach()

    def _carry(self, far: socket, raw: socket, target: tuple[str, int]) -> None:
        with far, raw:
            try:
                raw.settimeout(self._patience)
                raw.connect(target)
                wrapped = self._context.wrap_socket(
                    raw, server_hostname=self._host, suppress_ragged_eofs=False
                )
                with wrapped as server:
                    _relay(far, server)
            except OSError as error:
                reason = getattr(error, "verify_message", "") or getattr(error, "reason", "")
                self.trouble = reason or str(error)


def _relay(far: socket, server: ssl.SSLSocket) -> None:
    patience = server.gettimeout()
    while True:
        ready = [server] if server.pending() else select([far, server], [], [])[0]
        if far in ready:
            if not (asked := far.recv(_CHUNK)):
                return
            server.settimeout(patience)
            server.sendall(asked)
        if server in ready:
            server.setblocking(False)  # what has come may be of TLS alone, such as a session ticket
            with suppress(ssl.SSLWantReadError):
                if not (answered := server.recv(_CHUNK)):
                    return
                far.sendall(answered)
