"""An item in, what tells its happening from others of its kind out: its day, its classes, and whether it says that there was one before.

All of it is read from words in tables below, in five languages, and read carefully: what is not found says
nothing. A named day is the strongest: a report of "Thursday's launch" tells of no launch of Wednesday. Days
are counted in Korea, where the day begins first among the places our news is about, so that no other place's
name of the day is later than ours.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from watcher.incidents.origins import origins_of
from watcher.model.news import Item
from watcher.text.fold import fold

AGAIN = "again"
"""What `said` holds when a text says that it is not the first."""

_KOREA = timedelta(hours=9)
_WEEK = timedelta(days=7)
_LEAD = 600
_BEFORE = 40


def _any_of(*patterns: str) -> re.Pattern[str]:
    """Return a pattern that finds any of several."""
    return re.compile("|".join(patterns))


_KINDS: dict[str, dict[str, str]] = {
    "flight": {
        "cruise": r"\bcruise missiles?\b|순항\s?미사일|巡航ミサイル|巡航导弹|巡航導彈|巡弋飛彈|крылат\w+ ракет\w*",
        "ballistic": r"\bballistic\b|(?<![a-z])(?:ic|sl)bms?(?![a-z])|탄도|弾道|弹道|彈道|баллистическ\w+|\bмбр\b",
    },
    "range": {
        "short": r"\bshort range\b|(?<![a-z])srbms?(?![a-z])|단거리|短距離|短程|近程|малои дальности",
        "intermediate": r"\b(?:intermediate|medium) range\b|(?<![a-z])[im]rbms?(?![a-z])|중거리|中距離|中程|среднеи дальности",
        "intercontinental": r"(?<![a-z])icbms?(?![a-z])|\bintercontinental\b|\blong range (?:ballistic )?missiles?\b"
        r"|대륙간|大陸間|洲际|洲際|межконтинентальн\w+|\bмбр\b",
    },
    "act": {
        "balloons": r"\bballoons?\b|풍선|気球|风船|風船|气球|氣球|\bшар(?:ы|ов|ами)\b",
        "loudspeakers": r"\bloudspeakers?\b|확성기|拡声器|扩音|擴音|喇叭|громкоговорител\w+",
        "drones": r"\bdrones?\b|무인기|無人機|无人机|\bбеспилотник\w*",
        "shelling": r"\bshell(?:s|ed|ing)\b|\bartillery (?:shells|fire|rounds)\b|포격|포사격|砲撃|砲擊|炮击|炮轰|\bобстрел\w*",
        "roads": r"\b(?:blows?|blew|blown) up\b|폭파|爆破|炸毁|炸毀|\bвзорвал\w*|\bподорвал\w*",
        "hotlines": r"\bhotlines?\b|통신선|通信線|通信連絡線|热线|熱線|联络线|\bгоряч\w+ лини\w+",
    },
}
"""Classes a report may name, by what they are a class of.

