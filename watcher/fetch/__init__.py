"""Guarded HTTP: requests in, complete answers or clear errors out, whatever a server does.

`curl` is the adapter behind the `Fetcher` port and the only module that knows libcurl. Beside it, each on its
own: `limits` (what an exchange may take), `addresses` (where we never dial), `urls` (how an address is
written), `turns` (whose turn it is), `head` (header lines to values), `decode` (compressed bytes to plain
ones), `legacy` (TLS for servers of another age).
"""
