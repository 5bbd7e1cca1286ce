"""Bytes in, text out, with a word about what was wrong with the encoding.

What a feed declares is a claim. A byte-order mark is believed first. Bytes that are valid UTF-8, with enough
of it to be no accident, are UTF-8 whatever is declared. Then comes the declaration of the document, then that
of the server. A few bad bytes do not change the encoding. When nothing fits, the language of the feed
suggests one, and Windows-1252 reads anything. Only encodings of text are ever used: Python also has codecs
such as `zlib_codec` and `punycode`, and a document can name them.
"""

import codecs
import re

_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})""")
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
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
_LIKELY = {"ko": "cp949", "ja": "cp932", "zh": "gb18030", "ru": "cp1251"}
_NO_ACCIDENT = 30
"""So many bytes beyond ASCII do not form valid UTF-8 by accident."""
_BAD_SHARE = 0.02


def decode_text(body: bytes, content_type: str, language: str) -> tuple[str, str]:
    """Return the text of a body, and the damage to its encoding or an empty string."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return _leniently(body, codec)
    label = ""
    if found := _DECLARED.search(body, 0, _DECLARATION_WITHIN):
        label = found[1].decode("ascii", "replace").lower()
    elif charset := _CHARSET.search(content_type):
        label = charset[1].lower()
    declared = _codec(label)
    damage = f"unknown encoding {label}" if label and not declared else ""
    utf8 = _strictly(body, "utf-8")
    is_utf8 = utf8 is not None and _surely_utf8(body, declared)
    if declared and not is_utf8 and (text := _strictly(body, declared)) is not None:
        return text, damage
    if utf8 is not None:
        return utf8, damage or (f"declared {label}, is utf-8" if declared not in {"", "utf-8"} else "")
    text, bad = _leniently(body, declared or "utf-8")
    if text.count("\ufffd") <= _BAD_SHARE * sum(map(len, re.findall(r"[^\x00-\x7f]+", text))):
        return text, damage or bad
    likely = _LIKELY.get(language[:2].lower(), "")
    codec = likely if likely and _strictly(body, likely) is not None else "cp1252"
    return body.decode(codec, "replace"), f"declared {label or 'no encoding'}, read as {codec}"


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


def _leniently(body: bytes, codec: str) -> tuple[str, str]:
    text = body.decode(codec, "replace").removeprefix("\ufeff")
    return text, f"bytes that are not {codec}" if "\ufffd" in text else ""
