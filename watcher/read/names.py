"""The tags of a document in, what feedparser takes the elements for out.

Feedparser tells elements apart by a prefix: its own for a namespace that it knows, else the document's. That
is certain if a prefix stands for one namespace in all of a document, and is not feedparser's own for another.
Otherwise the document is `Unusual`.
"""

import re
from collections.abc import Iterable

RSS1, RDF = "http://purl.org/rss/1.0/", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
ATOM, XML = "http://www.w3.org/2005/atom", "http://www.w3.org/XML/1998/namespace"
XLINK = "http://www.w3.org/1999/xlink"
NAMESPACES = {
    **dict.fromkeys(("", ATOM, RSS1, "http://blogs.law.harvard.edu/tech/rss"), ""),
    **dict.fromkeys(
        ("http://my.netscape.com/rdf/simple/0.9/", "http://purl.org/rss/1.0/modules/rss091#"), ""
    ),
    **dict.fromkeys(("http://purl.org/atom/ns#", "http://purl.org/pie/", "http://purl.org/echo/"), ""),
    **dict.fromkeys(("http://example.com/newformat#", "http://example.com/necho"), ""),
    "uri/of/echo/namespace#": "",
    "http://webns.net/mvcb/": "admin",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://podlove.org/simple-chapters": "psc",
    RDF: "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
}
"""Feedparser's prefixes for the namespaces of which it has a rule for some element."""
_UNKNOWN = {
    "emsc": "https://www.emsc-csem.org",
    "geo": "http://www.w3.org/2003/01/geo/",
    "news": "https://www.bing.com/news/search",
}
"""Prefixes of elements that are read although feedparser does not know the namespace; how that begins."""
_TAKEN = frozenset({*NAMESPACES.values(), *_UNKNOWN, "gdacs", "xml", "title", "summary", "written"} - {""})
"""Prefixes of names that feedparser has rules for, or that are read from its entries."""
_OTHER_RULES = re.compile(r"[\s}]|backend\.userland\.com/rss")
"""In a namespace that feedparser takes for another, or cannot tell from the name behind it."""

_RENAMED = (
    *("author", "category", "contributor", "creator", "keywords"),
    *("managingeditor", "owner", "publisher", "subject", "webmaster"),
)
UNREAD = re.compile(rf"(</?)(?:[\w.-]+:)?(?:{'|'.join(_RENAMED)})(?=[\s/>])", re.IGNORECASE)
"""A tag that is renamed before feedparser sees it, even where it stands in a text."""
MARKUP = {
    "title": "title",
    **dict.fromkeys(("description", "summary"), "summary"),
    **{name: name for name in ("media_title", "dc_title")},
    **{name: name for name in ("media_description", "dc_description", "itunes_summary")},
}
TEXTS = {
    **dict.fromkeys(("pubdate", "published", "issued", "dcterms_issued"), "published"),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc_date", "dcterms_modified"), "updated"),
    **dict.fromkeys(("created", "dcterms_created"), "created"),
    **{name: name for name in ("emsc_depth", "emsc_magnitude", "geo_lat", "geo_long", "georss_elev")},
    "news_source": "news_source",
}
_SKIPPED = frozenset(
    """
    dc_coverage dc_format dc_identifier dc_relation dc_rights dc_source dc_type
    feedburner_emailserviceid feedburner_feedburnerhostname feedburner_feedflare feedburner_info
    feedburner_origlink itunes_block itunes_duration itunes_email itunes_episode itunes_episodetype
    itunes_explicit itunes_image itunes_name itunes_season itunes_subtitle itunes_title itunes_type
    media_community media_copyright media_credit media_player media_rating media_starrating
    media_statistics media_text media_thumbnail rdf_bag rdf_li rdf_seq
    """.split()  # noqa: SIM905 - words are read more easily so
)
ELEMENTS = {
    **MARKUP,
    **TEXTS,
    **dict.fromkeys(("guid", "id"), "id"),
    **dict.fromkeys(("content", "content_encoded"), "content"),
    **dict.fromkeys(("language", "dc_language"), "language"),
    **{name: name for name in ("rss", "rdf_rdf", "feed", "channel", "item", "entry", "link", "source")},
    **{name: name for name in ("image", "textinput", "generator", "ttl", "georss_point")},
    **dict.fromkeys(("media_content", "media_group"), "media_group"),
    **dict.fromkeys(_SKIPPED, ""),
}
"""What an element is to this reader; "" where nothing of it is read, wherever it stands."""
REFUSED = frozenset(
    """
    abstract authors body contributors date entries expirationdate fullitem geom georssgeom guidislink info
    links newlocation tags where
    """.split()  # noqa: SIM905 - as above
)
"""Names without a prefix that mean something to feedparser; all others that are not read mean nothing."""


class Unusual(Exception):  # noqa: N818 - it never leaves `watcher.read.usual`
    """Feedparser may make something of a document that is not known here."""


class ElementNames(dict[str, str]):
    """The tags of a document, and what they are to this reader."""

    def __init__(self, declared: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        self._prefixes = {"": ""}
        uris: dict[str, str] = {}
        for given, uri in declared:
            prefix, small = given.lower(), uri.lower()
            own = NAMESPACES.get(small)
            if own is None:
                expected = small.startswith(_UNKNOWN.get(prefix, "\n"))
                own = prefix if expected or (prefix and not _is_taken(prefix)) else None
            elif _is_taken(prefix) and prefix != own:
                own = None
            told_apart = self._prefixes.get(uri, own) == own and uris.setdefault(prefix, uri) == uri
            if own is None or _OTHER_RULES.search(small) or not (told_apart or (own == prefix == "")):
                raise Unusual
            self._prefixes[uri] = own

    def __missing__(self, tag: str) -> str:
        uri, _, local = tag.rpartition("}")
        prefix, local = self._prefixes.get(uri[1:], "xml"), local.lower()
        known = ELEMENTS.get(f"{prefix}_{local}" if prefix else local)
        is_free = prefix in {"emsc", "news"} or not _is_taken(prefix)
        means_nothing = is_free if prefix else "_" not in local and local not in REFUSED
        if local in _RENAMED or (known is None and means_nothing):
            known = ""
        if known is None:
            raise Unusual
        self[tag] = known
        return known


def _is_taken(prefix: str) -> bool:
    return prefix.partition("_")[0] in _TAKEN
