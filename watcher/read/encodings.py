"""Bytes in, text out, with a word about what was wrong with the encoding.

What a feed declares is a claim. A byte-order mark is believed first. Bytes that are valid UTF-8, with enough
of it to be no accident, are UTF-8 whatever is declared. Then comes the declaration of the document, then that
of the server. A text in another encoding does not change that of the others: each is read by itself, and only
its bad bytes are replaced. When nothing fits, the language of the feed suggests an encoding, and Windows-1252
reads anything. Only encodings of text are ever used: Python also has codecs
such as `zlib_codec` and `punycode`, and a document can name them.
"""

import codecs
import re
from collections.abc import Iterable, Sequence

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_SPOKEN = re.compile(rb"""(?:<language>\s*|xml:lang\s*=\s*["'])([A-Za-z]{2}(?:-[A-Za-z]{2,4})?)""")
_DECLARATION_WITHIN = 4_096

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_MANY_BYTES = frozenset(
    {"cp949", "cp932", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp", "iso2022_kr", "johab"}
)
_ONE_BYTE = frozenset(
    {"koi8-r", "koi8-u", "cp866", "cp874", "mac-roman", "mac-cyrillic", "kz1048", "ptcp154"}
    | {f"cp125{digit}" for digit in range(9)}
    | {f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 11, 13, 14, 15, 16)}
)
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "utf-8-sig": "utf-8",
}
"""What people call by the name of the narrower encoding, as browsers read it."""
_OTHER_NAMES = {
    "x-sjis": "cp932",
    "windows-949": "cp949",
    "x-windows-949": "cp949",
    "x-euc-jp": "euc_jp",
    "x-gbk": "gb18030",
}
_LIKELY = {
    "ko": ("cp949",),
    "ja": ("euc_jp", "cp932"),
    "zh-hant": ("big5hkscs", "gb18030"),
    "zh-tw": ("big5hkscs", "gb18030"),
    "zh-hk": ("big5hkscs", "gb18030"),
    "zh": ("gb18030", "big5hkscs"),
    "ru": ("cp1251",),
}
"""By the language or its beginning; the first that fits is taken. EUC-JP hardly fits by accident."""
_NO_ACCIDENT = 30
"""So many bytes beyond ASCII do not form valid UTF-8 by accident."""
_TEXTS = re.compile(rb'[^<>"\r\n]+')
"""What stands between marks that are never part of a character of several bytes: one text of one source."""
_RUN = re.compile(rb"[\x80-\xff]+")
_LETTERS = 4
"""So many bytes beyond ASCII in a row are words of a language that needs several bytes a character."""


def decode_text(body: bytes, content_type: str, language: str) -> tuple[str, str]:
    """Return the text of a body, and the damage to its encoding or an empty string."""
    likely = _likely(body, language)
    for mark, codec in _MARKS:
        if body.startswith(mark):
            marked = _leniently(body, codec)
            bad = f"bytes that are not {codec}" if "\ufffd" in marked else ""
            return _by_texts(
                body.removeprefix(mark), codec, likely
            ) if bad and codec == "utf-8" else marked, bad
    label = ""
    if found := _DECLARED.search(body, 0, _DECLARATION_WITHIN):
        label = found[1].decode("ascii", "replace").lower()
    elif charset := _CHARSET.search(content_type):
        label = charset[1].lower()
    declared = _codec(label)
    damage = f"unknown encoding {label}" if label and not declared else ""
    utf8 = _strictly(body, "utf-8")
    if utf8 is not None and declared == "utf-8":
        return utf8, damage
    is_utf8 = utf8 is not None and _surely_utf8(body, declared)
    mixed = utf8 is None and declared in {"", "utf-8", *_ONE_BYTE} and _speaks_utf8(body)
    if declared and not is_utf8 and not mixed and (text := _strictly(body, declared)) is not None:
        return text, damage
    if utf8 is not None:
        return utf8, damage or (f"declared {label}, is utf-8" if declared not in {"", "utf-8"} else "")
    if mixed or (declared in _MANY_BYTES and _is_mostly(body, declared)):
        codec = "utf-8" if mixed else declared
        return _by_texts(body, codec, (declared, *likely)), damage or f"bytes that are not {codec}"
    codec = next((each for each in likely if _strictly(body, each) is not None), "cp1252")
    return body.decode(codec, "replace"), f"declared {label or 'no encoding'}, read as {codec}"


def _likely(body: bytes, language: str) -> Sequence[str]:
    """Return the codecs that the language of a feed suggests, as it is listed or as the document says."""
    if not language:
        spoken = _SPOKEN.search(body, 0, _DECLARATION_WITHIN)
        language = spoken[1].decode() if spoken else ""
    return _LIKELY.get(language.lower()) or _LIKELY.get(language[:2].lower(), ())


def _speaks_utf8(body: bytes) -> bool:
    """Say whether a text of a body is UTF-8 beyond ASCII, or mostly; others hardly are by accident."""
    texts = (found[0].decode("utf-8", "replace") for found in _TEXTS.finditer(body) if not found[0].isascii())
    return any(sum(not letter.isascii() for letter in text) > 2 * text.count("\ufffd") for text in texts)


def _is_mostly(body: bytes, codec: str) -> bool:
    texts = [text for found in _TEXTS.finditer(body) if not (text := found[0]).isascii()]
    return 2 * sum(_strictly(text, codec) is not None for text in texts) >= len(texts)


def _by_texts(body: bytes, codec: str, others: Iterable[str]) -> str:
    """Return a body of several encodings as text: each text in the codec, else in UTF-8 or another that fits.

    Bytes that fit none stand for Western letters where no other of the text does, and are else replaced.
    """
    codecs_in_turn = [codec, "utf-8", *(other for other in others if other in _MANY_BYTES)]
    pieces: list[str] = []
    end = 0
    for found in _TEXTS.finditer(body):
        pieces += (body[end : found.start()].decode("ascii"), _one_text(found[0], codecs_in_turn))
        end = found.end()
    return "".join((*pieces, body[end:].decode("ascii")))


def _one_text(text: bytes, codecs_in_turn: Sequence[str]) -> str:
    if text.isascii():
        return text.decode("ascii")
    first = codecs_in_turn[0]
    worded = any(len(run) >= _LETTERS for run in _RUN.findall(text))
    for codec in codecs_in_turn if worded else (first, "utf-8"):
        if (whole := _strictly(text, codec)) is not None:
            return whole
    lenient = text.decode(first, "replace")
    if not lenient.replace("\ufffd", "").isascii():
        return lenient
    return _RUN.sub(lambda run: run[0].decode("cp1252", "replace").encode(), text).decode()


def _codec(label: str) -> str:
    """Return the codec for a declared name, or an empty string when it is none that a text can be in."""
    try:
        name = codecs.lookup(_OTHER_NAMES.get(label, label)).name if label else ""
    except (LookupError, ValueError):
        return ""
    name = _WIDER.get(name, name)
    return name if name == "utf-8" or name in _MANY_BYTES or name in _ONE_BYTE else ""


def _surely_utf8(body: bytes, declared: str) -> bool:
    if declared in _ONE_BYTE:
        return not body.isascii()  # any bytes at all are valid in it, so that its declaration proves nothing
    return len(body) - len(body.decode("ascii", "ignore")) >= _NO_ACCIDENT


def _strictly(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except UnicodeError:
        return None


def _leniently(body: bytes, codec: str) -> str:
    return body.decode(codec, "replace").removeprefix("\ufeff")
