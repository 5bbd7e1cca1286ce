"""Guarded HTTP: requests in, complete answers or clear errors out, whatever a server does.

`curl` is the adapter behind the `Fetcher` port; it and `handle` (a feed's own ways) are the only modules that
know libcurl. Beside them, each on its own: `limits` (what an exchange may take), `addresses` (where we never
dial), `urls` (how an address is written), `turns` (whose turn it is), `head` (header lines to values),
`decode` (compressed bytes to plain ones), `login` (a password from its file), `legacy` (TLS for servers of
another age).
"""
