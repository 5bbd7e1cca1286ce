"""A date as a feed or a person writes it in, an aware UTC moment out; None rather than a guess.

Feed libraries read `KST` as UTC and `2026.02.27` as another day, without a word. So this reads the raw text:
ISO 8601, RFC 822 with zones by name, days in numbers where they can only be meant one way, and Korean,
Japanese and Chinese ones, with years of the Juche era, of emperors and of the Republic of China. A time
without a zone, and the beginning of a bare day, is in the zone of the feed. What is ambiguous (03/04/2026),
impossible (month 13), a count of seconds, or in a zone nobody knows is None.

Eras and East Asian words are rewritten to digits first; then the clock and the day of the week are cut out,
so that only a few shapes of day are left.
"""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo

_LONGEST = 80

# texts, which `re` compiles when they are first asked for: few dates are written so
_DAY_WORDS = r"(?<!\d)(\d\d)?(\d\d)\s*[년年]\s*(\d{1,2})\s*[월月]\s*(\d{1,2})\s*[일日号號]?"
_MONTH_WORDS = r"(?i)\b(янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)[а-я]*\.?|(?<=\d{4})\s*г(?:ода|\.)"
_RUSSIAN = "янв фев мар апр мая июн июл авг сен окт ноя дек"
_CLOCK_WORDS = r"(\d{1,2})\s*[시時时点點](?:\s*(\d{1,2})\s*[분分])?(?:\s*(\d{1,2})\s*[초秒])?"
_WEEKDAY_WORDS = (
    r"(?i)\(.{1,3}\)|[월화수목금토일]요일|[日月火水木金土]曜日?|(?:星期|周)[一二三四五六日天]"
    r"|\b(?:пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг|пятница|суббота|воскресенье)\b[.,]*"
)
_HALVES = {"오전": " AM ", "午前": " AM ", "上午": " AM ", "오후": " PM ", "午後": " PM ", "下午": " PM "}

_ERAS = {
    **dict.fromkeys(("주체", "主体", "主體", "チュチェ", "juche", "민국", "民国", "民國"), 1911),
    "令和": 2018,
    "r": 2018,
    "平成": 1988,
    "h": 1988,
}
"""The year before the first of each."""
_ERA = (
    r"(?i)(주체|主体|主體|チュチェ|juche|민국|民国|民國|令和|平成|^r|^h)\s*(\d{1,3}|元)\s*(?:\(\s*(\d{4})\s*\)\s*)?"
    r"(?=[년年.\-/\s,)]|$)"
)
_WEEKDAY = r"(?i)\b(mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?"
_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_CLOCK = (
    r"(?i)(?:(?<=\d)T|\b(?P<early>[AP])M\s+)?(?<!\d)(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<late>[AP])\.?M\b\.?)?(?:\s*[(\[]?(?P<zone>(?:[A-Z]{2,4}\s?)?[+-]\d{1,2}(?::?\d{2})?(?!\d)|[A-Z][A-Z_/]*)[)\]]?)?"
    r"(?:(?<=\d\d)\s*[(\[]?[A-Z]{3,4}\b[A-Z_/]*[)\]]?)?"
)
_YEAR_FIRST = (
    r"(?i)(?P<year>\d{4})(?:-|/|\.\s?|,?\s)(?P<month>\d{1,2}|[a-z]{3,9})(?:-|/|\.\s?|\s)(?P<day>\d{1,2})\.?"
)
_DAY_FIRST = (
    r"(?i)(?:[a-z]+\.?,?\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:-|\s)(?P<month>[a-z]{3,9})\.?,?(?:-|\s)"
    r"(?P<year>\d{2}|\d{4})"
)
_MONTH_FIRST = (
    r"(?i)(?:[a-z]+\.?,?\s+)?(?P<month>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})"
)
_NUMBERS = r"(\d{1,2})(-|/|\.\s?|\s)(\d{1,2})\2(\d{4}|\d{2})\.?"
_IN_PATH = re.compile(
    r"(?<=[/_-])(?:[A-Z]{2,4})?(?P<year>199\d|20[0-4]\d)"
    r"(?:[-/]?(?P<month>\d\d)[-/]?(?P<day>\d\d)(?:(?!\d)|(?=(?:[01]\d|2[0-3])[0-5]\d))"
    r"|/(?P<named>\d{1,2}|[a-z]{3})/(?P<number>\d{1,2})(?=/|$)|/(?P<part>\d\d)/)"
)
_OFFSET = r"(?i)(?:GMT|UTC|UT)?\s?([+-])(\d{1,2}?):?(\d{2})?"

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_SHORT = {name[:3].capitalize(): number for number, name in enumerate(_MONTHS, start=1)}
_USUAL = re.compile(
    rf"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?([0-9]{{1,2}}) ({'|'.join(_SHORT)}) ([0-9]{{4}})"
    r" ([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))? ([+-](?:0[0-9]|1[0-3])[0-5][0-9]|GMT)"
)
"""A date as most RSS feeds write it. The other ways would read the same, and take twenty times as long."""
_EAST_OF_GREENWICH = """
    -10 HST / -9 AKST / -8 PST AKDT / -7 MST PDT / -6 CST MDT / -5 EST CDT / -4 AST EDT / -3 ADT
    / 0 Z UT UTC GMT WET / 1 BST WEST CET MEZ / 2 CEST MESZ EET SAST / 3 EEST MSK EUROPE/MOSCOW / 5 PKT
    / 5.5 IST / 7 ICT WIB / 8 HKT SGT PHT MYT AWST ASIA/SHANGHAI ASIA/TAIPEI ASIA/HONG_KONG
    / 9 KST JST ASIA/SEOUL ASIA/TOKYO ASIA/PYONGYANG / 9.5 ACST / 10 AEST VLAT / 11 AEDT / 12 NZST / 13 NZDT
"""
"""Hours, and the zones that are so far ahead. RFC 822 settles CST as American."""
_ZONES = {
    name: float(hours) for hours, *names in map(str.split, _EAST_OF_GREENWICH.split(" / ")) for name in names
}


