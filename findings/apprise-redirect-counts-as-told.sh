#!/usr/bin/env bash
# apprise 2.2.0: a receiver that has moved (301 or 302) gets nothing, and `notify()` says True.
#
# apprise follows redirects by default. A POST that is answered with 301 or 302 becomes a GET without a body, as browsers do it, and
# the new address answers 200 to that. So a notification is lost for as long as the old address stays in the configuration, and
# nobody sees a failure. With 307 and 308 the POST arrives. `AppriseAsset(http_redirects=False)` makes all four a failure.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q apprise==2.2.0
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import apprise

arrived = []


class Receiver(BaseHTTPRequestHandler):
    """`/old/STATUS` has moved to `/new`, which takes what comes."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/old/"):
            self.send_response(int(self.path.rpartition("/")[2]))
            self.send_header("Location", "/new")
        else:
            arrived.append((self.command, len(body) > 0))
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


server = HTTPServer(("127.0.0.1", 0), Receiver)
threading.Thread(target=server.serve_forever, daemon=True).start()

found = {}
for follows in (True, False):
    for status in (301, 302, 307, 308):
        arrived.clear()
        service = apprise.Apprise(asset=apprise.AppriseAsset(http_redirects=follows))
        service.add(f"json://127.0.0.1:{server.server_port}/old/{status}")
        taken = bool(service.notify(title="A headline", body="a text"))
        found[follows, status] = (taken, list(arrived))
        what = ", ".join(f"{method} {'with' if full else 'without'} a body" for method, full in arrived) or "nothing"
        print(f"http_redirects={follows}, {status}: notify() is {taken}; the new address got {what}")
lost, told = (True, [("GET", False)]), (True, [("POST", True)])
assert found == {
    **{(True, status): lost for status in (301, 302)},
    **{(True, status): told for status in (307, 308)},
    **{(False, status): (False, []) for status in (301, 302, 307, 308)},
}, found
PYTHON
