"""A text and what its feed names in, the languages it is written in out."""

import pytest

from watcher.match.languages import languages_of


@pytest.mark.parametrize(
    ("text", "named", "languages"),
    [
        pytest.param("north korea fires missile", "", {"en"}, id="Latin, and nothing named"),
        pytest.param(
            "north korea fires missile", "ru", {"en"}, id="an English headline of a feed in another script"
        ),
        pytest.param("corea del norte lanza un misil", "es-MX", {"es"}, id="Latin: the feed decides"),
        pytest.param(
            "le nord lance son 1er missile à vue", "fr", {"fr"}, id="Latin with accents: the feed decides"
        ),
        pytest.param("北 미사일 발사", "", {"ko"}, id="Hangul among Han"),
        pytest.param("北朝鮮がミサイル", "zh", {"ja"}, id="kana, whatever is named"),
        pytest.param("北朝鮮 弾道弾発射", "ja", {"ja"}, id="Han alone in a Japanese feed"),
        pytest.param("朝鮮發射導彈", "", {"zh"}, id="Han alone"),
        pytest.param("朝鮮發射導彈 icbm", "zh-Hant", {"zh", "en"}, id="Han and Latin"),
        pytest.param("кндр запустила ракету", "", {"ru"}, id="Cyrillic"),
        pytest.param("1234", "", {"en"}, id="no letters"),
    ],
)
def test_the_script_says_the_language_and_the_feed_where_scripts_are_shared(
    text: str, named: str, languages: set[str]
) -> None:
    assert languages_of(text, named) == languages
