import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.read.encodings import decode_text

KOREAN = "북한, 대륙간탄도미사일 발사"
JAPANESE = "北朝鮮、弾道ミサイル発射か"
CHINESE = "朝鲜发射洲际弹道导弹"


def declared(encoding: str, text: str) -> str:
    return f'<?xml version="1.0" encoding="{encoding}"?><rss>{text}</rss>'


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        ("euc-kr", "cp949", KOREAN + " 똠방각하"),
        ("ks_c_5601-1987", "euc_kr", KOREAN),
        ("Shift_JIS", "cp932", JAPANESE + "①"),
        ("EUC-JP", "euc_jp", JAPANESE),
        ("ISO-2022-JP", "iso2022_jp", JAPANESE),
        ("gb2312", "gb18030", CHINESE + "镕"),
        ("Big5", "big5", "朝鮮發射飛彈"),
        ("windows-1251", "cp1251", "КНДР запустила ракету"),
        ("koi8-r", "koi8-r", "КНДР запустила ракету"),
        ("iso-8859-1", "cp1252", "“café” – ICBM"),
        ("utf-8", "utf-8", KOREAN),
        ("utf-16", "utf-16", KOREAN),
        ("utf-16", "utf-16-be", KOREAN),
        ("utf-32", "utf-32", KOREAN),
    ],
)
def test_what_is_declared_and_true_is_read_without_damage(label: str, codec: str, text: str) -> None:
    document = declared(label, text)

    assert decode_text(document.encode(codec), "", "") == (document, "")


def test_the_server_may_declare_the_encoding() -> None:
    assert decode_text(KOREAN.encode("euc_kr"), "text/xml; charset=EUC-KR", "") == (KOREAN, "")


@pytest.mark.parametrize(
    "label",
    ["klingon", "punycode", "zlib_codec", "unicode_escape", "undefined", "utf-7", "base64", "idna", "rot13"],
)
def test_an_encoding_that_is_none_of_text_is_never_used(label: str) -> None:
    document = declared(label, "+ADw-script+AD4- " + KOREAN)

    assert decode_text(document.encode(), "", "") == (document, f"unknown encoding {label}")


@pytest.mark.parametrize("label", ["iso-8859-1", "euc-kr", "shift_jis"])
def test_utf8_is_known_whatever_is_declared(label: str) -> None:
    document = declared(label, KOREAN)

    assert decode_text(document.encode(), "", "") == (document, f"declared {label}, is utf-8")


def test_latin_letters_declared_as_utf8_are_read_as_windows() -> None:
    document = declared("utf-8", "café ICBM")

    assert decode_text(document.encode("latin-1"), "", "") == (document, "declared utf-8, read as cp1252")


def test_the_language_of_the_feed_suggests_the_encoding_nobody_declared() -> None:
    text, damage = decode_text(KOREAN.encode("euc_kr"), "", "ko-KR")

    assert text == KOREAN
    assert damage == "declared no encoding, read as cp949"


@pytest.mark.parametrize("said", ["<language>ko-KR</language>", "<feed xml:lang='ko'>"])
def test_the_language_that_a_document_says_suggests_its_encoding_too(said: str) -> None:
    assert decode_text(f"{said}{KOREAN}".encode("euc_kr"), "", "")[0] == f"{said}{KOREAN}"


def test_a_few_bad_bytes_do_not_change_the_encoding() -> None:
    text, damage = decode_text(declared("utf-8", KOREAN * 20).encode() + b"\xff", "", "")

    assert KOREAN in text
    assert damage == "bytes that are not utf-8"


def test_one_bad_byte_of_the_only_text_leaves_the_rest_of_it() -> None:
    text, damage = decode_text(declared("utf-8", "Séoul @– “non”").encode().replace(b"@", b"\xa0"), "", "")

    assert "Séoul \ufffd– “non”" in text
    assert damage == "bytes that are not utf-8"


def test_a_byte_order_mark_saves_an_item_in_another_encoding_too() -> None:
    body = codecs.BOM_UTF8 + items("합참 “발사”".encode(), "Éclair".encode("latin-1"))

    assert decode_text(body, "", "ko")[0].endswith("<t>합참 “발사”</t><t>Éclair</t>")


@pytest.mark.parametrize(
    ("codec", "language", "text"),
    [
        ("euc_jp", "ja", JAPANESE),
        ("cp932", "ja", JAPANESE),
        ("big5", "zh-Hant", "北韓發射飛彈"),
        ("gb18030", "zh-Hans", "朝鲜发射导弹"),
    ],
)
def test_of_the_encodings_of_a_language_the_one_that_fits_is_taken(
    codec: str, language: str, text: str
) -> None:
    assert text in decode_text(declared("utf-8", text).encode(codec), "", language)[0]


def items(*titles: bytes) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?><rss>' + b"".join(b"<t>%s</t>" % each for each in titles)


@pytest.mark.parametrize(
    ("bad", "language", "read"),
    [
        ("Éclair sur Séoul".encode("latin-1"), "en", "Éclair sur Séoul"),
        ("\u201cNo\u201d, he said".encode("cp1252"), "", "\u201cNo\u201d, he said"),
        (JAPANESE.encode("cp932"), "ja", JAPANESE),
        (KOREAN.encode("cp949"), "ko-KR", KOREAN),
        (KOREAN.encode()[:-1], "ko", KOREAN[:-1] + "\ufffd"),
        ("café “x”".encode("cp1252") + " “y”".encode(), "zh", "caf\ufffd \ufffdx\ufffd “y”"),
    ],
)
@pytest.mark.parametrize("label", [b"UTF-8", b"iso-8859-1"])
def test_one_item_in_another_encoding_leaves_the_others_as_they_are(
    bad: bytes, language: str, read: str, label: bytes
) -> None:
    body = items("합참 “발사”".encode(), bad, "Pyongyang’s ‘gift’".encode()).replace(b"UTF-8", label)

    text, damage = decode_text(body, "", language)

    assert text.endswith(f"<t>합참 “발사”</t><t>{read}</t><t>Pyongyang’s ‘gift’</t>")
    assert damage == "bytes that are not utf-8"


def test_one_item_in_utf8_leaves_those_in_the_declared_encoding_as_they_are() -> None:
    korean = KOREAN.encode("cp949")
    body = items(korean, "북한 “발사”".encode(), korean, korean).replace(b"UTF-8", b"euc-kr")

    text, damage = decode_text(body, "", "")

    assert text.endswith(f"<t>{KOREAN}</t><t>북한 “발사”</t><t>{KOREAN}</t><t>{KOREAN}</t>")
    assert damage == "bytes that are not cp949"


@given(st.binary(max_size=200), st.text(max_size=40), st.sampled_from(["", "ko", "ja", "xx"]))
def test_any_bytes_become_text(body: bytes, content_type: str, language: str) -> None:
    text, _ = decode_text(body, f"text/xml; charset={content_type}", language)

    assert isinstance(text, str)
