"""Servers on 127.0.0.1 that speak TLS, as they should or as they did long ago."""

import socket
import ssl
from pathlib import Path
from threading import Thread

from tests.loopback import LoopbackServer

CERTIFICATE = str(Path(__file__).parent / "data" / "loopback.pem")
"""A key and a certificate for 127.0.0.1 and localhost, valid until 2126; it is its own authority."""

_HELLO_OF_OLD = (
    b"\x03\x03" + bytes(32) + b"\x00\xc0\x2f\x00"
)  # TLS 1.2, random, no session, a cipher, no compression, no extension
_SERVER_HELLO = b"\x02" + len(_HELLO_OF_OLD).to_bytes(3, "big") + _HELLO_OF_OLD
OLD_ANSWER = b"\x16\x03\x03" + len(_SERVER_HELLO).to_bytes(2, "big") + _SERVER_HELLO


class TlsServer(LoopbackServer):
    """A `LoopbackServer` behind https."""

    def __init__(self) -> None:
        super().__init__()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return super().url(path, host).replace("http:", "https:", 1)


def serve_as_of_old() -> str:
    """Answer one TLS client without a word of secure renegotiation, then hang up; return the address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(4096)
            connection.sendall(OLD_ANSWER)
            connection.shutdown(socket.SHUT_WR)
            connection.recv(4096)

    Thread(target=answer, daemon=True).start()
    return f"https://127.0.0.1:{listener.getsockname()[1]}/"
