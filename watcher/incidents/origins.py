"""An item in, who its news comes from out: the origin, as opposed to the outlet that repeats it; and who first published it.

Twenty rewrites of one wire have one origin. Where a text names none, the origin is unknown. A name counts
only where it may be the source: not as the credit of a photo, not in "state media have not reported it", not
in the resolutions that every launch breaches, and not as the office of another country. An unnamed official
counts where nobody is named: "a JCS official" is the JCS.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from watcher.model.news import Item
from watcher.text.fold import fold

UNNAMED = "unnamed"
"""The origin of what somebody said who would not be named."""

_ORIGINS: dict[str, tuple[str, ...]] = {
    "jcs": (
        r"joint chiefs|\bjcs\b|\bs(?:outh)? korean? (?:army|navy|air force|marines|(?:national )?defen[cs]e minist\w+)",
        r"\bs(?:outh)? korean? military(?! (?:drills?|exercises?|bases?|aircraft|training))",
        r"\bseoul (?:military|defen[cs]e minist\w+)",
        r"합참|합동참모본부|(?<!미 )(?<!미국 )(?<!일본 )(?<!중국 )(?<!러시아 )국방부",
        r"韓国軍|韓国(?:の)?合同参謀|韓国(?:の)?国防(?:省|部)",
        r"[韩韓][国國]?(?:联参|聯參|军方|軍方|国防部|國防部|军队|軍隊)|[联聯]合[参參][谋謀](?:本部|总部)|^[韩韓][军軍]",
        r"комитет\w* начальников штабов|\bокнш\b|(?:южнокореиск\w+|южнои кореи) (?:военн\w+|минобороны)",
        r"минобороны (?:южнои кореи|республики корея)",
    ),
    "japan-mod": (
        r"\bjapan(?:ese)? (?:defen[cs]e minis\w+|ministry of defen[cs]e|coast guard|government|prime minister|chief cabinet secretary)",
        r"\bchief cabinet secretary\b",
        r"방위성|일본 (?:정부|해상보안청)",
        r"防衛省|海上保安庁|官房長官|日本政府|首相官邸",
        r"日本(?:防卫省|政府|海上保安[厅廳])|内阁官房长官|內閣官房長官",
        r"(?:министерств\w+ обороны|минобороны|правительств\w+|береговая охрана) японии|японск\w+ (?:минобороны|правительств\w+)",
    ),
    "kcna": (
        r"\bkcna\b|\bstate (?:run |news )?(?:media|news agency|television|tv|broadcaster)\b|\brodong sinmun\b",
        r"\bkorean central news agency\b",
        r"조선중앙(?:통신|tv|텔레비전|방송)|[노로]동신문|북한 (?:매체|관영)",
        r"朝鮮中央(?:通信|テレビ)|労働新聞|国営メディア",
        r"朝中社|朝[鲜鮮]中央通[讯訊]社|[劳勞][动動]新[闻聞]|(?:朝[鲜鮮]|北韓)官(?:媒|方媒[体體])",
        r"\bцтак\b|центральн\w+ телеграфн\w+ агентств\w+ кореи|государственн\w+ (?:сми|информагентств\w+) кндр",
    ),
    "pentagon": (
        r"\bpentagon\b|\bus forces korea\b|\busfk\b",
        r"\b(?:u s|us|american) military(?! (?:drills?|exercises?|bases?|aircraft|presence|forces|training))",
        r"\b(?:u s|us|american) (?:defen[cs]e department|department of defen[cs]e)\b",
        r"\bdepartment of war\b",
        r"주한미군|펜타곤|미국? 국방부|미군 당국",
        r"国防総省|ペンタゴン|在韓米軍|米軍は",
        r"五角大[楼廈樓]|[驻駐][韩韓]美[军軍]|美[国國][国國]防部|美[军軍][称稱]",
        r"пентагон\w*|минобороны сша|американск\w+ военн\w+",
    ),
    "indopacom": (
        r"\bindo pacific command\b|\bindopacom\b",
        r"인도태평양사령부",
        r"インド太平洋軍",
        r"印太司令部",
        r"индо тихоокеанск\w+ командовани\w+",
    ),
    "white-house": (r"\bwhite house\b", r"백악관", r"ホワイトハウス", r"白[宫宮]", r"\bбел\w+ дом\w*\b"),
    "state-department": (
        r"\bstate department\b|\bdepartment of state\b",
        r"국무부",
        r"国務省",
        r"美[国國][国國][务務]院",
        r"госдеп\w*",
    ),
    "presidential-office": (
        r"\bpresidential office\b|\bblue house\b|\bcheong wa dae\b",
        r"\bs(?:outh)? korean? (?:presidential|national security (?:office|council))",
        r"대통령실|청와대|국가안보실",
        r"韓国大統領[室府]|大統領室",
        r"[韩韓][国國][总總][统統](?:[室府]|[办辦]公室)|[总總][统統]室|青瓦[台臺]",
        r"(?:администраци\w+|офис\w*|канцеляри\w+) президента (?:южнои кореи|республики корея)|голуб\w+ дом\w*",
    ),
    "unification": (
        r"\bunification minist\w+",
        r"통일부",
        r"韓国統一[省部]|統一省",
        r"[韩韓][国國]?[统統]一部",
        r"министерств\w+ (?:по делам )?(?:воссоединения|объединения)|минобъединения",
    ),
    "nis": (
        r"\bnational intelligence service\b|\bs(?:outh)? korean? (?:spy agency|intelligence agency|spies)|\bseoul spy agency\b",
        r"국정원|국가정보원",
        r"国家情報院|韓国情報機関",
        r"[国國]情院|[国國]家情[报報]院",
        r"национальн\w+ служб\w+ разведки|разведк\w+ южнои кореи|южнокореиск\w+ разведк\w+",
    ),
    "un-command": (
        r"\b(?:un|united nations) command\b",
        r"유엔군?사령부|유엔사",
        r"国連軍司令部",
        r"[联聯]合[国國][军軍]司令部",
        r"командовани\w+ (?:воиск )?оон",
    ),
    "imagery": (
        r"\b38 north\b|\bbeyond parallel\b|\b(?:satellite|commercial) (?:image\w*|photo\w*|pictures?)",
        r"38노스|위성\s?(?:사진|영상|이미지)",
        r"38ノース|衛星(?:写真|画像)",
        r"北[纬緯]38度|[卫衛]星(?:[图圖]像|照片|影像|[图圖]片)",
        r"спутников\w+ (?:снимк\w+|фото\w*)",
    ),
    "iaea": (
        r"\biaea\b|\binternational atomic energy agency\b|\batomic watchdog\b",
        r"국제원자력기구",
        r"国際原子力機関",
        r"[国國][际際]原子能",
        r"\bмагатэ\b",
    ),
    "usgs": (
        r"\busgs\b|\bgeological survey\b",
        r"미국?\s?지질조사국",
        r"米地質調査所",
        r"美[国國]地[质質]",
        r"геологическ\w+ служб\w+ сша",
    ),
    "kma": (
        r"\bkorea meteorological\b|\bs(?:outh)? korean? (?:weather|meteorological)",
        r"(?<!일본 )기상청",
        r"韓国気象庁",
        r"[韩韓][国國][气氣]象[厅廳]",
        r"метеорологическ\w+ (?:управлени\w+|служб\w+) (?:южнои )?кореи",
    ),
    "jma": (
        r"\bjapan meteorological\b",
        r"일본 기상청",
        r"(?<!韓国)気象庁",
        r"日本[气氣]象[厅廳]",
        r"метеорологическ\w+ (?:управлени\w+|агентств\w+) японии",
    ),
    "cenc": (
        r"\bchina earthquake\b",
        r"중국\s?지진",
        r"中国地震局",
        r"地震局|地震[台臺][网網]",
        r"китаиск\w+ сеисм\w+",
    ),
    "un": (
        r"\bsecurity council\b|\bunited nations\b(?! command)",
        r"안보리|유엔(?!군?사)",
        r"安保理|国連(?!軍)",
        r"安理[会會]|[联聯]合[国國](?![军軍])",
        r"совет\w* безопасности оон|\bсовбез\w*",
    ),
    "china": (
        r"\bchin(?:a|ese) foreign minist\w+",
        r"중국 외교부",
        r"中国外務省",
        r"中[国國]外交部",
        r"мид (?:китая|кнр)",
    ),
    "kremlin": (r"\bkremlin\b", r"크렘린", r"クレムリン|ロシア大統領府", r"克里姆林[宫宮]", r"\bкремл\w+"),
}
"""Each origin with the folded words that name it in English, Korean, Japanese, Chinese and Russian; folded, the short и is и."""

_SPOKEN = {
    "jcs": "South Korea's Joint Chiefs",
    "japan-mod": "Japan's defence ministry or coast guard",
    "kcna": "North Korean state media",
    "pentagon": "the Pentagon or US forces in Korea",
    "indopacom": "US Indo-Pacific Command",
    "white-house": "the White House",
    "state-department": "the US State Department",
    "presidential-office": "South Korea's presidential office",
    "unification": "South Korea's unification ministry",
    "nis": "South Korea's intelligence service",
    "un-command": "the UN Command",
    "imagery": "imagery analysts",
    "iaea": "the IAEA",
    "usgs": "the US Geological Survey",
    "kma": "South Korea's weather service",
    "jma": "Japan's weather service",
    "cenc": "China's earthquake centre",
    "un": "the United Nations",
    "china": "China's foreign ministry",
    "kremlin": "the Kremlin",
    UNNAMED: "somebody who would not be named",
}

_UNNAMED = (
    r"\bcondition of anonymity\b|\b(?:asked|declined|refused|wished) (?:not )?to be (?:named|identified)\b",
    r"\bnot (?:to be named|authori[sz]ed to (?:speak|discuss))",
    r"\b(?:unnamed|unidentified|anonymous) (?:\w+ ){0,3}(?:officials?|sources?)\b",
    r"\bsources? (?:familiar|close|with knowledge|said|say|told)\b",
    r"\b(?:us|american|s(?:outh)? korean|japanese|western) (?:\w+ ){0,2}(?:official|source)s? (?:said|says?|told|who)\b",
    r"\b(?:u s|senior|military|defen[cs]e|intelligence|government) (?:official|source)s? (?:said|says?|told|who)\b",
    r"익명|소식통|정부 (?:고위 )?(?:관계자|당국자)|군 (?:관계자|당국)|고위 (?:관계자|당국자)",
    r"匿名|消息筋|政府筋|軍事筋|関係者(?:によると|が明らか|は)",
    r"不愿透露姓名|不願透露姓名|[不未]具名|消息人士|知情人士",
    r"анонимност\w+|неназванн\w+|\bисточник\w* (?:в|сообщил\w*|агентства)|собеседник\w* агентства",
)
"""Words of those who would not be named."""

_NO_SOURCE = (
    r"\b(?:photo|image|picture|footage|video|handout)s?\b[^.]{0,60}\b(?:by|from|of|via)\b[^.]{0,30}\b(?:kcna|state (?:media|tv))",
    r"\b(?:provided|released|distributed) by (?:north koreas? )?(?:the )?korean central news agency\b",
    r"\bkcna (?:via|photo|website|building)\b(?: \w+)?|\bphoto (?:by )?(?:kcna|reuters|afp|ap)\b",
    r"\b(?:ap|afp|reuters|yonhap|kyodo) photo\b|\bvia (?:reuters|ap|afp|getty)\b",
    r"\b(?:kcna|state (?:media|news agency)|rodong sinmun) (?:ha[sv]e?|had|did|does|do|was|were|is|are) (?:yet )?(?:not|silent|to)\b[^.]*",
    r"\b(?:kcna|state (?:media|news agency)|rodong sinmun) (?:made no|remain(?:ed|s)? silent|stayed (?:silent|quiet))\b[^.]*",
    r"\bno (?:mention|word|report|comment)[^.]{0,30}\b(?:kcna|state (?:media|news agency)|rodong sinmun|pentagon|white house)",
    r"\b(?:u n|un|united nations)(?: security council)? (?:resolutions?|sanctions|bans?)\b",
    r"\bsecurity council (?:resolutions?|sanctions|bans?)\b",
    r"\b(?:chinese|china|russian|russia|iranian|iran|syrian|vietnamese|cuban) state (?:run )?(?:media|news agency|tv|television)",
    r"\b(?:ukrain\w+|turkish|polish|french|philippine|taiwan\w*) presidential office|\b(?:u s|us|american|pentagon) joint chiefs",
    r"\bchair(?:man)? of the joint chiefs",
    r"(?:사진|캡처|자료사진)\s?=?\s?(?:조선중앙(?:통신|tv)|노동신문|연합뉴스)",
    r"(?:조선중앙(?:통신|tv)|노동신문)\s?(?:캡처|사진|홈페이지)",
    r"(?:안보리|유엔)(?: 안보리)? (?:대북)?\s?(?:제재|결의)",
    r"(?:조선중앙통신|노동신문|북한 매체)\S{0,2} [^.]{0,30}(?:보도하지 않|침묵|언급하지 않|보도가 없)",
    r"朝鮮中央通信[=＝]\s?(?:共同|ロイター|聯合)|(?:朝鮮中央通信|労働新聞|国営メディア)[^。]{0,20}(?:報じていない|言及していない|沈黙)",
    r"(?:安保理|国連)(?:の)?(?:制裁|決議)",
    r"(?:朝中社|官媒)(?:[图圖]片|供[图圖]|照片)",
    r"(?:朝中社|官媒|[劳勞][动動]新[闻聞])[^。]{0,12}(?:未[报報][道导]|[没沒]有[报報][道導]|未提及)",
    r"(?:安理[会會]|[联聯]合[国國])(?:涉朝|[对對]朝)?(?:[决決][议議]|制裁)",
    r"фото\w* цтак|резолюци\w+ (?:совета безопасности )?(?:оон|совбеза)(?: оон)?|санкци\w+ (?:совбеза )?оон",
)
"""Phrases in which a name is no source, or is another country's."""

