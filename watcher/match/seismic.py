"""An item of an earthquake service in, its quake out, and why an indicator does not look for such a quake.

Services say the place in a way of its own (GeoRSS) and the rest in words: "M 6.3 - 22 km ENE of
Sungjibaegam", "Depth: 10 km", 규모 3.2.
"""

import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from watcher.model.language import SeismicPattern
from watcher.model.news import Item, Point

_EARTH_KM = 6371.0
_KINDS = (
    r"m(?:ag(?:nitud[eo]?)?|[bcdehilntvw]|b_?lg|bv|l[hrv]|lsn|s(?:_?20|z|_?bb)?|w[bcprw]|wpd|j(?:ma)?|pva?)?"
    r"|규모|マグニチュード|震级|震級|规模|規模|магнитуд[а-я]*"
)
"""How catalogues and news call the size of a quake: the kinds of magnitude, and words."""
_PARTICLES = "는은가이의はが為为是約约达達"
_BETWEEN = (
    rf"(?:[\s:=~){_PARTICLES}\-]|\(\w{{0,5}}\)|\b(?:of|at|about|around|was|is|up to|до|около|в|составила)\b)*"
)
_SIZE = r"(10|\d)([.,]\d{1,2})?(?![.,]?\d)"
_MAGNITUDE = re.compile(rf"(?<![a-z])(?:{_KINDS}){_BETWEEN}{_SIZE}(?!\s?km)", re.IGNORECASE)
_BEFORE = re.compile(
    r"(?<![\d.,])(\d)([.,]\d{1,2})?"
    r"(?:\s?[级級]|\s?m[wlbs]\b|[\s-]magnitude|\s(?:on the richter|по шкале рихтера))",
    re.IGNORECASE,
)
_KM = r"(?:km|kilomet|킬로|キロ|公里|千米|км)"
_DEPTH = re.compile(
    rf"(?:depth|깊이|深さ|深度|глубин[а-я]*)\D{{0,12}}?(\d{{1,3}})([.,]\d{{1,2}})?\s?{_KM}"
    rf"|(?<![\d.,])(\d{{1,3}})([.,]\d{{1,2}})?\s?{_KM}s?\s(?:deep|depth)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quake:
    """An earthquake as an item reports it; a depth of None was not said."""

    point: Point
    magnitude: float
    depth: float | None


def quake_of(item: Item) -> Quake | None:
    """Return the quake an item reports, or None when it names no place or no magnitude."""
    if item.point is None:
        return None
    title, summary = (unicodedata.normalize("NFKC", text) for text in (item.title, item.summary))
    sizes = (item.point.magnitude, _magnitude(title), _magnitude(summary))
    size = next((each for each in sizes if each is not None), None)
    if size is None:
        return None
    depth = item.point.depth if item.point.depth is not None else _depth(f"{title}\n{summary}")
    return Quake(point=item.point, magnitude=size, depth=depth)


def missing(quake: Quake, seismic: SeismicPattern) -> Iterator[str]:
    """Yield why a quake is not one that is looked for; a depth that was not said is no reason."""
    if (away := km_between(quake.point, seismic.near)) > seismic.km:
        yield f"{away:.0f} km away is farther than {seismic.km:g} km"
    if quake.magnitude < seismic.magnitude:
        yield f"magnitude {quake.magnitude:g} is less than {seismic.magnitude:g}"
    if seismic.depth is not None and quake.depth is not None and quake.depth > seismic.depth:
        yield f"{quake.depth:g} km is deeper than {seismic.depth:g} km"


def described(quake: Quake, seismic: SeismicPattern) -> tuple[str, ...]:
    """Return a quake in words: how strong, how deep, how far."""
    depth = "depth not said" if quake.depth is None else f"{quake.depth:g} km deep"
    return f"magnitude {quake.magnitude:g}", depth, f"{km_between(quake.point, seismic.near):.0f} km away"


def km_between(one: Point, other: Point) -> float:
    """Return the distance between two points along the great circle (haversine)."""
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    across = math.radians(other.longitude - one.longitude)
    chord = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
    return 2 * _EARTH_KM * math.asin(math.sqrt(min(1.0, chord)))


def _magnitude(text: str) -> float | None:
    found = [each for each in (_MAGNITUDE.search(text), _BEFORE.search(text)) if each]
    first = min(found, key=lambda each: each.start(), default=None)
    return _number(first[1], first[2]) if first else None


def _depth(text: str) -> float | None:
    found = _DEPTH.search(text)
    return _number(found[1] or found[3], found[2] or found[4]) if found else None


def _number(whole: str, fraction: str | None) -> float:
    """Return a number written with a decimal point or comma."""
    return float(whole + (fraction or "").replace(",", "."))
