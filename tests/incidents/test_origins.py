"""Who news comes from, whatever the language and whoever repeats it."""

import pytest

from tests.builders import VOCABULARY, an_item
from watcher.incidents.occurrence import features_of
from watcher.incidents.origins import UNNAMED, in_a_sentence
from watcher.model.news import Item

ENGLISH = [
    ("North Korea fires missile, Joint Chiefs of Staff say", {"jcs"}),
    ("JCS: North Korea fires missile", {"jcs"}),
    ("South Korea's military says North fired missile", {"jcs"}),
    ("South Korean defence ministry sees no sign of a test", {"jcs"}),
    ("Japan’s Defence Ministry says missile fell", {"japan-mod"}),
    ("Japan coast guard warns ships", {"japan-mod"}),
    ("Chief Cabinet Secretary: launch cannot be tolerated", {"japan-mod"}),
    ("KCNA: Kim Jong Un guides test", {"kcna"}),
    ("North Korean state media hail the launch", {"kcna"}),
    ("Pentagon aware of launch", {"pentagon"}),
    ("US Forces Korea: no immediate threat", {"pentagon"}),
    ("USFK says it consults with allies", {"pentagon"}),
    ("The U.S. military assesses the launch", {"pentagon"}),
    ("Indo-Pacific Command aware of launch", {"indopacom"}),
    ("White House condemns launch", {"white-house"}),
    ("State Department urges dialogue with Pyongyang", {"state-department"}),
    ("South Korea's presidential office calls emergency meeting", {"presidential-office"}),
    ("Blue House calls an emergency meeting", {"presidential-office"}),
    ("Unification Ministry: North did not answer the hotline", {"unification"}),
    ("South Korea's spy agency sees preparations", {"nis"}),
    ("UN Command investigates the crossing", {"un-command"}),
    ("38 North: activity at Yongbyon", {"imagery"}),
    ("Satellite images show activity", {"imagery"}),
    ("IAEA sees activity at Yongbyon", {"iaea"}),
    ("USGS: magnitude 6.3 near Punggye-ri", {"usgs"}),
    ("UN Security Council meets", {"un"}),
    ("Kremlin: Putin to visit Pyongyang", {"kremlin"}),
    ("Yonhap, citing the Joint Chiefs of Staff, reports a launch", {"jcs"}),
    ("Joint Chiefs and Japan's Defense Ministry report launch", {"jcs", "japan-mod"}),
    ("North Korea ready to launch, says a U.S. official who asked not to be named", {UNNAMED}),
    ("A senior official, speaking on condition of anonymity, said a test is near", {UNNAMED}),
    ("Sources familiar with the matter expect a launch", {UNNAMED}),
    ("A JCS official who declined to be named said two missiles flew", {"jcs"}),
    ("North Korea fires missile", set()),
]
KOREAN = [
    ('합참 "북한, 탄도미사일 발사"', {"jcs"}),
    ("국방부 “도발에 단호히 대응”", {"jcs"}),
    ('일본 방위성 "탄도미사일 가능성"', {"japan-mod"}),
    ("북한 노동신문, 시험발사 보도", {"kcna"}),
    ("조선중앙통신은 김정은이 참관했다고 보도했다", {"kcna"}),
    ('미 국방부 "발사 인지"', {"pentagon"}),
    ('주한미군 "즉각적 위협 아냐"', {"pentagon"}),
    ("인도태평양사령부, 발사 규탄", {"indopacom"}),
    ('백악관 "대화에 열려 있어"', {"white-house"}),
    ("미 국무부 대변인 논평", {"state-department"}),
    ("대통령실, NSC 긴급 소집", {"presidential-office"}),
    ("청와대 국가안보실 회의", {"presidential-office"}),
    ('통일부 "북한, 정기통화 무응답"', {"unification"}),
    ('국정원 "핵실험 준비"', {"nis"}),
    ('유엔사 "정전협정 위반 조사"', {"un-command"}),
    ("위성사진에 차량 움직임 포착", {"imagery"}),
    ('기상청 "길주서 규모 5.7 인공지진"', {"kma"}),
    ("군 소식통은 발사 준비가 끝났다고 전했다", {UNNAMED}),
    ("익명을 요구한 정부 관계자가 말했다", {UNNAMED}),
    ('연합뉴스는 합참을 인용해 "2발 발사"라고 전했다', {"jcs"}),
]
JAPANESE = [
    ("防衛省「北朝鮮がミサイル発射」", {"japan-mod"}),
    ("官房長官「断じて容認できない」", {"japan-mod"}),
    ("韓国軍合同参謀本部が発表", {"jcs"}),
    ("朝鮮中央通信「試射に成功」", {"kcna"}),
    ("在韓米軍、発射を確認", {"pentagon"}),
    ("米国防総省の報道官が述べた", {"pentagon"}),
    ("ホワイトハウスが非難声明", {"white-house"}),
    ("韓国大統領室が緊急会議", {"presidential-office"}),
    ("韓国統一省「北朝鮮は応答せず」", {"unification"}),
    ("韓国の国家情報院が国会に報告", {"nis"}),
    ("衛星写真で車両の動き", {"imagery"}),
    ("気象庁、自然地震ではないと発表", {"jma"}),
    ("政府筋によると発射の兆候がある", {UNNAMED}),
]
CHINESE = [
    ("韩联参：朝鲜发射导弹", {"jcs"}),
    ("韩国军方称朝鲜发射两枚导弹", {"jcs"}),
    ("日本防卫省通报朝鲜发射", {"japan-mod"}),
    ("朝中社报道试射成功", {"kcna"}),
    ("五角大楼回应朝鲜发射", {"pentagon"}),
    ("駐韓美軍：未構成直接威脅", {"pentagon"}),
    ("白宫谴责发射", {"white-house"}),
    ("韩国总统室召开紧急会议", {"presidential-office"}),
    ("韩国统一部：朝方未接电话", {"unification"}),
    ("国情院：朝鲜准备核试", {"nis"}),
    ("中国地震台网测定5.9级地震", {"cenc"}),
    ("消息人士说，发射准备已就绪", {UNNAMED}),
]
RUSSIAN = [
    ("Комитет начальников штабов: КНДР запустила ракету", {"jcs"}),
    ("Минобороны Японии сообщило о запуске", {"japan-mod"}),
    ("ЦТАК сообщило об испытании", {"kcna"}),
    ("Пентагон следит за ситуацией", {"pentagon"}),
    ("Белый дом осудил запуск", {"white-house"}),
    ("В Кремле подтвердили визит в КНДР", {"kremlin"}),
    ("Офис президента Южной Кореи созвал совещание", {"presidential-office"}),
    ("Спутниковые снимки показали активность", {"imagery"}),
    ("Источник в Сеуле рассказал о подготовке", {UNNAMED}),
]
NO_SOURCE = [
    "Chinese state media on the launch",
    "Russian state news agency: talks in Vladivostok",
    "US Joint Chiefs brief Congress",
    "Ukrainian presidential office on North Korean troops",
    "Kim Jong Un in a photo released by KCNA",
    "A missile on parade (KCNA via Reuters)",
    "State media have not reported the launch",
    "North Korea's launch breaches United Nations resolutions",
    "A launch banned under Security Council resolutions",
    "북한, 안보리 결의 위반 미사일 발사",
    "조선중앙통신은 발사 사실을 보도하지 않았다",
    "安保理決議に違反する発射",
    "国営メディアは発射を報じていない",
    "朝鲜发射导弹，违反安理会决议",
    "朝中社未报道此次发射",
    "Запуск нарушает резолюции Совета Безопасности ООН",
]


