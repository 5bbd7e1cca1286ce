#!/usr/bin/env bash
# PyYAML 6.0.3: `=` alone as a value cannot be loaded, as a key it can.
#
# YAML 1.1 gives a plain `=` a tag of its own (tag:yaml.org,2002:value), YAML 1.2 takes it for a string. PyYAML resolves the tag, and
# then has no constructor for it, in SafeLoader, FullLoader and CSafeLoader alike: a list of operators or a table of keys fails as a
# whole. The same `=` as the key of a mapping is the string "=".
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q PyYAML==6.0.3
"$folder/venv/bin/python" - <<'PYTHON'
import yaml


def pyyaml(text, loader):
    try:
        return yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"


FAILS = "ConstructorError: could not determine a constructor for the tag 'tag:yaml.org,2002:value'"
for loader in (yaml.SafeLoader, yaml.FullLoader, *([yaml.CSafeLoader] if yaml.__with_libyaml__ else [])):
    seen = [pyyaml(text, loader) for text in ("[less, '=', more]", "[less, =, more]", "{=: equal}")]
    print(f"{loader.__name__:11}: {seen}")
    assert seen == [["less", "=", "more"], FAILS, {"=": "equal"}], seen
assert yaml.__version__ == "6.0.3"
PYTHON
