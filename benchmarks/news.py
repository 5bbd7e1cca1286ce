"""A seed in, made-up news out: feeds and archives with about as many hits as real news has, or with a burst.

The words are drawn by chance, but not the share of what hits: of everyday news one item in 180 is about what
the shipped list looks for, in a burst every fourth or so.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from hashlib import blake2b
from html import escape
from pathlib import Path

BEGINS = datetime(2026, 9, 1, tzinfo=UTC)

_WORDS = tuple(
    """
    council budget harvest museum bridge railway airport orchestra stadium league coach striker referee
    inflation lender dividend merger shipyard refinery pipeline vaccine clinic surgeon pupils lecturer
    tuition wildfire flood drought storm glacier reef orchard vineyard bakery festival premiere novelist
    painter mayor senator ballot coalition treaty tariff customs visa border patrol verdict appeal
    prosecutor jury satellite broadband chipmaker battery turbine reactor grid tram ferry container
    freight strike wages pension landlord mortgage tenant suburb market grocer retailer tourism hotel
    beach mountain rescue
    """.split()  # noqa: SIM905 - words are read more easily so
)
_PLACES = (
    "Lagos",
    "Lima",
    "Oslo",
    "Turin",
    "Perth",
    "Leeds",
    "Quito",
    "Accra",
    "Busan",
    "Osaka",
    "Seoul",
    "Tokyo",
)
_VERBS = ("opens", "delays", "backs", "rejects", "reviews", "sells", "warns", "praises", "expands", "cuts")
_FOREIGN = (
    "市议会批准新的铁路预算，工程明年开始",
    "市議会、来年度の予算案を可決 観光に重点",
    "시의회, 내년 예산안 통과…관광 산업에 중점",
    "Le conseil adopte le budget après une longue séance à Besançon",
    "Городской совет утвердил бюджет на строительство моста",
)
_NORTH = (
    "North Korea fires ballistic missile toward the East Sea, Seoul's military says",
    "Pyongyang says it tested a new solid-fuel engine at Sohae",
    "Kim Yo Jong warns of retaliation over joint drills",
    "북한, 동해상으로 탄도미사일 발사…합참 발표",
    "North Korea launches balloons carrying refuse across the border",
    "South Korea's spy agency says the North prepares a satellite launch",
)
_BURST = tuple(
    """
    North Korea Pyongyang missile launch ballistic test nuclear Kim Jong Un fires satellite army drill
    statement warns Seoul Tokyo military says agency report spokesman exercise border troops official
    talks summit sanctions minister president trade visit meeting treaty aid
    """.split()  # noqa: SIM905 - as above
)
_ONE_IN = 180


class Chance:
    """Numbers that look drawn by lot and are the same for the same name, on every machine."""

    def __init__(self, name: str) -> None:
        self._state = int.from_bytes(blake2b(name.encode(), digest_size=8).digest())

    def below(self, bound: int) -> int:
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self._state >> 33) % bound

    def words(self, words: Sequence[str], count: int) -> str:
        return " ".join(words[self.below(len(words))] for _ in range(count))


@dataclass(frozen=True, slots=True)
class Story:
    """One item: what it says, under a name that is unique in its feed."""

    name: str
    title: str
    summary: str
    at: datetime


def story(feed: int, number: int, *, burst: bool = False) -> Story:
    """Return an item of a feed, the same for the same numbers; number 0 is the oldest."""
    chance = Chance(f"{feed}/{number}/{burst}")
    words = _BURST if burst and not chance.below(4) else _WORDS
    if words is _BURST:
        title = chance.words(words, 6 + chance.below(7)).capitalize()
    elif not chance.below(_ONE_IN):
        title = f"{chance.words(_NORTH, 1)} ({chance.words(words, 1)})"
    elif not chance.below(8):
        title = f"{chance.words(_FOREIGN, 1)} {chance.below(1000)}"
    else:
        rest = f"{chance.words(words, 4)} {chance.words(_VERBS, 1)} {chance.words(words, 2)}"
        title = f"{chance.words(_PLACES, 1)} {rest}"
    summary = ". ".join(chance.words(words, 9 + chance.below(8)).capitalize() for _ in range(3))
    at = BEGINS + timedelta(minutes=number * 40, seconds=feed % 2400)
    return Story(f"{feed}-{number}", title, summary, at)


def feed_document(feed: int, *, items: int = 30, newest: int = 30, burst: bool = False) -> bytes:
    """Return a feed of about 60 KB that ends with item number `newest`: RSS 2.0, or every second one Atom."""
    chance = Chance(f"filler/{feed}")
    fillers = [chance.words(_WORDS, 32).capitalize() for _ in range(24)]
    stories = [story(feed, number, burst=burst) for number in range(newest, newest - items, -1)]
    write = _atom_entry if feed % 2 else _rss_item
    entries = []
    for number, each in enumerate(stories):
        body = "".join(f"<p>{fillers[(number + part) % 24]}.</p>" for part in range(5))
        entries.append(write(each, body))
    if feed % 2:
        head = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Feed {feed}</title><id>urn:feed:{feed}</id>'
        head += f"<updated>{stories[0].at.isoformat()}</updated>"
        return f'<?xml version="1.0" encoding="utf-8"?>\n{head}\n{"".join(entries)}</feed>\n'.encode()
    head = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
    head += (
        f"<title>Feed {feed}</title><link>https://feed{feed}.example/</link><description>News</description>"
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n{head}\n{"".join(entries)}</channel></rss>\n'.encode()


def _rss_item(each: Story, body: str) -> str:
    return (
        f"<item><title>{escape(each.title)}</title><link>https://news.example/{each.name}</link>"
        f'<guid isPermaLink="false">urn:{each.name}</guid><pubDate>{format_datetime(each.at)}</pubDate>'
        f"<description>{escape(each.summary)}</description>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded></item>\n"
    )


def _atom_entry(each: Story, body: str) -> str:
    return (
        f'<entry><title>{escape(each.title)}</title><link href="https://news.example/{each.name}"/>'
        f"<id>urn:{each.name}</id><published>{each.at.isoformat()}</published>"
        f"<updated>{each.at.isoformat()}</updated><summary>{escape(each.summary)}</summary>"
        f'<content type="html">{escape(body)}</content></entry>\n'
    )


def archive_lines(items: int, *, feeds: int = 100, burst: bool = False) -> Iterator[str]:
    """Yield an archive, one JSON object a line in order of time."""
    for number in range(-(-items // feeds)):
        for feed in range(min(feeds, items - number * feeds)):
            each = story(feed, number, burst=burst)
            yield json.dumps(
                {
                    "id": each.name,
                    "date": each.at.isoformat().replace("+00:00", "Z"),
                    "title": each.title,
                    "summary": each.summary,
                    "source": f"https://feed{feed}.example/rss",
                    "url": f"https://news.example/{each.name}",
                    "lang": "en",
                },
                ensure_ascii=False,
            )


def write_archive(path: Path, items: int, *, burst: bool = False) -> None:
    """Write an archive of so many items."""
    path.write_text("\n".join(archive_lines(items, burst=burst)) + "\n", encoding="utf-8")


def write_feeds_file(path: Path, server: str, feeds: int, documents: int) -> None:
    """Write a feeds.yaml that names so many feeds of a server that has `documents` of them."""
    lines = ["feeds:"]
    lines += [
        f"  - {{id: feed-{number}, url: {server}/{number % documents}/{number}.xml, owner: owner-{number}}}"
        for number in range(feeds)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
