"""An alert as people and the log see it."""

import json
import re
import unicodedata
from dataclasses import replace
from datetime import timedelta, timezone
from html.parser import HTMLParser

from hypothesis import example, given
from hypothesis import strategies as st

from tests.builders import NOON, an_alert, an_alert_item
from watcher.delivery.render import alert_json, alert_line, html, one_line, subject, text
from watcher.model.alerts import Confidence, Context, Level, LevelStep
from watcher.model.news import ItemId

CONTRACT = [
    "id", "at", "kind", "reason", "indicator", "category", "severity", "claim", "level", "incident", "title",
    "why", "evidence", "origins", "owners", "items",
]  # fmt: skip
ITEM_CONTRACT = ["id", "feed", "owner", "title", "url", "published", "seen", "lang"]
NASTY = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", '"><a href="http://evil.example">',
    "&lt;b&gt; &amp;", "[click](http://evil.example)", "![x](http://evil.example/x.png)",
    "<http://evil.example|click>", "[click]: http://evil.example", "`code` **bold** _it_ ~~no~~",
    "# heading #", "- item", "+ item", "12. item", "3) item", "> quote", "    code", "a | b", "---", "===",
    "http://evil.example", "ends in \\", "www.evil.example",
]  # fmt: skip
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=400)


def leads_somewhere(link: str) -> bool:
    return re.match(r"https?://[^/?#:]", link, re.IGNORECASE) is not None


def test_a_line_has_the_fields_of_the_contract_in_their_order() -> None:
    line = json.loads(alert_json(an_alert()))

    assert list(line) == CONTRACT
    assert list(line["items"][0]) == ITEM_CONTRACT
    assert (line["severity"], line["claim"], line["level"], line["kind"]) == (
        "critical",
        "occurred",
        "critical",
        "incident",
    )


def test_added_fields_come_last_in_the_line_and_only_where_they_are_known() -> None:
    line = alert_line(an_alert(context=Context(confidence=Confidence.UNCONFIRMED, cues=("a: b", "c: d"))))

    assert list(line) == [*CONTRACT, "confidence", "cues"]
    assert (line["confidence"], line["cues"]) == ("unconfirmed", "a: b; c: d")


def test_an_alert_of_the_board_names_its_changes_also_when_no_incident_presses() -> None:
    fell = LevelStep(subject="category:rhetoric", before=Level.WATCH, level=Level.QUIET)

    line = alert_line(replace(an_alert(), subject="problem", changes=(fell, fell), because=("it decayed",)))

    added = {name: value for name, value in line.items() if name not in CONTRACT}
    assert added == {
        "subject": "problem",
        "changes": "category:rhetoric watch > quiet; category:rhetoric watch > quiet",
        "because": "it decayed",
        "incidents": [],
    }


def test_times_are_utc_with_z_whatever_zone_they_came_in() -> None:
    seoul = NOON.astimezone(timezone(timedelta(hours=9)))

    assert alert_line(an_alert(at=seoul))["at"] == "2026-10-10T12:00:00Z"
    assert alert_line(an_alert(at=seoul + timedelta(milliseconds=250)))["at"] == "2026-10-10T12:00:00.250000Z"


def test_an_unknown_time_and_an_absent_claim_are_null() -> None:
    item = replace(an_alert_item("Statement"), published=None)
    line = json.loads(alert_json(replace(an_alert(items=(item,)), claim=None)))

    assert line["claim"] is None
    assert line["items"][0]["published"] is None


def test_korean_stays_readable_in_the_line() -> None:
    assert "북한, 화성-19형 시험발사" in alert_json(an_alert("북한, 화성-19형 시험발사"))


@given(title=ANY_TEXT, why=ANY_TEXT, word=ANY_TEXT, item_id=ANY_TEXT)
def test_whatever_a_feed_says_a_line_is_one_line_of_valid_json(
    title: str, why: str, word: str, item_id: str
) -> None:
    item = replace(an_alert_item(title), id=ItemId(item_id))
    line = alert_json(an_alert(title, why=why, evidence=(word,), items=(item,)))

    assert len(line.splitlines()) == 1
    assert line.encode().decode() == line
    assert not [
        c
        for c in line
        if unicodedata.category(c) == "Cc"
        or unicodedata.bidirectional(c) in {"RLO", "LRO", "RLI", "LRI", "FSI"}
    ]
    assert json.loads(line)["id"] == "a1"


@given(ANY_TEXT)
def test_an_id_is_escaped_and_not_changed(item_id: str) -> None:
    known = "".join(c for c in item_id if unicodedata.category(c) != "Cs")
    line = alert_json(an_alert(items=(replace(an_alert_item("Title"), id=ItemId(known)),)))

    assert json.loads(line)["items"][0]["id"] == known


@given(ANY_TEXT, st.integers(min_value=1, max_value=300))
def test_cleaning_a_field_twice_changes_nothing(words: str, limit: int) -> None:
    once = one_line(words, limit)

    assert one_line(once, limit) == once
    assert len(once) <= limit


def test_line_breaks_terminal_colours_and_bidi_overrides_are_taken_out_of_a_title() -> None:
    nasty = "ICBM\r\nBcc: all\u2028 \x1b[31mred\x1b[0m \x1b]0;owned\x07\u202egnp.exe\u2066 \x9b5m \x00end"

    assert one_line(nasty, 300) == "ICBM Bcc: all red gnp.exe end"


def test_a_title_is_cut_at_300_characters() -> None:
    title = str(alert_line(an_alert("ICBM " * 100))["title"])

    assert len(title) == 300
    assert title.endswith("…")


