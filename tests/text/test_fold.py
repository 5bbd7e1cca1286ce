"""Two spellings of the same words compare equal, and no text is too strange to fold."""

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.text.strange import STRANGE, any_text
from watcher.text.fold import _NEIGHBOURLY, fold

LETTERS = st.text(alphabet="abcxyzäöéøłßñçďžőшжёйαβδ北朝鮮核발사합참がぎパゴ012 ", max_size=20)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("NORTH Korea", "north korea", id="case"),
        pytest.param("STRASSE", "straße", id="sharp s"),
        pytest.param("КНДР", "кндр", id="case in Cyrillic"),
        pytest.param("ОДИССЕΥΣ", "одиссеυς", id="final sigma"),
        pytest.param("Kim Yŏ-jŏng", "Kim Yo Jong", id="accents and hyphens"),
        pytest.param("Tōhoku", "Tohoku", id="long vowels"),
        pytest.param("ёлка", "елка", id="dots of Cyrillic"),
        pytest.param("Кім", "Кім", id="letters of their own"),
        pytest.param("ＩＣＢＭ　１９", "ICBM 19", id="width"),
        pytest.param("ﾐｻｲﾙ", "ミサイル", id="narrow kana"),
        pytest.param("Hwasong‑19", "Hwasong-19", id="hyphen that does not break"),
        pytest.param("Hwasong–19", "Hwasong 19", id="dash"),
        pytest.param("Hwasong_19", "Hwasong 19", id="underscore"),
        pytest.param("Kim's sister", "Kim’s sister", id="kinds of apostrophe"),
        pytest.param("Kim's sister", "Kim sister", id="possessive"),
        pytest.param("Sinp'o", "Sinpo", id="apostrophe inside a name"),
        pytest.param("P‘yŏngyang", "Pyongyang", id="romanisation of McCune and Reischauer"),
        pytest.param("the Kims' house", "the Kims house", id="possessive of many"),
        pytest.param("“ICBM” test", "ICBM test", id="quotation marks"),
        pytest.param("「火星」砲", "火星砲", id="quotation marks that stand inside words"),
        pytest.param("N.Korea", "N Korea", id="initial"),
        pytest.param("U.S. troops", "US troops".replace("US", "U S"), id="initials"),
        pytest.param("mis\u00adsile", "missile", id="soft hyphen"),
        pytest.param("mis\u200bsile", "missile", id="zero width space"),
        pytest.param("\u202eICBM\u202c", "ICBM", id="direction"),
        pytest.param("ICBM\ufe0f", "ICBM", id="variation selector"),
        pytest.param("mis\x00sile", "missile", id="control character"),
        pytest.param("mis\ud800sile", "missile", id="half a surrogate pair"),
        pytest.param("North\n\t Korea", " North Korea ", id="blanks"),
        pytest.param("ﬁres", "fires", id="ligature"),
        pytest.param("N̷̛o̶r̴t̵h̸ Korea", "North Korea", id="zalgo"),
    ],
)
def test_two_spellings_of_the_same_words_are_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("か", "が", id="voiced kana"),
        pytest.param("は", "ぱ", id="half voiced kana"),
        pytest.param("발사", "발서", id="Hangul vowels"),
        pytest.param("각", "가", id="Hangul finals"),
        pytest.param("мир", "мор", id="Cyrillic vowels"),
        pytest.param("core", "co re", id="a blank"),
        pytest.param("核", "核心", id="Han"),
    ],
)
def test_what_tells_words_apart_is_kept(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    "text", ["북한이 대륙간탄도미사일을 발사했다", "北朝鮮がミサイルを発射した", "朝鲜发射导弹"]
)
def test_folding_leaves_korean_japanese_and_chinese_as_they_are(text: str) -> None:
    assert fold(text) == text
    assert fold(unicodedata.normalize("NFD", text)) == text


def test_sentences_keep_their_ends() -> None:
    assert fold("Kim “vows” revenge. Seoul: no!") == "kim vows revenge. seoul: no!"


@example("a.'s b.'s")
@example("İI\u0307ı")
@example("\u0345\u03b1\u0345")
@given(any_text)
@example("\u0fba" * 20 + "'" + "\u0fba" * 20)  # an apostrophe vanishes from between marks
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(any_text)
def test_folded_text_is_single_spaced_and_can_be_written_down(text: str) -> None:
    folded = fold(text)

    assert folded == " ".join(folded.split())
    assert folded.encode().decode() == folded


@example("\x1f'\x80 ")
@example("…" * 40)
@given(st.text(alphabet="aiS19_.'’‘“”–—…-·½ \t\x00\x1f\u00a0(", max_size=60))
def test_a_text_of_latin_letters_is_folded_as_beside_others(text: str) -> None:
    assert fold(f"{text} ж") == f"{fold(text)} ж".strip()


@given(LETTERS)
def test_case_does_not_count(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


@given(any_text)
def test_how_accents_are_stored_does_not_count(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text)) == fold(text)


@given(LETTERS, st.integers(0, 20), st.sampled_from("\u00ad\u200b\u200d\u2060\ufeff\u202e\x00\x1b\ud800"))
def test_what_nobody_sees_does_not_count(text: str, at: int, unseen: str) -> None:
    assert fold(text[:at] + unseen + text[at:]) == fold(text)


@pytest.mark.parametrize("text", STRANGE.values(), ids=STRANGE)
def test_a_megabyte_of_anything_is_folded(text: str) -> None:
    folded = fold(text)

    assert fold(folded) == folded


def test_what_is_spelt_by_itself_goes_together_with_nothing_ahead_of_it() -> None:
    """What is composed with what stands ahead: the second of two by Unicode, and letters of Hangul."""
    parts = (unicodedata.decomposition(chr(code)).split() for code in range(sys.maxunicode + 1))
    joining = {chr(int(each[1], 16)) for each in parts if len(each) == 2 and "<" not in each[0]}
    joining |= {chr(code) for code in (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))}
    alone = _NEIGHBOURLY.sub("", "".join(map(chr, range(sys.maxunicode + 1))))

    compatible = (unicodedata.normalize("NFKC", character)[0] for character in alone)

    assert len(alone) > 40_000
    assert not any(first in joining or unicodedata.combining(first) for first in compatible)


@given(
    st.text(
        alphabet="북한이가힣ー。「」·￡ｶЖёéﬀ₩①北核があ½ŉ´\u00a0\u200b\ufeff a.'’…-\n\u3099\u0301", max_size=40
    )
)
def test_characters_that_are_spelt_by_themselves_are_folded_as_beside_others(text: str) -> None:
    beside = "\u1100"  # a letter of Hangul

    assert fold(f"{text} {beside}") == f"{fold(text)} {beside}".strip()
