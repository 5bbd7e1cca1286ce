"""An item in, who its news comes from out: the origin, as opposed to the outlet that repeats it.

Twenty rewrites of one wire have one origin. Where a text names none, the origin is unknown, and the incident counts its owner.
"""

import re
from collections.abc import Iterable

from watcher.model.news import Item
from watcher.text.fold import fold

_ORIGINS: dict[str, tuple[str, ...]] = {
    "jcs": (
        "joint chiefs",
        "jcs",
        "south korea military",
        "south korean military",
        "seoul military",
        "s korea military",
        "합참",
        "합동참모본부",
        "韓国軍",
        "韓国合同参謀",
        "韩联参",
        "韓聯參",
        "联合参谋本部",
        "聯合參謀本部",
        "комитет начальников штабов",
        "окнш",
    ),
    "japan-mod": (
        "japan defense minis",
        "japan defence minis",
        "japanese defense minis",
        "japanese defence minis",
        "japan coast guard",
        "防衛省",
        "海上保安庁",
        "일본 방위성",
        "日本防卫省",
        "日本防衛省",
        "министерство обороны японии",
        "минобороны японии",
    ),
    "kcna": (
        "kcna",
        "state media",
        "state news agency",
        "rodong sinmun",
        "조선중앙통신",
        "노동신문",
        "朝鮮中央通信",
        "労働新聞",
        "朝中社",
        "朝鲜中央通讯社",
        "цтак",
    ),
    "indopacom": ("indo pacific command", "indopacom", "인도태평양사령부", "インド太平洋軍", "印太司令部"),
    "white-house": ("white house", "백악관", "ホワイトハウス", "白宫", "白宮", "белый дом"),
    "nis": (
        "national intelligence service",
        "south korea spy agency",
        "south korean spy agency",
        "국정원",
        "국가정보원",
        "国家情報院",
        "国情院",
        "國情院",
    ),
    "imagery": (
        "38 north",
        "beyond parallel",
        "satellite image",
        "satellite photo",
        "commercial imagery",
        "위성사진",
        "衛星写真",
        "衛星画像",
        "卫星图像",
        "衛星圖像",
        "спутниковые снимки",
    ),
    "iaea": ("iaea", "international atomic energy agency", "국제원자력기구", "国際原子力機関", "国际原子能机构", "國際原子能", "магатэ"),
    "usgs": ("usgs", "geological survey"),
    "kma": ("korea meteorological", "기상청", "韓国気象庁"),
    "jma": ("japan meteorological", "日本気象庁", "気象庁"),
    "cenc": ("china earthquake", "地震局", "地震台网", "地震台網"),
    "un": ("security council", "united nations", "안보리", "安保理", "安理会", "安理會", "совет безопасности оон", "совбез"),
}
"""Each origin with the folded words that name it."""

_SPOKEN = {
    "jcs": "South Korea's Joint Chiefs",
    "japan-mod": "Japan's defence ministry or coast guard",
    "kcna": "North Korean state media",
    "indopacom": "US Indo-Pacific Command",
    "white-house": "the White House",
    "nis": "South Korea's intelligence service",
    "imagery": "imagery analysts",
    "iaea": "the IAEA",
    "usgs": "the US Geological Survey",
    "kma": "South Korea's weather service",
    "jma": "Japan's weather service",
    "cenc": "China's earthquake centre",
    "un": "the United Nations",
}

_SOMEBODY_ELSES = re.compile(
    r"\b(?:(?:chinese|china|russian|russia|iranian|iran|syrian|vietnamese|cuban) state (?:run )?(?:media|news agency|tv|television)"
    r"|(?:u s|us|american|pentagon) joint chiefs|chair(?:man)? of the joint chiefs)"
)
"""Phrases that name another country's office by the words of one of these."""

_OWNERS = {"kcna": "kcna", "rodong": "kcna", "usgs": "usgs", "iaea": "iaea", "38north": "imagery", "un": "un"}
"""Owners of feeds that are themselves an origin."""


def origins_of(item: Item) -> frozenset[str]:
    """Return the origins that an item names; empty when it names none."""
    text = _SOMEBODY_ELSES.sub(" ", fold(f"{item.title} . {item.summary}"))
    named = {origin for origin, words in _ORIGINS.items() if any(word in text for word in words)}
    if item.owner in _OWNERS:
        named.add(_OWNERS[item.owner])
    return frozenset(named)


def spoken(origins: Iterable[str]) -> str:
    """Return origins as a sentence names them; one that only an older version knew is named by its id."""
    return " and ".join(_SPOKEN.get(origin, origin) for origin in sorted(origins))
