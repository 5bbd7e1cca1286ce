"""A term or regular expression as typed in, the same out, or a ValueError that says why it cannot be used."""

import re
from collections.abc import Collection

import re2

from watcher.config.typed import shown
from watcher.text.fold import fold
from watcher.text.suggest import did_you_mean

MAX_TERM = 200
MAX_REGEX = 1000

_NAME = re.compile(r"\$[A-Za-z0-9][A-Za-z0-9_.-]*")
_STAR_INSIDE = re.compile(r"\*(?=\S)")
_ESCAPED = re.compile(r"\\[pP]\{[^}]*\}|\\[pP]?.|\(\?P?<\w+>|\[:\w+:\]|\(\?[a-zA-Z-]+[:)]")
_EVERYDAY = (
    ("the weather is fine today", "she bought two red apples", "our train was late again"),
    ("오늘은 날씨가 좋다", "사과 두 개를 샀다", "기차가 또 늦었다"),
    ("今日は天気がいい", "りんごを二つ買った", "電車がまた遅れた"),
    ("сегодня хорошая погода", "она купила два яблока", "поезд снова опоздал"),
)


def term(typed: object) -> str:
    """Take words to look for: a word, a phrase, `launch*`, `Hwasong-1?`."""
    if not isinstance(typed, str):
        raise ValueError(f"expected a term, found {shown(typed)}")  # noqa: TRY004 - one kind of error for everything typed
    folded = fold(typed)
    if not typed.strip():
        raise ValueError("an empty term is in every text; write a word or remove it")
    if len(typed) > MAX_TERM:
        advice = f"at most {MAX_TERM} are taken, and a phrase of a few words finds more"
        raise ValueError(f"a term of {len(typed):,} characters; {advice}")
    letters = [character for character in folded if character.isalnum()]
    if not letters:
        raise ValueError(f"{shown(typed)} has no letter or digit")
    if len(letters) == 1 and letters[0].isascii():
        raise ValueError(f"{shown(typed)} is one letter, which is in nearly every text; write a longer term")
    if _STAR_INSIDE.search(folded):
        advice = "`*` stands at the end of a word, as in launch*; use `?` for one character inside it"
        raise ValueError(f"{shown(typed)}: {advice}")
    return typed.strip()


def reference(typed: str, entities: Collection[str]) -> str:
    """Take `$name`, the name of an entity that is written down."""
    if not _NAME.fullmatch(typed):
        raise ValueError(
            f"{shown(typed)} is no name of an entity; write $ and its id, as in $dprk, alone in its term"
        )
    if typed[1:] not in entities:
        raise ValueError(f"unknown entity `{typed}`{did_you_mean(typed, (f'${name}' for name in entities))}")
    return typed


def regex(typed: object) -> str:
    """Take a regular expression that runs in linear time and says something."""
    if not isinstance(typed, str):
        raise ValueError(f"expected a regular expression, found {shown(typed)}")  # noqa: TRY004 - one kind of error for everything typed
    if len(typed) > MAX_REGEX:
        raise ValueError(f"a regular expression of {len(typed):,} characters; at most {MAX_REGEX} are taken")
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(typed, options)
    except re2.error as error:
        reason = error.args[0]
        said = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"this regular expression cannot run in linear time or is wrong: {said}") from error
    if any(
        len(found.group()) == 0 for everyday in _EVERYDAY for found in compiled.finditer(f"{everyday[0]} 0")
    ) or compiled.search(""):
        raise ValueError("this regular expression matches the empty text, so it matches everything")
    if any(all(compiled.search(sentence) for sentence in everyday) for everyday in _EVERYDAY):
        raise ValueError("this regular expression matches nearly any text; name something it must contain")
    if "(?i" not in typed and (large := re.search(r"[A-Z]", _ESCAPED.sub("", typed))):
        raise ValueError(
            f"text is compared in small letters, so `{large[0]}` is never found; write `{large[0].lower()}`"
        )
    return typed
