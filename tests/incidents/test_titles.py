"""How alike two titles are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watcher.incidents.titles import likeness, numbers, same_story, wording

titles = st.text(alphabet=st.sampled_from("kim warns 12 북한발사核。 "), max_size=30)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("The Army of North Korea says it fired at the sea", {"army", "north", "korea", "fired", "sea"}),
        ("북한, 미사일 2발 발사", {"북한", "미사", "사일", "2", "발", "발사"}),
        ("核実験", {"核実", "実験"}),
        ("核", {"核"}),
        ("ICBM을 발사", {"icbm", "을", "발사"}),
        ("Kim Yŏ-jŏng’s WARNING", {"kim", "yo", "jong", "warning"}),
        ("", set()),
        ("... !", set()),
    ],
)
def test_a_title_is_made_of_its_words_or_of_pairs_of_characters(title: str, expected: set[str]) -> None:
    assert wording(title) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Kim warns South Korea over leaflets", "KIM warns the South Korea over leaflets", True),
        ("Kim warns South Korea over leaflets", "Kim visits a farm in Chagang", False),
        ("North Korea fires 2 missiles into sea", "North Korea fires 3 missiles into sea", False),
        ("North Korea fires missiles into sea", "North Korea fires 3 missiles into sea", False),
        ("김여정, 남측에 대북전단 경고", "김여정 남측에 대북전단 경고", True),
        ("김여정, 남측에 대북전단 경고", "김정은, 농장 방문", False),
        ("", "", True),
        ("", "Kim warns", False),
    ],
)
def test_the_same_story_has_the_same_numbers_and_most_of_the_words(
    one: str, other: str, *, same: bool
) -> None:
    assert same_story(wording(one), wording(other)) == same


def test_most_of_the_words_is_a_matter_of_degree() -> None:
    one, other = wording("kim warns seoul again"), wording("kim warns seoul today")

    assert likeness(one, other) == 0.6
    assert same_story(one, other, least=0.6)
    assert not same_story(one, other, least=0.61)


def test_numbers_are_the_words_with_a_digit() -> None:
    assert numbers(wording("Hwasong-17 flew 1,000 km on 3rd day")) == {"17", "1", "000", "3rd"}


@given(titles, titles)
def test_likeness_is_mutual_and_a_title_is_like_itself(one: str, other: str) -> None:
    first, second = wording(one), wording(other)

    assert likeness(first, second) == likeness(second, first)
    assert 0 <= likeness(first, second) <= 1
    assert same_story(first, first)
