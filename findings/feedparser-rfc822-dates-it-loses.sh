#!/usr/bin/env bash
# feedparser 6.0.14: the leap second is read in Atom and is no date in RSS; nor is a date with a blank before its comma.
#
# RFC 822, and so RSS 2.0, counts seconds to 60, as RFC 3339 and Atom do, and lets blanks stand between any two parts of a date. An
# item with such a `pubDate` has no date at all, and nothing says that there was one that was not understood.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q feedparser==6.0.14
"$folder/venv/bin/python" - <<'PYTHON'
import feedparser

RSS = '<rss version="2.0"><channel><title>t</title><item><title>a</title><pubDate>{}</pubDate></item></channel></rss>'
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><title>a</title><updated>{}</updated></entry></feed>'


def read(form, date):
    (entry,) = feedparser.parse(form.format(date)).entries
    found = entry.get("published_parsed") if form is RSS else entry.get("updated_parsed")
    return "%d-%02d-%02d %02d:%02d:%02d" % found[:6] if found else None


for form, date, expected in (
    (RSS, "Fri, 30 Jun 2017 10:30:00 +0900 (KST)", "2017-06-30 01:30:00"),
    (RSS, "Fri , 30 Jun 2017 10:30:00 +0900", None),
    (RSS, "Sat, 31 Dec 2016 23:59:60 GMT", None),
    (ATOM, "2016-12-31T23:59:60Z", "2017-01-01 00:00:00"),
):
    found = read(form, date)
    print(f"{date!r:52} {found}")
    assert found == expected, found
assert feedparser.__version__ == "6.0.14"
PYTHON
