"""Limits and a feed in, a libcurl handle set up for that feed's requests out."""

from os import fsencode

import pycurl

from watcher.fetch.limits import Limits
from watcher.model.news import Feed

_HTTP = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS


def has_own_ways(feed: Feed) -> bool:
    """Say whether a feed is reached in another way than most; its handle and its connections are then for it alone."""
    return bool(feed.proxy or feed.ca or feed.legacy_tls or feed.allow_private)


def new_handle(limits: Limits) -> pycurl.Curl:
    """Make a handle with everything set that is the same for most feeds."""
    handle = pycurl.Curl()
    handle.setopt(pycurl.NOSIGNAL, 1)
    handle.setopt(pycurl.PROTOCOLS, _HTTP)
    handle.setopt(pycurl.REDIR_PROTOCOLS, _HTTP)
    handle.setopt(pycurl.FOLLOWLOCATION, 0)
    handle.setopt(pycurl.HTTP09_ALLOWED, 0)
    handle.setopt(pycurl.HTTP_CONTENT_DECODING, 0)
    handle.setopt(pycurl.NETRC, pycurl.NETRC_IGNORED)
    handle.setopt(pycurl.MAXFILESIZE_LARGE, limits.max_body)
    # Empty, not unset: libcurl would take both from the environment, and a proxy sees no private address.
    handle.setopt(pycurl.PROXY, limits.proxy)
    handle.setopt(pycurl.NOPROXY, "")
    return handle


def go_own_ways(handle: pycurl.Curl, feed: Feed) -> None:
    """Set what only this feed asks for.

    None of its connections is left to others, whose rules may be stricter.
    """
    handle.setopt(pycurl.FRESH_CONNECT, 1)
    handle.setopt(pycurl.FORBID_REUSE, 1)
    if feed.proxy:
        handle.setopt(pycurl.PROXY, feed.proxy.encode())
    if feed.ca:
        handle.setopt(pycurl.CAINFO, fsencode(feed.ca))
    if feed.legacy_tls:  # whose sockets look connected at once, so that libcurl would never turn from a dead IPv6 address to IPv4
        handle.setopt(pycurl.IPRESOLVE, pycurl.IPRESOLVE_V4)
