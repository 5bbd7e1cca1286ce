#!/usr/bin/env bash
# stix2 3.0.2: one timestamp with seven or more digits after the second, and a whole bundle cannot be read.
#
# STIX 2.1 (3.2, timestamp) takes any number of digits there, and requires exactly three of `created` and `modified` only. Clocks that
# count in 100 ns (Windows) or 1 ns (Go) write seven or nine. stix2-validator 3.3.2, by the same committee, calls the bundle valid.
# stix2 reads up to six digits; with seven `parse` raises for the bundle, although the other objects are whole, and says that the text
# is no recognizable timestamp.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q stix2==3.0.2 stix2-validator==3.3.2
"$folder/venv/bin/python" - <<'PYTHON'
import json

import stix2
from stix2validator import ValidationOptions, validate_instance


def report(number, published):
    return {
        "type": "report",
        "spec_version": "2.1",
        "id": f"report--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb{number}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "name": "A launch",
        "published": published,
        "object_refs": ["indicator--26ffb872-1dd9-446e-b6f5-d58527e5b5d2"],
    }


def read(bundle):
    try:
        return [each.published.microsecond for each in stix2.parse(bundle).objects]
    except stix2.exceptions.STIXError as error:
        return f"{type(error).__name__}: {error}"


seen = {}
for digits in (1, 3, 6, 7, 9):
    objects = [report(1, "2026-01-01T00:00:00Z"), report(2, f"2026-01-01T00:00:00.{'1' * digits}Z")]
    bundle = {"type": "bundle", "id": "bundle--5d0092c5-5f74-4287-9642-33f4c354e56d", "objects": objects}
    valid = validate_instance(bundle, ValidationOptions(version="2.1")).is_valid
    seen[digits] = (valid, read(json.dumps(bundle)))
    print(f"{digits} digits: valid {valid}, read as {seen[digits][1]}")
assert all(valid for valid, _ in seen.values())
assert [seen[digits][1] for digits in (1, 3, 6)] == [[0, 100000], [0, 111000], [0, 111111]]
assert all(str(seen[digits][1]).startswith("InvalidValueError") for digits in (7, 9))
PYTHON
