"""What is true of reading quakes: how strong, how deep, how far, in the words of any service."""

from dataclasses import replace

import pytest

from tests.builders import a_list, an_item
from watcher.match import compile_list
from watcher.match.seismic import km_between, quake_of
from watcher.model.alerts import Hit
from watcher.model.language import Claim, Severity
from watcher.model.news import Point

SITE = Point(latitude=41.30, longitude=129.08)
LIST = """indicators:
  - {id: quake, category: provocation, severity: high,
     seismic: {near: [41.30, 129.08], km: 50, magnitude: 3.5, depth: 10}}
"""


def quake(title: str, summary: str = "", point: Point | None = SITE) -> tuple[float, float | None] | None:
    found = quake_of(replace(an_item(title, summary), point=point))
    return (found.magnitude, found.depth) if found else None


def hits(title: str, *, north: float = 0, depth: float | None = None) -> tuple[Hit, ...]:
    """Return the hits of a quake so many degrees north of the site."""
    point = replace(SITE, latitude=SITE.latitude + north, depth=depth)
    return compile_list(a_list(LIST)).match(replace(an_item(title), point=point))


@pytest.mark.parametrize(
    ("title", "summary", "read"),
    [
        ("M 6.3 - 22 km ENE of Sungjibaegam, North Korea", "Depth 0.00 km (0.00 mi)", (6.3, 0.0)),
        ("M6 quake", "", (6.0, None)),
        ("ML  3.1  NORTH KOREA", "depth: 10 km", (3.1, 10.0)),
        ("mb 4.5 - Korea", "Tiefe unbekannt", (4.5, None)),
        ("Mww 5.3", "", (5.3, None)),
        ("Earthquake of magnitude 4.2 strikes", "", (4.2, None)),
        ("함북 길주군 규모 3.2 지진", "발생깊이 : 5 km", (3.2, 5.0)),
        ("朝鲜发生3.4级地震", "震源深度12千米", (3.4, 12.0)),
        ("震级 5.7", "深さ10km", (5.7, 10.0)),
        ("Северная Корея: магнитуда 4.6", "глубина 8 км", (4.6, 8.0)),
        ("Earthquake", "Magnitude: 4.1. Depth: 7 km", (4.1, 7.0)),
        ("mb_Lg 4.4 KOREA", "", (4.4, None)),
        ("mbLg 4.3 KOREA", "", (4.3, None)),
        ("MLv 3.9", "", (3.9, None)),
        ("Mwr 4.7", "", (4.7, None)),
        ("Mwp 5.2 - mpv 5.0", "", (5.2, None)),
        ("Ms_20 5.9", "", (5.9, None)),
        ("Mjma 4.8", "", (4.8, None)),
        ("Magnitude(mb) 5.0 - Korea", "", (5.0, None)),
        ("5.2-magnitude quake 12 km NW of Kilju", "10 km deep", (5.2, 10.0)),
        ("A 4.9 magnitude earthquake", "", (4.9, None)),
        ("Quake measures 6.1 on the Richter scale", "", (6.1, None)),
        ("Quake of 5.3Mw, 4.9 mb", "", (5.3, None)),
        ("A magnitude-5.4 quake", "", (5.4, None)),
        ("Ｍ５．１の地震", "深さ１０ｋｍ", (5.1, 10.0)),
        ("北朝鮮の地震の規模5.1", "", (5.1, None)),
        ("地震の規模（マグニチュード）は5.3と推定", "", (5.3, None)),
        ("地震の規模は5.1", "", (5.1, None)),
        ("지진 규모는 5.2", "깊이 7㎞", (5.2, 7.0)),
        ("규모(ML) 3.4", "", (3.4, None)),
        ("землетрясение магнитудой 3,9", "на глубине 5,5 км", (3.9, 5.5)),
        ("Erdbeben der Magnitude 4,7", "", (4.7, None)),
        ("Magnitude 2,134 m above sea", "", None),
        ("A tremor was felt", "", None),
        ("Film 6.3 wins", "", None),
        ("20 km NNE of Kilju", "", None),
    ],
)
def test_a_quake_is_read_in_the_words_of_its_service(
    title: str, summary: str, read: tuple[float, float | None] | None
) -> None:
    assert quake(title, summary) == read


def test_an_item_without_a_place_reports_no_quake() -> None:
    assert quake("M 6.3 - North Korea", point=None) is None


def test_a_depth_that_the_feed_says_in_a_field_of_its_own_counts_first() -> None:
    assert quake("M 6.3", "Depth 33 km", replace(SITE, depth=0.0)) == (6.3, 0.0)


def test_a_size_that_the_feed_says_in_a_field_of_its_own_counts_first() -> None:
    assert quake("Green alert, M 4", "Magnitude 4.1", replace(SITE, magnitude=5.3)) == (5.3, None)


def test_distance_is_along_the_great_circle() -> None:
    assert km_between(SITE, SITE) == 0
    assert km_between(SITE, Point(latitude=39.03, longitude=125.75)) == pytest.approx(379, abs=1)
    assert km_between(
        Point(latitude=0, longitude=179.5), Point(latitude=0, longitude=-179.5)
    ) == pytest.approx(111, abs=1)
    assert km_between(Point(latitude=90, longitude=0), Point(latitude=-90, longitude=0)) == pytest.approx(
        20_015, abs=1
    )


def test_a_strong_and_shallow_quake_near_the_point_is_a_guess_at_a_test() -> None:
    (hit,) = hits("M 5.1 - 20 km NNE of Kilju", north=0.1, depth=0)

    assert (hit.indicator, hit.claim, hit.severity) == ("quake", Claim.SPECULATED, Severity.HIGH)
    assert hit.evidence == ("magnitude 5.1", "0 km deep", "11 km away")


@pytest.mark.parametrize(("title", "north", "depth"), [("M 3.4", 0, 0), ("M 5.1", 0.5, 0), ("M 5.1", 0, 11)])
def test_a_weak_a_far_and_a_deep_quake_are_none(title: str, north: float, depth: float) -> None:
    assert hits(title, north=north, depth=depth) == ()


def test_a_quake_of_unknown_depth_counts() -> None:
    assert hits("M 5.1")[0].evidence[1] == "depth not said"


def test_an_indicator_of_quakes_reads_no_words() -> None:
    assert compile_list(a_list(LIST)).match(an_item("M 5.1 quake near Punggye-ri, North Korea")) == ()
