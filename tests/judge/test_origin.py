"""Who news comes from, whatever the language and whoever repeats it."""

import pytest

from tests.builders import an_item
from watcher.judge.origin import origins_of, spoken


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("North Korea fires missile, Joint Chiefs of Staff say", {"jcs"}),
        ("JCS: North Korea fires missile", {"jcs"}),
        ("South Korea's military says North fired missile", {"jcs"}),
        ('합참 "북한, 탄도미사일 발사"', {"jcs"}),
        ("韩联参：朝鲜发射导弹", {"jcs"}),
        ("Комитет начальников штабов: КНДР запустила ракету", {"jcs"}),
        ("Japan’s Defence Ministry says missile fell", {"japan-mod"}),
        ("防衛省「北朝鮮がミサイル発射」", {"japan-mod"}),
        ("KCNA: Kim Jong Un guides test", {"kcna"}),
        ("북한 노동신문, 시험발사 보도", {"kcna"}),
        ("朝鮮中央通信「試射に成功」", {"kcna"}),
        ("ЦТАК сообщило об испытании", {"kcna"}),
        ("Indo-Pacific Command aware of launch", {"indopacom"}),
        ("White House condemns launch", {"white-house"}),
        ('국정원 "핵실험 준비"', {"nis"}),
        ("38 North: activity at Yongbyon", {"imagery"}),
        ("Satellite images show activity", {"imagery"}),
        ("IAEA sees activity at Yongbyon", {"iaea"}),
        ("USGS: magnitude 6.3 near Punggye-ri", {"usgs"}),
        ('기상청 "길주서 규모 5.7 인공지진"', {"kma"}),
        ("Chinese state media on the launch", set()),
        ("Russian state news agency: talks in Vladivostok", set()),
        ("US Joint Chiefs brief Congress", set()),
        ("UN Security Council meets", {"un"}),
        ("Joint Chiefs and Japan's Defense Ministry report launch", {"jcs", "japan-mod"}),
        ("North Korea fires missile", set()),
    ],
)
def test_an_item_names_its_origins(title: str, expected: set[str]) -> None:
    assert origins_of(an_item(title)) == expected


def test_an_origin_may_be_named_in_the_summary() -> None:
    assert origins_of(an_item("North Korea fires missile", "The Joint Chiefs of Staff said so")) == {"jcs"}
    assert origins_of(an_item("Statement of the joint", "chiefs of nothing")) == set()


@pytest.mark.parametrize(("owner", "expected"), [("kcna", {"kcna"}), ("usgs", {"usgs"}), ("38north", {"imagery"}), ("yonhap", set())])
def test_some_owners_are_an_origin(owner: str, expected: set[str]) -> None:
    assert origins_of(an_item("Respected Comrade guides farm work", owner=owner)) == expected


def test_origins_are_spoken_of_in_words() -> None:
    assert spoken({"kcna", "jcs"}) == "South Korea's Joint Chiefs and North Korean state media"


def test_an_origin_of_an_older_version_is_spoken_of_by_its_id() -> None:
    assert spoken({"roscosmos", "usgs"}) == "roscosmos and the US Geological Survey"