_SEOUL, _TOKYO = timezone(timedelta(hours=9), "KST"), timezone(timedelta(hours=9), "JST")
_BEIJING = timezone(timedelta(hours=8), "CST")
_AT_HOME = {"ko": _SEOUL, "ja": _TOKYO, "zh": _BEIJING}


def zone_of(language: str) -> tzinfo:
    """Return the zone of times that feeds of a language write without one; UTC where it tells no place."""
    return _AT_HOME.get(language[:2].lower(), UTC)


def days_in(address: str, zone: tzinfo) -> tuple[datetime, datetime] | None:
    """Return when the first and the last day begin that the path of an address names: one day, or a month."""
    found = _IN_PATH.search(address)
    if not found:
        return None
    year, month = int(found["year"]), _month(found["month"] or found["named"] or found["part"])
    try:
        day = int(found["day"] or found["number"] or 0)
        first, last = (day, day) if day else (1, monthrange(year, month)[1])
        begins, ends = (datetime(year, month, day, tzinfo=zone).astimezone(UTC) for day in (first, last))
    except ValueError:
        return None
    return begins, ends


def parse_date(text: str, zone: tzinfo = UTC) -> datetime | None:
    """Return the moment a text names, aware and UTC, or None when it names none for certain.

    `zone` holds where the text names none, and is meant where it names an ambiguous one by its short name.
    """
    try:
        if usual := _USUAL.fullmatch(text):
            return _usual(*usual.groups())
        text = unicodedata.normalize("NFKC", text[: _LONGEST + 1]).strip()
        if not text or len(text) > _LONGEST:
            return None
        return _iso(text, zone) or _spelled(_without_words(text), zone)
    except (ValueError, OverflowError):
        return None


def _usual(
    day: str, month: str, year: str, hours: str, minutes: str, seconds: str | None, zone: str
) -> datetime:
    moment = datetime(
        int(year), _SHORT[month], int(day), int(hours), int(minutes), int(seconds or 0), tzinfo=UTC
    )
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:])) if len(zone) == 5 else timedelta()
    return moment + offset if zone[0] == "-" else moment - offset


