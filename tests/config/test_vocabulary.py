"""The shipped words for origins and occurrences load, and errors in such a file name their place."""

import re

import pytest

from watcher.config.vocabulary import OriginsModel, load_vocabulary, read_words
from watcher.errors import ConfigError
from watcher.text.fold import fold

ORIGINS = """version: 1
origins:
  jcs: {name: the Joint Chiefs, owners: [mnd], words: {en: ['joint chiefs', 'jcs'], ko: [합참]}}
unnamed: {name: somebody, words: {en: [anonymity]}}
not_a_source: {en: ['photo by jcs']}
agencies:
  ap: {en: ['\\bap\\b'], ko: [ap통신]}
  tass: {ru: [тасс]}
"""


def test_the_words_of_all_languages_are_one_pattern() -> None:
    read = read_words(ORIGINS.encode(), "origins.yaml", OriginsModel)

    assert read.origins["jcs"].words == "joint chiefs|jcs|합참"
    found = re.search(read.agencies, "сообщает тасс")
    assert found
    assert found.lastgroup == "tass"


def test_what_is_no_regular_expression_is_named_with_its_place() -> None:
    wrong = ORIGINS.replace("[anonymity]", "['anonym(']")

    with pytest.raises(ConfigError, match=r"origins\.yaml:4:\d+: .*`anonym\(` is no regular expression"):
        read_words(wrong.encode(), "origins.yaml", OriginsModel)


def test_the_shipped_words_are_folded_as_the_texts_are_in_which_they_are_looked_for() -> None:
    vocabulary = load_vocabulary()

    assert {month: fold(month) for month in vocabulary.months} == {
        month: month for month in vocabulary.months
    }
    assert set(vocabulary.months.values()) == set(range(1, 13))
    assert re.compile(vocabulary.weekdays).groups == 7
    assert all(re.search(origin.words, "") is None for origin in vocabulary.origins.values())
