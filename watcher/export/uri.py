"""An address as a feed gives it in, the same as other systems demand it out."""

import re
from urllib.parse import quote

from watcher.delivery.render import safe_link

_KEPT = "!$%&'()*+,/:;=?@"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_URI = re.compile(
    r"https?://(?:[^/?#@\[\]]*@)?(?:\[[0-9A-Fa-f:.]+\]|[^/?#@:\[\]]+)(?::\d*)?(?:[/?#][^\[\]]*)?",
    re.IGNORECASE,
)


def absolute_uri(url: str) -> str:
    """Return an address as RFC 3986 has it, in ASCII; an empty string for one that has no such form."""
    address, mark, fragment = safe_link(url).partition("#")
    escaped = quote(address, safe=f"{_KEPT}[]") + mark + quote(fragment, safe=_KEPT)
    uri = _STRAY_PERCENT.sub("%25", escaped)
    return uri if _URI.fullmatch(uri) else ""