def _iso(text: str, zone: tzinfo) -> datetime | None:
    if not text[:4].isdecimal() or (text.isdecimal() and len(text) not in {8, 12, 14}):
        return None
    if text.isdecimal() and text[:2] not in {"19", "20"}:
        return None
    try:
        moment = datetime.fromisoformat(f"{text[:8]}T{text[8:]}" if text.isdecimal() and text[8:] else text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _without_words(text: str) -> str:
    """Rewrite eras, and Korean, Japanese, Chinese and Russian dates and times, to digits and English."""
    text = re.sub(
        _ERA, lambda found: found[3] or str(_ERAS[found[1].lower()] + int(found[2].replace("元", "1"))), text
    )
    if text.isascii():
        return text
    text = re.sub(_DAY_WORDS, lambda found: f"{found[1] or 20}{found[2]}-{found[3]}-{found[4]} ", text)
    text = re.sub(
        _CLOCK_WORDS, lambda found: f"{found[1]}:{found[2] or '00':0>2}:{found[3] or '00':0>2}", text
    )
    text = re.sub(_MONTH_WORDS, _month_in_english, re.sub(_WEEKDAY_WORDS, " ", text))
    for word, half in _HALVES.items():
        text = text.replace(word, half)
    return text


def _month_in_english(found: re.Match[str]) -> str:
    word = (found[1] or "").lower().replace("май", "мая")
    return f" {_MONTHS[_RUSSIAN.split().index(word)]} " if word else " "


def _spelled(text: str, zone: tzinfo) -> datetime | None:
    clock = re.search(_CLOCK, text)
    rest = text[: clock.start()] + " " + text[clock.end() :] if clock else text
    weekday = re.search(_WEEKDAY, rest)
    rest = re.sub(r"\([^()]*\)|\bat\b", " ", re.sub(_WEEKDAY, " ", rest))
    day = _day(" ".join(rest.split()).strip(" ,-"), weekday[1][:3].lower() if weekday else "", zone)
    if day is None:
        return None
    if clock is None:
        return day.replace(tzinfo=zone).astimezone(UTC)
    hour, half = int(clock["hour"]), (clock["early"] or clock["late"] or "").upper()
    if half:
        hour = hour % 12 + (12 if half == "P" else 0)
    if (hour, int(clock["minute"])) == (24, 0):
        hour, day = 0, day + timedelta(days=1)
    second = min(int(clock["second"] or 0), 59)
    moment = day.replace(hour=hour, minute=int(clock["minute"]), second=second)
    there = _zone(clock["zone"] or "", moment, zone)
    return moment.replace(tzinfo=there).astimezone(UTC) if there else None


def _day(text: str, weekday: str, zone: tzinfo) -> datetime | None:
    """Return the beginning of the day that a text names, still without a zone."""
    shapes = (re.fullmatch(shape, text) for shape in (_YEAR_FIRST, _DAY_FIRST, _MONTH_FIRST))
    if (found := next(filter(None, shapes), None)) is None:
        days = {day for day in _days_of_numbers(text, zone) if weekday in {"", _WEEK[day.weekday()]}}
        return days.pop() if len(days) == 1 else None
    month = _month(found["month"])
    return datetime(_year(found["year"]), month, int(found["day"])) if month else None  # noqa: DTZ001


def _month(word: str) -> int:
    """Return the month of a number or an English name, 0 where it is none."""
    if word.isdecimal():
        return int(word)
    names = enumerate(_MONTHS, start=1)
    return next((number for number, name in names if word.lower() in {name, name[:3], name[:4]}), 0)


def _days_of_numbers(text: str, zone: tzinfo) -> Iterator[datetime]:
    """Yield every day that three numbers may mean: who writes the year last may begin with day or month."""
    if not (found := re.fullmatch(_NUMBERS, text.lstrip("'\u2019"))):
        return
    first, mark, second, last = found.groups()
    orders = [(last, second, first)]
    if not mark.startswith("."):  # with dots the day comes first
        orders.append((last, first, second))
    if len(last) == 2:  # in East Asia the year comes first
        year_first = (first, second, last)
        eastern = datetime(2000, 1, 1, tzinfo=zone).utcoffset() in {timedelta(hours=8), timedelta(hours=9)}
        orders = [year_first] if eastern else orders if mark.startswith(".") else [*orders, year_first]
    for year, month, day in orders:
        try:
            yield datetime(_year(year), int(month), int(day))  # noqa: DTZ001
        except ValueError:
            continue


def _year(digits: str) -> int:
    year = int(digits)
    return year + (2000 if year < 50 else 1900) if len(digits) == 2 else year  # as RFC 2822 says


def _zone(name: str, moment: datetime, zone: tzinfo) -> tzinfo | None:
    """Return the zone of a name; none is the feed's own, an unknown or impossible one is None."""
    if name.upper() in {"", moment.replace(tzinfo=zone).tzname()}:
        return zone
    if name.upper() in _ZONES:
        return timezone(timedelta(hours=_ZONES[name.upper()]))
    if not (found := re.fullmatch(_OFFSET, name)):
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if offset > timedelta(hours=14):
        return None
    return timezone(-offset if found[1] == "-" else offset)