Of one axis, two reports that name no class in common differ.
"""

_MARKS = _any_of(
    r"\b(?:hwasong|pukguksong|kn|haeil)\s?\d+\b|\b(?:solid (?:fuel|propellant)|hypersonic|submarine|underwater|over japan|super large)",
    r"(?:화성|북극성|해일)\s?\d+|고체\s?연료|극초음속|잠수함|수중|초대형",
    r"(?:火星|北極星)\s?\d+|固体燃料|極超音速|潜水艦",
    r"固體燃料|高超音速|高超声速|潛艇|潜艇",
    r"хвасон\s?\d+|твердотопливн|гиперзвуков|подводн",
)
"""Names and properties that two happenings of one week seldom share."""

_AXIS_OF = {kind: axis for axis, kinds in _KINDS.items() for kind in kinds}
_PATTERNS = {kind: re.compile(pattern) for kinds in _KINDS.values() for kind, pattern in kinds.items()}

_SETTLED = {"flight": timedelta(hours=3), "act": timedelta(hours=3), "range": timedelta(hours=12)}
"""How long first reports may still name another class of the same thing."""

_ASIDE = _any_of(
    r"(?:\b\w+ (?:hours?|days?|weeks?|months?) )?\b(?:after|following|since|amid|ahead of|despite|in response to|on the heels)\b.*",
    r"\bwhich (?:has|have)\b.*",
    r"\bпосле\b.*",
)
"""What stands after such a word is about something else."""

_SOON = _any_of(
    r"\b(?:second|2nd|third|3rd) (?:\w+ ){0,3}(?:in|within) (?:two|2|three|3) days\b",
    r"\b(?:second|third) (?:\w+ ){0,2}(?:of the|in a|in one|the same) day\b|\b(?:second|third) (?:straight|consecutive) day\b",
    r"\b(?:two|three|third) days? (?:in a row|running)\b|\blater (?:on )?(?:the same day|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    r"\bhours after (?:an? |its |the )?(?:earlier|first|firing|launching|morning)\b",
    r"(?:이틀|사흘)\s?연속|하루\s?만에 또|같은 날|오후에? 또",
    r"[2二]日連続|連日|同じ日",
    r"連續兩天|连续两天|連續第二日|连续第二天|同一天",
    r"второи за (?:день|два дня|сутки)|второи день подряд",
)
"""A second one so soon after the first that the first is still news."""

_DAY_AFTER = re.compile(r"\bday after (?:\w+ ){0,2}(?:launch|fir|test)\w*")
_AGAIN = _any_of(
    r"\bagain\b|\banother\b|\bmore (?:\w+ )?(?:missiles?|projectiles?|rockets?|tests?|launches|balloons?)\b|\bnew launch\b",
    r"\b(?:second|third|fourth|fifth|sixth|seventh|[2-9](?:nd|rd|th)) (?:\w+ ){0,3}(?:in|this) (?:as many |\w+ )?(?:weeks?|days|month)\b",
    r"또 |또다시|다시 |추가 발사",
    r"再び|再度|またも|相次",
    r"再次|又發射|又发射|再射",
    r"снова|вновь|\bеще\b",
)

_OWN_ACCOUNT = _any_of(
    r"\b(?:n(?:orth)? korea|north|pyongyang|dprk|kim) (?:says|said|claim\w*|confirm\w*|announces?|boasts?|hails?|reveals?|releases?)\b",
    r"\bkim jong un\b|\b(?:video|photos?|footage|pictures|images)\b",
    r"김정은|참관|지도하|보도$|주장|공개|발표",
    r"金正恩|立ち会|視察|発表",
    r"报道称|觀摩|观摩|指导",
    r"ким чен ын|заявил\w* об (?:успешн|испыт)\w*",
)
"""Pyongyang tells of it: words, and a leader who looks on."""

_RETOLD = _any_of(
    r"[?？]\s*$|^(?:why|what|how|who|hear|watch|see|listen|opinion|analysis|explainer|explained|timeline|factbox|photos|video)\b",
    r"(?:^|\b)as (?:n(?:orth)? korea|pyongyang|the north) (?:fires?|tests?|launch\w*|ramps)\b",
    r"\bwhat (?:we|you need to|to) know\b|\bexplained\b|\bbriefing\b",
    r"해설|분석|사설|\[?영상\]?",
    r"解説|分析|なぜ|社説",
    r"解读|解讀|为何|為何|社评",
    r"что известно|почему|анализ\b",
)

_WEEKDAYS = (
    ("monday", "월요일", "月曜", "周一", "週一", "星期一", "понедельник"),
    ("tuesday", "화요일", "火曜", "周二", "週二", "星期二", "вторник"),
    ("wednesday", "수요일", "水曜", "周三", "週三", "星期三", "среду"),
    ("thursday", "목요일", "木曜", "周四", "週四", "星期四", "четверг"),
    ("friday", "금요일", "金曜", "周五", "週五", "星期五", "пятницу"),
    ("saturday", "토요일", "土曜", "周六", "週六", "星期六", "субботу"),
    ("sunday", "일요일", "日曜", "周日", "週日", "星期日", "星期天", "воскресенье"),
)
_WEEKDAY_OF = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}
_WEEKDAY = re.compile("|".join(_WEEKDAY_OF))
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = f"(?:{'|'.join(_MONTHS)})"
_MONTH_DAY = re.compile(
    rf"\b(?:(?P<month>{_MONTH})[a-z]*\.? (?P<day>\d\d?)|(?P<day2>\d\d?) (?P<month2>{_MONTH})[a-z]*)\b(?P<year>[.,]? \d{{4}})?"
)
_RUSSIAN_MONTHS = ("янв", "фев", "мар", "апр", "ма", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")
_RUSSIAN_DAY = re.compile(rf"\b(?P<day>\d\d?) (?P<month>{'|'.join(_RUSSIAN_MONTHS)})[а-я]+")
_BARE_DAY = re.compile(
    r"(?<!\d)(?P<day>\d\d?)(?:일|日)(?!\s?(?:만에|간|째|연속|전|후|뒤|부터|까지|간의|間|ぶり|連続|以降|から|まで|后|後|内|內|來|来))"
)
_NOT_ITS_DAY = _any_of(
    r"\b(?:said|says|told|reported|announced|warned|kcna|media|agency|statement|officials?)(?: on| in a statement| early| late)?\s*$",
    r"\b(?:since|after|following|ahead of|before|until|from|next|last|by)(?! midnight)(?: \w+)?(?: on)?\s*$",
    r"(?:통신|신문|방송|매체)[은이는가]?\s*$|(?:報道|は)\s*$",
)
"""What before a day says that it is not the day of the happening: the day of a report of it, or of something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """What tells a happening from others of its kind.

    `day` is the day that is named for it, in Korea; `pictured` is one with its year, as captions have it.
    `marks` are rare names and properties ("hwasong18", "solidfuel"). `again` says that there was one before,
    `soon` that it was less than three days before. `own_account` is Pyongyang's word on it, which comes a day
    late. `retold` is no report: an analysis, a question, a film.
    """

    day: date | None = None
    pictured: date | None = None
    kinds: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    again: bool = False
    soon: bool = False
    own_account: bool = False
    retold: bool = False

    @property
    def said(self) -> frozenset[str]:
        """All that an incident remembers of a report: kinds, marks and `AGAIN`."""
        return self.kinds | self.marks | ({AGAIN} if self.again else frozenset())