_OWNERS = {"kcna": "kcna", "rodong": "kcna", "usgs": "usgs", "iaea": "iaea", "38north": "imagery", "un": "un"}
"""Owners of feeds that are themselves an origin."""

_WIRES = {
    "reuters": r"\breuters\b|로이터|ロイター|路透|\bреитер\w*",
    "ap": r"\bassociated press\b|\bap\b|ap통신|ap通信|美[联聯]社",
    "afp": r"\bafp\b|agence france presse|法新社",
    "yonhap": r"\byonhap\b|연합뉴스|聯合ニュース|[韩韓][联聯]社|\bр?енхап\b",
    "kyodo": r"\bkyodo\b|교도통신|共同通信|共同社|\bкиодо\b",
    "xinhua": r"\bxinhua\b|신화통신|新[华華]社|\bсиньхуа\b",
    "tass": r"\btass\b|타스통신|タス通信|塔斯社|\bтасс\b",
    "bloomberg": r"\bbloomberg\b|블룸버그|ブルームバーグ|彭博",
}
"""News agencies, whose words outlets repeat under their own names."""

_NAMES = {origin: re.compile("|".join(words)) for origin, words in _ORIGINS.items()}
_NOBODY = re.compile("|".join(_UNNAMED))
_OTHERWISE = re.compile("|".join(_NO_SOURCE))
_AGENCY = re.compile("|".join(f"(?P<{wire}>{names})" for wire, names in _WIRES.items()))


