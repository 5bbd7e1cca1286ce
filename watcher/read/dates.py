"""A date as a feed or a person writes it in, an aware UTC moment out; None rather than a guess.

Feed libraries read `KST` as UTC and `2026.02.27` as another day, without a word. So this reads the raw text:
ISO 8601, RFC 822 with zones by name, year-first dates with dots, slashes or spaces, and Korean, Japanese and
Chinese ones. A bare day is 00:00 UTC and a time without a zone is UTC. What is ambiguous (03/04/2026),
impossible (month 13), a count of seconds, or in a zone nobody knows is None.

East Asian words are rewritten to digits first; then the clock is cut out, so that only three shapes of day
are left.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta

_LONGEST = 80

_DAY_WORDS = re.compile(r"(\d{4})\s*[년年]\s*(\d{1,2})\s*[월月]\s*(\d{1,2})\s*[일日号號]?")
_CLOCK_WORDS = re.compile(r"(\d{1,2})\s*[시時时点點](?:\s*(\d{1,2})\s*[분分])?(?:\s*(\d{1,2})\s*[초秒])?")
_WEEKDAY_WORDS = re.compile(
    r"\(.{1,3}\)|[월화수목금토일]요일|[日月火水木金土]曜日?|(?:星期|周)[一二三四五六日天]"
)
_HALVES = {"오전": " AM ", "午前": " AM ", "上午": " AM ", "오후": " PM ", "午後": " PM ", "下午": " PM "}

_CLOCK = re.compile(
    r"(?:(?<=\d)T|\b(?P<early>[AP])M\s+)?(?<!\d)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<late>[AP])\.?M\b\.?)?(?:\s*(?P<zone>[A-Z]{0,4}[+-]\d{1,2}(?::?\d{2})?(?!\d)|[A-Z][A-Z_/]*))?",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?:-|/|\.\s?|\s)(?P<month>\d{1,2})(?:-|/|\.\s?|\s)(?P<day>\d{1,2})\.?"
)
_DAY_FIRST = re.compile(
    r"(?:[a-z]+\.?,?\s+)?(?P<day>\d{1,2})(?:-|\s)(?P<month>[a-z]{3,9})\.?,?(?:-|\s)(?P<year>\d{2}|\d{4})",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    r"(?:[a-z]+\.?,?\s+)?(?P<month>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:GMT|UTC|UT)?([+-])(\d{1,2}?):?(\d{2})?", re.IGNORECASE)

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_EAST_OF_GREENWICH = """
    -10 HST / -9 AKST / -8 PST AKDT / -7 MST PDT / -6 CST MDT / -5 EST CDT / -4 AST EDT / -3 ADT
    / 0 Z UT UTC GMT WET / 1 BST WEST CET MEZ / 2 CEST MESZ EET SAST / 3 EEST MSK / 5 PKT / 5.5 IST
    / 7 ICT WIB / 8 HKT SGT PHT MYT AWST / 9 KST JST / 9.5 ACST / 10 AEST VLAT / 11 AEDT / 12 NZST / 13 NZDT
"""
"""Hours, and the zones that are so far ahead. RFC 822 settles CST as American."""
_ZONES = {
    name: float(hours) for hours, *names in map(str.split, _EAST_OF_GREENWICH.split("/")) for name in names
}


def parse_date(text: str) -> datetime | None:
    """Return the moment a text names, aware and UTC, or None when it names none for certain."""
    text = unicodedata.normalize("NFKC", text[: _LONGEST + 1]).strip()
    if not text or len(text) > _LONGEST:
        return None
    try:
        return _iso(text) or _spelled(_without_words(text))
    except (ValueError, OverflowError):
        return None


def _iso(text: str) -> datetime | None:
    if not text[:4].isdecimal() or (text.isdecimal() and len(text) != len("20260227")):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _without_words(text: str) -> str:
    """Rewrite Korean, Japanese and Chinese dates and times to digits."""
    if text.isascii():
        return text
    text = _DAY_WORDS.sub(r"\1-\2-\3 ", text)
    text = _CLOCK_WORDS.sub(lambda found: f"{found[1]}:{found[2] or '00':0>2}:{found[3] or '00':0>2}", text)
    text = _WEEKDAY_WORDS.sub(" ", text)
    for word, half in _HALVES.items():
        text = text.replace(word, half)
    return text


def _spelled(text: str) -> datetime | None:
    clock = _CLOCK.search(text)
    rest = text[: clock.start()] + " " + text[clock.end() :] if clock else text
    rest = re.sub(r"\([^()]*\)|\bat\b", " ", rest)
    day = _day(" ".join(rest.split()).strip(" ,"))
    if day is None or clock is None:
        return day
    offset = _offset(clock["zone"])
    if offset is None:
        return None
    hour, half = int(clock["hour"]), (clock["early"] or clock["late"] or "").upper()
    if half:
        hour = hour % 12 + (12 if half == "P" else 0)
    second = min(int(clock["second"] or 0), 59)
    return (day.replace(hour=hour, minute=int(clock["minute"]), second=second) - offset).astimezone(UTC)


def _day(text: str) -> datetime | None:
    found = next(
        filter(None, (shape.fullmatch(text) for shape in (_YEAR_FIRST, _DAY_FIRST, _MONTH_FIRST))), None
    )
    if found is None:
        return None
    year, word = int(found["year"]), found["month"].lower()
    if len(found["year"]) == 2:
        year += 2000 if year < 50 else 1900  # as RFC 2822 says
    if word.isdecimal():
        month = int(word)
    else:
        names = enumerate(_MONTHS, start=1)
        month = next((number for number, name in names if word in {name, name[:3], name[:4]}), 0)
    return datetime(year, month, int(found["day"]), tzinfo=UTC) if month else None


def _offset(zone: str | None) -> timedelta | None:
    """Return how far a zone is ahead of UTC: no zone is UTC, an unknown or impossible one is None."""
    if not zone:
        return timedelta()
    if zone.upper() in _ZONES:
        return timedelta(hours=_ZONES[zone.upper()])
    found = _OFFSET.fullmatch(zone)
    if not found:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if offset > timedelta(hours=14):
        return None
    return -offset if found[1] == "-" else offset
