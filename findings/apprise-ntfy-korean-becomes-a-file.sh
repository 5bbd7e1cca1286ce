#!/usr/bin/env bash
# apprise 2.2.0, ntfy: a message that the server would take is sent as a file when it is Korean, and loses its title.
#
# ntfy takes a message of 4,096 bytes. apprise posts it as JSON, and makes a file of what is longer than 8,000 characters as JSON, in
# which it writes every Korean letter as six ASCII characters (`\uXXXX`). So 1,340 Korean letters (4,020 bytes) arrive as a file
# without a title and without a text, and 4,020 Latin letters as the message they are. `notify()` says True in both cases.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q apprise==2.2.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import apprise

came = []


class Ntfy(BaseHTTPRequestHandler):
    """Answers as ntfy does, and keeps what came."""

    def answer(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        came.append((self.headers["Content-Type"], body, self.path))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_POST = do_PUT = answer

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Ntfy)
threading.Thread(target=server.serve_forever, daemon=True).start()
service = apprise.Apprise()
service.add(f"ntfy://127.0.0.1:{server.server_port}/desk")

found = {}
for name, text in (("Latin", "a" * 4020), ("Korean", "가" * 1340)):
    came.clear()
    taken = bool(service.notify(title="A headline", body=text))
    ((kind, body, path),) = came
    is_message = kind == "application/json" and json.loads(body).get("message") == text
    found[name] = (len(text.encode()), taken, "a message" if is_message else "a file")
    print(f"{name}: {len(text)} letters, {len(text.encode())} bytes; notify() is {taken}; sent as {found[name][2]} ({kind})")
assert found == {"Latin": (4020, True, "a message"), "Korean": (4020, True, "a file")}, found
PYTHON