def origins_of(item: Item) -> frozenset[str]:
    return features_of(item, VOCABULARY).origins


@pytest.mark.parametrize(("title", "expected"), [*ENGLISH, *KOREAN, *JAPANESE, *CHINESE, *RUSSIAN])
def test_an_item_names_its_origins(title: str, expected: set[str]) -> None:
    assert origins_of(an_item(title)) == expected


@pytest.mark.parametrize("title", NO_SOURCE)
def test_a_name_in_another_role_is_no_origin(title: str) -> None:
    assert origins_of(an_item(title)) == set()


def test_an_origin_may_be_named_in_the_summary() -> None:
    assert origins_of(an_item("North Korea fires missile", "The Joint Chiefs of Staff said so")) == {"jcs"}
    assert origins_of(an_item("Statement of the joint", "chiefs of nothing")) == set()


@pytest.mark.parametrize(
    ("owner", "expected"),
    [("kcna", {"kcna"}), ("usgs", {"usgs"}), ("38north", {"imagery"}), ("yonhap", set())],
)
def test_some_owners_are_an_origin(owner: str, expected: set[str]) -> None:
    assert origins_of(an_item("Respected Comrade guides farm work", owner=owner)) == expected


@pytest.mark.parametrize(
    ("text", "publisher"),
    [
        ("SEOUL (Reuters) - North Korea fired a missile", "reuters"),
        ("By the Associated Press", "ap"),
        ("Seoul (AFP) A missile flew", "afp"),
        ("Yonhap reported, citing the JCS", "yonhap"),
        ("연합뉴스에 따르면 2발이다", "yonhap"),
        ("共同通信が伝えた", "kyodo"),
        ("新华社首尔电", "xinhua"),
        ("Сообщает ТАСС", "tass"),
        ("A soldier looks on. (AP Photo)", "daily"),
        ("Nobody is credited", "daily"),
    ],
)
def test_what_an_outlet_takes_from_an_agency_is_the_agencys(text: str, publisher: str) -> None:
    assert (
        features_of(an_item("North Korea fires missile", text, owner="daily"), VOCABULARY).publisher
        == publisher
    )


def test_a_sentence_names_origins_in_words() -> None:
    assert (
        in_a_sentence({"kcna", "jcs"}, VOCABULARY)
        == "South Korea's Joint Chiefs and North Korean state media"
    )
    assert in_a_sentence({UNNAMED}, VOCABULARY) == "somebody who would not be named"


def test_every_origin_has_a_name() -> None:
    named = {
        origin for _, expected in [*ENGLISH, *KOREAN, *JAPANESE, *CHINESE, *RUSSIAN] for origin in expected
    }

    assert named <= VOCABULARY.origins.keys() | {UNNAMED}


def test_an_origin_of_an_older_version_is_named_by_its_id() -> None:
    assert in_a_sentence({"roscosmos", "usgs"}, VOCABULARY) == "roscosmos and the US Geological Survey"
