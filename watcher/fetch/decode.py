"""A body as it came over the wire in, the plain body out, never more than a bound of it.

A stream must reach its end: half a gzip body decompresses without complaint, and its missing items would be
lost for good behind the ETag it came with.
"""

import zlib

from watcher.errors import FetchError

_GZIP, _ZLIB, _RAW = 31, 15, -15
_PIECE = 1 << 16
_GZIP_MAGIC = b"\x1f\x8b"


def decompress(body: bytes, encoding: str, bound: int) -> bytes:
    """Undo a Content-Encoding; a gzip file that was not announced as such is unpacked too.

    Raises:
        FetchError: the encoding is unknown or does not fit, or the body is cut short or larger than `bound`.
    """
    names = [name for part in encoding.split(",") if (name := part.strip().lower()) not in {"", "identity"}]
    match names:
        case []:
            return _inflate(body, _GZIP, bound, "gzip") if body.startswith(_GZIP_MAGIC) else body
        case ["gzip" | "x-gzip"]:
            return _inflate(body, _GZIP, bound, "gzip")
        case ["br"]:
            return _unbrotli(body, bound)
        case ["deflate"]:
            # Servers send zlib's wrapper and bare deflate under one name.
            wrapped = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
            return _inflate(body, _ZLIB if wrapped else _RAW, bound, "deflate")
        case _:
            what = f"the body is encoded as {', '.join(names)!a:.100}, which the watcher did not ask for"
            raise FetchError("encoding", what)


def _unbrotli(body: bytes, bound: int) -> bytes:
    import brotli  # noqa: PLC0415 - 1 MB that few feeds need

    stream, size = brotli.Decompressor(), 0
    pieces: list[bytes] = []
    try:
        while not stream.is_finished():
            piece = stream.process(b"" if pieces else body, output_buffer_limit=_PIECE)
            pieces.append(piece)
            if (size := size + len(piece)) > bound:
                raise FetchError("too_large", f"the body is more than {bound:,} bytes when decompressed")
            if not piece and not stream.is_finished():
                raise FetchError("truncated", "the br body ends before its end")
    except brotli.error as error:
        raise FetchError("encoding", "the body is announced as br but is not") from error
    return b"".join(pieces)


def _inflate(body: bytes, form: int, bound: int, name: str) -> bytes:
    stream = zlib.decompressobj(form)
    try:
        plain = stream.decompress(body, bound + 1)
    except zlib.error as error:
        raise FetchError("encoding", f"the body is announced as {name} but is not") from error
    if len(plain) > bound:
        raise FetchError("too_large", f"the body is more than {bound:,} bytes when decompressed")
    if not stream.eof:
        raise FetchError("truncated", f"the {name} body ends before its end")
    if stream.unused_data.strip(b"\0"):
        raise FetchError("encoding", f"more bytes follow the end of the {name} body")
    return plain