@lru_cache(maxsize=256)  # every hit of an item asks, and so does every incident it may belong to
def features_of(item: Item) -> Features:
    """Return what an item says of the happening it reports."""
    title, lead = fold(item.title), fold(item.summary[:_LEAD])
    own_account = bool(_OWN_ACCOUNT.search(title)) or "kcna" in origins_of(item)
    days = sorted(set(_days(f"{title} . {lead}", korean_day(item.seen))))
    soon = bool(_SOON.search(title) or _SOON.search(lead))
    again = soon or bool(_AGAIN.search(_main(title)) or _DAY_AFTER.search(f"{title} . {lead}"))
    return Features(
        day=days[0 if own_account else -1] if days else None,
        pictured=max(_month_days(lead, korean_day(item.seen), with_year=True), default=None),
        kinds=_kinds(title, lead),
        marks=frozenset(found[0].replace(" ", "") for found in _MARKS.finditer(_main(f"{title} . {lead}"))),
        again=again,
        soon=soon,
        own_account=own_account,
        retold=bool(_RETOLD.search(title)),
    )


def korean_day(moment: datetime) -> date:
    """Return the day of a moment in Korea."""
    return (moment + _KOREA).date()


def differ(one: frozenset[str], other: frozenset[str], apart: timedelta) -> bool:
    """Say whether kinds named `apart` are of two happenings: both name the class of something, and no class in common."""
    return any(
        apart >= settled and _disjoint(one & _KINDS[axis].keys(), other & _KINDS[axis].keys())
        for axis, settled in _SETTLED.items()
    )


def _disjoint(one: frozenset[str], other: frozenset[str]) -> bool:
    return bool(one and other) and one.isdisjoint(other)


def _kinds(title: str, lead: str) -> frozenset[str]:
    """Return the classes a text names: the title's word on each axis, else the lead's."""
    named = set(_named(_main(title)))
    axes = {_AXIS_OF[kind] for kind in named}
    return frozenset(named | {kind for kind in _named(_main(lead)) if _AXIS_OF[kind] not in axes})


def _named(text: str) -> Iterator[str]:
    return (kind for kind, pattern in _PATTERNS.items() if pattern.search(text))


def _main(text: str) -> str:
    return _ASIDE.sub("", text)


def _days(text: str, today: date) -> Iterator[date]:
    """Yield the days of the last week that a text names as the day of something."""
    for found in _WEEKDAY.finditer(text):
        if _is_its_day(text, found):
            yield today - timedelta(days=(today.weekday() - _WEEKDAY_OF[found[0]]) % 7)
    yield from _month_days(text, today, with_year=False)
    for found in _RUSSIAN_DAY.finditer(text):
        yield from _lately(today, int(found["day"]), _RUSSIAN_MONTHS.index(found["month"]) + 1)
    for found in _BARE_DAY.finditer(text):
        if _is_its_day(text, found):
            yield from _lately(today, int(found["day"]))


def _month_days(text: str, today: date, *, with_year: bool) -> Iterator[date]:
    for found in _MONTH_DAY.finditer(text):
        if with_year == bool(found["year"]):
            yield from _lately(
                today,
                int(found["day"] or found["day2"]),
                _MONTHS.index(found["month"] or found["month2"]) + 1,
            )


def _is_its_day(text: str, found: re.Match[str]) -> bool:
    return not _NOT_ITS_DAY.search(text[max(0, found.start() - _BEFORE) : found.start()])


def _lately(today: date, day: int, month: int | None = None) -> Iterator[date]:
    """Yield the day of the last week with this number, if there is one."""
    for back in range(_WEEK.days):
        each = today - timedelta(days=back)
        if each.day == day and month in (None, each.month):
            yield each
