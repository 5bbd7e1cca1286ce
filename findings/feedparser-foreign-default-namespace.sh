#!/usr/bin/env bash
# feedparser 6.0.14: one document, written with a prefix and with a default namespace, has two different links.
#
# In XML `<shop:link xmlns:shop="urn:shop">` and `<link xmlns="urn:shop">` are the same element of a namespace that is none of RSS.
# feedparser keeps the first apart (as `shop_link`) and takes the second for the item's own link, so that the item leads elsewhere.
# The same with `title`: the first in the item wins, whoever's it is.
# The script ends with 0 as long as this is so.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q feedparser==6.0.14
"$folder/venv/bin/python" - <<'PYTHON'
import feedparser

FEED = """<rss version="2.0"><channel><title>Wire</title><link>https://wire.example/</link><description>d</description>
<item>{foreign}<title>News</title><guid>https://wire.example/1</guid></item></channel></rss>"""
WITH_PREFIX = (
    '<shop:title xmlns:shop="urn:shop">Buy</shop:title><shop:link xmlns:shop="urn:shop">https://shop.example/</shop:link>'
)
WITHOUT = '<title xmlns="urn:shop">Buy</title><link xmlns="urn:shop">https://shop.example/</link>'

seen = []
for name, foreign in (("with a prefix", WITH_PREFIX), ("default namespace", WITHOUT)):
    document = feedparser.parse(FEED.format(foreign=foreign))
    (entry,) = document.entries
    assert not document.bozo
    seen.append((entry.title, entry.link))
    print(f"{name:18}: title {entry.title!r}, link {entry.link!r}")
assert feedparser.__version__ == "6.0.14"
assert seen == [("News", "https://wire.example/1"), ("Buy", "https://shop.example/")], seen
PYTHON
