"""A term finds the words a reader would say it finds, in every script."""

import pytest

from tests.match.matching import evidence
from watcher.match.terms import compile_term, is_word
from watcher.text.words import CHARACTERS, joins_words

TERMS = [
    # whole words, whatever the spelling
    ("ICBM", "North Korea tests icbm", ["icbm"]),
    ("ICBM", "ICBM.", ["icbm"]),
    ("ICBM", "the (ICBM), again", ["icbm"]),
    ("ICBM", "ICBMs", []),
    ("ICBM", "MICBM", []),
    ("war", "warns of warfare", []),
    ("war", "warns of warfare and war", ["war"]),
    ("Kim Yo-jong", "KIM YO JONG warns", ["kim yo jong"]),
    ("Kim Yo-jong", "Kim Yŏ-jŏng warns", ["kim yo jong"]),
    ("Kim Yo Jong", "Kim Yo-jong's statement", ["kim yo jong"]),
    ("Sinpo", "the Sinp'o shipyard", ["sinpo"]),
    ("Hwasong-19", "Hwasong‑19 and Hwasong 19", ["hwasong 19"]),
    ("ракета", "КНДР: РАКЕТА летит", ["ракета"]),
    ("ракета", "ракетами", []),
    # phrases
    ("ballistic missile", "a ballistic missile", ["ballistic missile"]),
    ("ballistic missile", "a ballistic, missile", []),
    ("ballistic missile", "missile ballistic", []),
    ("ballistic missile", "ballisticmissile", []),
    ("missile ballistic", "missile missile ballistic", ["missile ballistic"]),
    # prefixes
    ("launch*", "launch launches relaunch", ["launch", "launches"]),
    ("launch*", "prelaunch", []),
    ("N Korea*", "N. Korean troops", ["n korean"]),
    ("N Korea*", "N.Korea fires", ["n korea"]),
    ("test* ICBM", "tested ICBM", ["tested icbm"]),
    ("test* ICBM", "tests an ICBM", []),
    ("ракет*", "пуск ракеты", ["ракеты"]),
    (
        "test* of a missile",
        "testing of a missile, tests of a missile",
        ["testing of a missile", "tests of a missile"],
    ),
    # one more character of the word
    ("Hwasong-1?", "Hwasong-17 follows Hwasong-1", ["hwasong 17"]),
    ("Hwasong-1?", "Hwasong-170", []),
    ("Hwasong-1?", "Hwasong-1 7", []),
    ("Hwasong-1?", "Hwasong-1", []),
    ("Hwasong-1?", "Hwasong-1형", []),
    ("wom?n", "women woman womn", ["women", "woman"]),
    ("Hwasong-?? ICBM", "Hwasong-19 ICBM", ["hwasong 19 icbm"]),
    ("missile?*", "missile missiles missiless", ["missiles", "missiless"]),
    # initials and possessives
    ("U.S.", "U.S. troops", ["u s"]),
    ("U.S.", "US troops", []),
    ("North Korea", "North Korea's army", ["north korea"]),
    ("North Korea", "North Korea’s army", ["north korea"]),
    # inside words, where a script does not part them
    ("북한", "북한이 쐈다", ["북한"]),
    ("발사", "시험발사했다", ["발사"]),
    ("ICBM", "북한, ICBM을 발사", ["icbm"]),
    ("ICBM", "신형ICBM을", ["icbm"]),
    ("ICBM", "ICBM급 미사일", ["icbm"]),
    ("ICBM", "ICBMを発射", ["icbm"]),
    ("ICBM", "AICBM을", []),
    ("ミサイル", "弾道ミサイルを発射", ["ミサイル"]),
    ("核", "朝鲜核试验", ["核"]),
    ("화성-19", "화성-19형", ["화성 19"]),
    ("화성-1", "화성-19형", []),
    ("화성-1?", "화성-19형", ["화성 19"]),
    ("火星19", "「火星19」を発射", ["火星19"]),
    ("がん", "かん", []),
    # a blank is optional there
    ("탄도 미사일", "탄도미사일 발사", ["탄도미사일"]),
    ("탄도 미사일", "탄도 미사일 발사", ["탄도 미사일"]),
    ("탄도 미사일", "탄도-미사일 발사", ["탄도 미사일"]),
    ("北朝鮮 ICBM", "北朝鮮ICBM発射", ["北朝鮮icbm"]),
    ("ICBM 발사", "ICBM발사, ICBM 발사", ["icbm발사", "icbm 발사"]),
    ("ICBM 발사", "MICBM발사", []),
    ("대륙간 탄도 미사일", "대륙간탄도 미사일", ["대륙간탄도 미사일"]),
    # a whole word in any script
    ("=北", "北 ミサイル発射", ["北"]),
    ("=北", "北京で会談", []),
    ("=北", "「北」発射", []),
    ("=北", "北외무상 방중", ["北"]),
    ("=北", "대北전단", ["北"]),
    ("=北", "南北정상회담", []),
    ("=북", "북, 미사일 발사", ["북"]),
    ("=북", "북미 회담", []),
    ("=북", "동북 지방", []),
]


@pytest.mark.parametrize(("term", "text", "expected"), TERMS)
def test_a_term_finds_its_words(term: str, text: str, expected: list[str]) -> None:
    assert evidence(f"['{term}']", text) == expected


def test_a_phrase_does_not_run_from_the_title_into_the_summary() -> None:
    assert evidence("[ballistic missile]", "ballistic", "missile") == []
    assert evidence("[탄도 미사일]", "탄도", "미사일") == []


@pytest.mark.parametrize(
    ("term", "key", "lead"),
    [
        ("Kim Yo-jong", "kim yo jong", 0),
        ("launch*", "launch", 0),
        ("Hwasong-1?", "hwasong 1", 0),
        ("wom?nlike", "nlike", 4),
        ("test* of a missile", " of a missile", None),
        ("북한 ICBM", "icbm", None),
    ],
)
def test_the_longest_literal_of_a_term_is_looked_for(term: str, key: str, lead: int | None) -> None:
    pattern = compile_term(term)

    assert (pattern.key, pattern.lead) == (key, lead)


def test_what_is_remembered_of_characters_is_bounded() -> None:
    for code in range(0x10000, 0x10000 + 2 * CHARACTERS):
        is_word(chr(code))
        joins_words(chr(code))

    assert max(each.cache_info().currsize for each in (is_word, joins_words)) <= CHARACTERS
