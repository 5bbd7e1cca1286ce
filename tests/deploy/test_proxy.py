"""The example for nginx does what it says: TLS, the page's own name, and no address of a hub in a log."""

import http.client
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.deploy.units import DEPLOY
from tests.fetch.tls import CERTIFICATE
from tests.loopback import LoopbackServer, free_port
from tests.workspace import wait_until

EXAMPLE = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
FRAME = """
daemon off; pid {folder}/pid; error_log {folder}/error.log;
events {{}}
http {{
client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
{example}
}}
"""

pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed here")


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def proxy(folder: Path, page: LoopbackServer) -> Iterator[int]:
    """Run nginx by the example in front of a page; yield the port of its https side."""
    secure, plain = free_port(), free_port()
    changes = {
        "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "/etc/ssl/watcher.pem": CERTIFICATE,
        "/etc/ssl/watcher.key": CERTIFICATE,
        "/var/log/nginx": str(folder),
        "http://127.0.0.1:8750": page.url(""),
    }
    example = EXAMPLE
    for theirs, ours in changes.items():
        assert theirs in example
        example = example.replace(theirs, ours)
    file = folder / "nginx.conf"
    file.write_text(FRAME.format(folder=folder, example=example), encoding="utf-8")
    assert NGINX
    process = subprocess.Popen([NGINX, "-c", str(file), "-p", str(folder)], stderr=subprocess.PIPE)
    try:
        wait_until(lambda: accepts(secure) or process.poll() is not None, "nginx accepts connections")
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        yield secure
    finally:
        process.terminate()
        process.communicate()


def get(port: int, path: str) -> int:
    connection = http.client.HTTPSConnection(
        "127.0.0.1", port, context=ssl.create_default_context(cafile=CERTIFICATE), timeout=10
    )
    connection.request("GET", path, headers={"Host": "watcher.example.org", "Connection": "close"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_the_page_is_asked_by_its_name_and_calls_of_hubs_leave_no_line(tmp_path: Path) -> None:
    with LoopbackServer() as page:
        page.serve("/alerts/a1", b"an alert")
        page.serve("/websub/secret", b"")
        with proxy(tmp_path, page) as port:
            assert get(port, "/alerts/a1") == get(port, "/websub/secret") == 200

    assert [(seen.path, seen.headers["host"]) for seen in page.requests] == [
        ("/alerts/a1", "watcher.example.org"),
        ("/websub/secret", "watcher.example.org"),
    ]
    log = (tmp_path / "watcher.log").read_text()
    assert "/alerts/a1" in log
    assert "/websub/" not in log
