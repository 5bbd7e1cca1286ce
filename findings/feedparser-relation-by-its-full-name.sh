#!/usr/bin/env bash
# feedparser 6.0.14: an Atom entry whose link names its relation in full leads to its id.
#
# RFC 4287 (4.2.7.2) makes rel="alternate" and rel="http://www.iana.org/assignments/relation/alternate" the same. feedparser knows
# the short name only: `entry.link` is the id, here an address that nothing answers, and the entry's own page is missing.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q feedparser==6.0.14
"$folder/venv/bin/python" - <<'PYTHON'
import feedparser

FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Wire</title><id>urn:wire</id><updated>2026-01-01T00:00:00Z</updated>
<entry><id>https://wire.example/ids/1</id><title>News</title><updated>2026-01-01T00:00:00Z</updated>
<link rel="{}" href="https://wire.example/news/1"/></entry></feed>"""

seen = []
for relation in ("alternate", "http://www.iana.org/assignments/relation/alternate"):
    document = feedparser.parse(FEED.format(relation))
    assert not document.bozo
    seen.append(document.entries[0].link)
    print(f"{relation:50}: {seen[-1]}")
assert feedparser.__version__ == "6.0.14"
assert seen == ["https://wire.example/news/1", "https://wire.example/ids/1"], seen
PYTHON