@lru_cache(maxsize=256)  # every hit of an item asks; it keeps the item, and so no more than a poll brings
def origins_of(item: Item) -> frozenset[str]:
    """Return the origins that an item names; empty when it names none."""
    text = _sources(item)
    named = {origin for origin, names in _NAMES.items() if names.search(text)}
    if item.owner in _OWNERS:
        named.add(_OWNERS[item.owner])
    if not named and _NOBODY.search(text):
        named.add(UNNAMED)
    return frozenset(named)


@lru_cache(maxsize=256)
def publisher_of(item: Item) -> str:
    """Return who published an item first: the agency it credits, else the owner of the feed."""
    found = _AGENCY.search(_sources(item))
    return (found and found.lastgroup) or item.owner


def spoken(origins: Iterable[str]) -> str:
    """Return origins as a sentence names them; one that only an older version knew is named by its id."""
    return " and ".join(_SPOKEN.get(origin, origin) for origin in sorted(origins))


def spoken_origins() -> Mapping[str, str]:
    """Return every origin we recognise, and how a sentence names it."""
    return dict(_SPOKEN)


def _sources(item: Item) -> str:
    """Return an item's text, folded, without the phrases in which a name is no source."""
    return _OTHERWISE.sub(" ", fold(f"{item.title} . {item.summary}"))
