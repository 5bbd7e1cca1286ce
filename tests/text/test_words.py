"""Words and sentences are found where a reader of that language would find them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.text.strange import any_text
from watcher.text.fold import fold
from watcher.text.words import is_spaced, joins_words, lay_out, runs, without_parts, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("north korea fires icbm, seoul says", ["north", "korea", "fires", "icbm", "seoul", "says"]),
        ("북한이 미사일을 발사", ["북한이", "미사일을", "발사"]),
        ("icbm을 쐈다", ["icbm", "을", "쐈다"]),
        ("北朝鮮ミサイル", ["北朝", "鮮ミ", "サイ", "ル"]),
        ("кндр запустила 2 ракеты", ["кндр", "запустила", "2", "ракеты"]),
        ("... !", []),
        ("", []),
    ],
)
def test_words_are_counted_as_a_translation_would(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("one sentence", ["one sentence"]),
        ("it flew. it fell! did it? yes", ["it flew.", "it fell!", "did it?", "yes"]),
        ("it ended.", ["it ended."]),
        ("it rose 3.5 percent", ["it rose 3.5 percent"]),
        ("飛翔体を発射。海に落下", ["飛翔体を発射。", "海に落下"]),
        ("title\nsummary", ["title", "summary"]),
        ("wire | north korea fires", ["wire |", "north korea fires"]),
        ("kim warns… seoul waits", ["kim warns…", "seoul waits"]),
    ],
)
def test_sentences_end_at_stops_and_line_ends(text: str, sentences: list[str]) -> None:
    layout = lay_out(text)
    ends = [*layout.sentences[1:], len(text)]

    assert [text[start:end].strip() for start, end in zip(layout.sentences, ends, strict=True)] == sentences


def test_a_place_is_told_its_word_and_sentence() -> None:
    text = "kim spoke. seoul answered"
    layout = lay_out(text)

    assert [layout.word_at(text.index(word)) for word in words(text)] == [0, 1, 2, 3]
    assert layout.word_at(text.index("spoke") + 3) == 1
    assert layout.word_at(text.index(".")) == 1
    assert [layout.sentence_at(text.index(word)) for word in words(text)] == [0, 0, 1, 1]


def test_a_place_before_the_first_word_has_no_word() -> None:
    assert lay_out("! kim").word_at(0) == -1


def test_scripts_are_told_apart_by_whether_they_part_words() -> None:
    assert all(map(joins_words, "北核발ㅂがパ々"))
    assert not any(map(joins_words, "aщα7 ."))
    assert all(map(is_spaced, "aщα7é"))
    assert not any(map(is_spaced, "北발が .-"))


@pytest.mark.parametrize(
    ("found", "longest"),
    [
        (("北朝鮮", "朝鮮", "落下", "落下か", "発射"), ("北朝鮮", "落下か", "発射")),
        (("north korea", "launch", "launched", "korea", "un"), ("north korea", "launched", "un")),
        (("icbm", "icbm", "ro"), ("icbm", "ro")),
        ((), ()),
    ],
)
def test_of_words_that_are_parts_of_each_other_the_longest_stay(
    found: tuple[str, ...], longest: tuple[str, ...]
) -> None:
    assert without_parts(found) == longest


@given(any_text)
def test_every_word_is_where_the_layout_says(text: str) -> None:
    folded = fold(text)
    layout = lay_out(folded)

    assert [
        folded.startswith(word, start) for word, start in zip(words(folded), layout.starts, strict=True)
    ] == [True] * len(layout.starts)
    assert layout.sentences[0] == 0
    assert sorted(set(layout.sentences)) == list(layout.sentences)


@given(st.text(st.characters(max_codepoint=127)))
def test_a_word_is_the_same_whatever_script_stands_beside_it(text: str) -> None:
    folded = fold(text)

    assert runs(f"{folded} 발") == [*runs(folded), "발"]
