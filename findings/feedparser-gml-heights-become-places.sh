#!/usr/bin/env bash
# feedparser 6.0.14: a GML line or ring with heights, whose `posList` says srsDimension="3", becomes places that do not exist.
#
# GML 3.1 lets the number of coordinates stand on `gml:posList` and `gml:pos` themselves, as well as on the geometry around them.
# feedparser reads it only on the geometry: numbers are paired two by two, heights among them, without a word. Of a `gml:pos` the
# third number is dropped.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q feedparser==6.0.14
"$folder/venv/bin/python" - <<'PYTHON'
import feedparser

FEED = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss" xmlns:gml="http://www.opengis.net/gml">
<title>Lines</title><id>urn:lines</id><updated>2026-01-01T00:00:00Z</updated>
<entry><id>urn:1</id><title>Line</title><updated>2026-01-01T00:00:00Z</updated><georss:where>{}</georss:where></entry></feed>"""
ON_GEOMETRY = '<gml:LineString srsDimension="3"><gml:posList>41 129 0 42 130 5</gml:posList></gml:LineString>'
ON_LIST = '<gml:LineString><gml:posList srsDimension="3">41 129 0 42 130 5</gml:posList></gml:LineString>'
POINT = '<gml:Point><gml:pos srsDimension="3">41 129 -2000</gml:pos></gml:Point>'

seen = []
for name, geometry in (("on the geometry", ON_GEOMETRY), ("on posList", ON_LIST), ("on pos", POINT)):
    document = feedparser.parse(FEED.format(geometry))
    assert not document.bozo
    seen.append(document.entries[0].where["coordinates"])
    print(f"srsDimension {name:16}: {seen[-1]}")
assert feedparser.__version__ == "6.0.14"
assert seen == [
    [(129.0, 41.0, 0.0), (130.0, 42.0, 5.0)],
    [(129.0, 41.0), (42.0, 0.0), (5.0, 130.0)],  # the second has latitude 0, the third longitude 5
    (129.0, 41.0),
], seen
PYTHON
