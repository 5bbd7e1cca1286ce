#!/usr/bin/env bash
# stix2 3.0.2: an object that is read and written has another content under the same id, and the id is a digest of the content.
#
# The id of an observable (STIX 2.1, 2.9) is the UUIDv5 of its identifying properties as canonical JSON (RFC 8785), which leaves the
# text of a string alone. stix2 rewrites timestamps when it reads them: `00:00:00.100Z` becomes `00:00:00.1Z`. So what it writes keeps
# the id of the text that is gone: whoever checks or recomputes it finds another. And stix2 gives the same traffic, with the same
# start, another id than a producer that follows the text, so the two are not merged. The validator calls all of it valid.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q stix2==3.0.2 stix2-validator==3.3.2
"$folder/venv/bin/python" - <<'PYTHON'
import json
from uuid import UUID, uuid5

import stix2
from stix2validator import ValidationOptions, validate_instance

STIX = UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")  # the namespace that STIX 2.1 sets in 2.9
IDENTIFYING = ("start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols")


def id_by_the_text(traffic):
    content = {key: traffic[key] for key in IDENTIFYING if key in traffic}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"network-traffic--{uuid5(STIX, canonical)}"


fits = {}
for start in ("2026-01-01T00:00:00.1Z", "2026-01-01T00:00:00.100Z"):
    facts = {
        "start": start,
        "src_ref": "ipv4-addr--4d22aae0-2bf9-5427-8819-e4f6abf20a53",
        "src_port": 50000,
        "dst_port": 443,
        "protocols": ["tcp"],
    }
    traffic = {"type": "network-traffic", "spec_version": "2.1", "id": id_by_the_text(facts), **facts}
    written = json.loads(stix2.parse(traffic).serialize())
    assert written["id"] == traffic["id"]
    assert validate_instance(traffic, ValidationOptions(version="2.1")).is_valid
    assert validate_instance(written, ValidationOptions(version="2.1")).is_valid
    made = stix2.NetworkTraffic(**facts).id
    fits[start] = (written["id"] == id_by_the_text(written), made == traffic["id"])
    print(f"{start}: written as {written['start']}, id fits {fits[start][0]}, stix2 makes the same id {fits[start][1]}")
assert list(fits.values()) == [(True, True), (False, False)], fits
PYTHON