def test_a_title_cannot_open_a_tag_in_a_page_that_holds_the_line() -> None:
    line = alert_json(an_alert("</script><script>alert('ICBM')"))

    assert "<" not in line
    assert json.loads(line)["title"] == "</script><script>alert('ICBM')"


def test_only_an_address_that_is_safe_to_follow_is_shown() -> None:
    good, script, endless, nowhere, only_a_port = (
        an_alert_item("A", url="HTTPS://wire.example/a?b=1&c=2"),
        an_alert_item("B", url="javascript:alert(1)"),
        an_alert_item("C", url="https://wire.example/" + "x" * 3000),
        an_alert_item("D", url="HTTP://"),
        an_alert_item("E", url="https://:443/a"),
    )
    alert = an_alert(items=(good, script, endless, nowhere, only_a_port))
    line = json.loads(alert_json(alert))

    assert [item["url"] for item in line["items"]] == ["HTTPS://wire.example/a?b=1&c=2", "", "", "", ""]
    assert "javascript:" not in text(alert)


def test_the_subject_says_how_bad_what_kind_and_what() -> None:
    assert subject(an_alert()) == "[CRITICAL] icbm-launch: North Korea fires suspected ICBM, Seoul says"
    assert subject(replace(an_alert(), indicator_title="ICBM test")).startswith(
        "[CRITICAL] ICBM test: North Korea"
    )
    assert subject(an_alert("")) == "[CRITICAL] icbm-launch"


def test_a_subject_holds_nothing_that_mail_would_decode() -> None:
    assert (
        subject(an_alert("=?utf-8?q?=0D=0ABcc:_all?="))
        == "[CRITICAL] icbm-launch: = ?utf-8?q?=0D=0ABcc:_all?="
    )


def test_the_text_says_why_on_what_grounds_and_how_to_look_further() -> None:
    said = text(an_alert(context=Context(confidence=Confidence.UNCONFIRMED)))

    for words in (
        "New: ICBM test, occurred according to jcs.",
        "north korea, icbm, fires",
        "unconfirmed",
        "Owners:     wire",
        "wire (wire-en), published 2026-10-10 11:58:00 UTC, seen 2026-10-10 12:00:00 UTC",
        "https://wire.example/1",
        "Look further: watcher explain a1",
    ):
        assert words in said


def test_owners_of_earlier_items_are_counted_and_those_of_these_items_are_named() -> None:
    assert "Owners:     wire and 2 more\n" in text(replace(an_alert(), owners=3))


def test_a_text_shows_ten_items_and_counts_the_rest() -> None:
    items = tuple(an_alert_item(f"Report {number}") for number in range(13))
    said = text(an_alert(items=items))

    assert "10. Report 9" in said
    assert "Report 10" not in said
    assert "... and 3 more" in said


def test_an_alert_about_the_service_itself_has_a_text_too() -> None:
    bare = replace(an_alert(items=(), evidence=()), claim=None, origins=(), owners=0)

    assert "Claim" not in text(bare)
    assert "Hit by" not in text(bare)


def test_every_field_of_the_analysis_is_a_line_in_both_forms() -> None:
    context = Context(
        timeline=("12:00 wire", "12:04 daily"),
        base_rate="fires 0.6 a week, last on 3 May",
        precision="9 of 10 so far",
        against=("Japan saw nothing",),
        late="seen 3 h after it was published",
        calendar=("party-day today",),
        link="https://watcher.example/alerts/a1",
    )
    alert = an_alert(context=context)

    for label, words in {
        "Timeline": "12:00 wire; 12:04 daily",
        "Base rate": "fires 0.6 a week, last on 3 May",
        "Precision": "9 of 10 so far",
        "Against": "Japan saw nothing",
        "Late": "seen 3 h after it was published",
        "Calendar": "party-day today",
    }.items():
        assert re.search(rf"^{label}: +{re.escape(words)}$", text(alert), re.MULTILINE)
        assert f"<dt>{label}</dt><dd>{words}</dd>" in html(alert)
    assert 'href="https://watcher.example/alerts/a1"' in html(alert)


def test_a_page_that_is_not_http_is_no_link_anywhere() -> None:
    alert = an_alert(context=Context(link="javascript:alert(1)"))

    assert "link" not in alert_line(alert)
    assert not [said for said in (text(alert), html(alert)) if "javascript" in said]


@example(words="", url="HTTP://")
@given(
    words=st.one_of(ANY_TEXT, st.sampled_from(NASTY)),
    url=st.one_of(ANY_TEXT, ANY_TEXT.map("https://wire.example/".__add__)),
)
def test_whatever_a_feed_says_html_has_our_tags_and_shows_the_words(words: str, url: str) -> None:
    page = _Page()

    page.feed(
        html(
            an_alert(
                words,
                why=words,
                evidence=(words,),
                items=(an_alert_item(words, url=url),),
                context=Context(link=url),
            )
        )
    )

    assert page.tags <= {"h2", "p", "dl", "dt", "dd", "ol", "li", "br", "a"}
    assert [link for link in page.links if not leads_somewhere(link)] == []
    assert one_line(words, 300) in page.shown


def test_html_counts_what_it_does_not_show() -> None:
    alert = an_alert(items=tuple(an_alert_item(f"Report {number}") for number in range(13)))

    assert "<p>... and 3 more</p>" in html(alert)


class _Page(HTMLParser):
    """What a reader of a page sees, and where it can take them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.shown = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name != "rel"]

    def handle_data(self, data: str) -> None:
        self.shown += data
