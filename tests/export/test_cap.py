"""CAP messages validate by the OASIS schema, keep the rules that it cannot say, and follow an incident."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, an_alert
from tests.export.records import KOREAN, NAME, close, database, record, told
from tests.export.test_formats import exported
from watcher.export.cap import cap_alert
from watcher.model.alerts import Alert, Confidence, Context, Kind, Reason
from watcher.model.language import Claim, Severity
from watcher.model.polling import Cycle

SCHEMA = xmlschema.XMLSchema10(str(Path(__file__).parent / "vendor" / "CAP-v1.2.xsd"))
SENDER = "provocation-watcher@provocation-watcher.invalid"
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)
CONFIRMED = Context(confidence=Confidence.CORROBORATED)


def read(message: str) -> Mapping[str, str]:
    """Return the elements of a message, valid by schema and rules (CAP 1.2, sections 3.2 and 3.3)."""
    assert message.count("\n") == 1
    assert message.endswith("\n")
    root = ET.fromstring(message)
    SCHEMA.validate(root)
    found = {each.tag.rpartition("}")[2]: each.text or "" for each in root.iter()}
    for name in ("identifier", "sender"):
        assert not re.search(r"[\s,<&]", found[name])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-00:00", found["sent"])
    assert ("references" in found) == (found["msgType"] != "Alert")
    for reference in found.get("references", "").split():
        assert re.fullmatch(r"[^\s,<&]+,[^\s,<&]+,\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d-00:00", reference)
    return found


def message_of(alert: Alert, *earlier: Alert) -> Mapping[str, str]:
    return read(cap_alert(alert, earlier, SENDER))


def test_an_incident_is_a_message_then_an_update_then_a_cancellation(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, told(number=1), told(number=2, reason=Reason.ESCALATED))
        close(store)
        first, second, last = map(read, exported(store, "cap").splitlines(keepends=True))

    assert [each["msgType"] for each in (first, second, last)] == ["Alert", "Update", "Cancel"]
    assert [each["incidents"] for each in (first, second, last)] == [NAME] * 3
    assert [each["status"] for each in (first, second, last)] == ["Actual"] * 3
    assert [each["scope"] for each in (first, second, last)] == ["Public"] * 3
    reference = f"{SENDER},{first['identifier']},{first['sent']}"
    assert second["references"] == reference
    assert last["references"] == f"{reference} {SENDER},{second['identifier']},{second['sent']}"
    assert len({each["identifier"] for each in (first, second, last)}) == 3
    assert (second["note"], last["urgency"]) == ("escalated", "Past")


def test_a_message_says_what_happened_in_the_words_of_the_standard() -> None:
    found = message_of(replace(told(), context=CONFIRMED))

    assert found["sent"] == "2026-10-10T13:00:00-00:00"
    assert (found["language"], found["headline"], found["event"]) == ("ko", KOREAN, "ICBM test")
    assert (found["urgency"], found["severity"], found["certainty"]) == ("Immediate", "Extreme", "Observed")
    assert found["web"] == "https://wire.example/1"


def test_the_sender_is_named_after_the_public_page(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, told())

        found = read(exported(store, "cap", address="https://watch.example/desk"))

    assert found["sender"] == "provocation-watcher@watch.example"


def test_a_denial_cancels_what_only_one_origin_says_and_updates_what_several_say() -> None:
    denial = replace(told(number=2), reason=Reason.DENIED)

    assert message_of(denial, told())["msgType"] == "Cancel"
    assert message_of(replace(denial, context=CONFIRMED), told())["msgType"] == "Update"
    assert message_of(replace(denial, claim=Claim.DENIED))["msgType"] == "Alert"


def test_what_is_said_again_to_one_channel_is_no_message(tmp_path: Path) -> None:
    with database(tmp_path) as store:
        record(store, told(number=1), replace(told(number=2), only="desk"), told(number=3))
        first, third = map(read, exported(store, "cap").splitlines(keepends=True))

    assert (first["msgType"], third["msgType"]) == ("Alert", "Update")
    assert len(third["references"].split()) == 1


@pytest.mark.parametrize("kind", [Kind.BOARD, Kind.COLLECTION, Kind.TEST])
def test_what_is_about_no_incident_updates_nothing(tmp_path: Path, kind: Kind) -> None:
    alerts = (
        replace(an_alert(alert_id=name, incident=kind.value, at=NOON + timedelta(hours=hours)), kind=kind)
        for hours, name in enumerate(("first", "second"))
    )
    with database(tmp_path) as store:
        store.record(Cycle(alerts=tuple(alerts)), [])
        first, second = map(read, exported(store, "cap").splitlines(keepends=True))

    assert (first["msgType"], second["msgType"]) == ("Alert", "Alert")
    assert "incidents" not in first


@pytest.mark.parametrize(
    ("title", "lang", "language"),
    [
        (KOREAN, "en", "ko"),
        ("北朝鮮がミサイル発射", "", "ja"),
        ("朝鲜发射导弹", "zh-Hans", "zh"),
        ("КНДР запустила ракету", "ru", "ru"),
        ("Nordkorea feuert Rakete ab", "de-DE", "de"),
        ("North Korea fires missile", "ko", "en"),
        ("North Korea fires missile", "english (us)", "en"),
        ("", "", "en"),
    ],
)
def test_a_message_is_in_the_language_of_its_title(title: str, lang: str, language: str) -> None:
    alert = told(title)
    (item,) = alert.items

    found = message_of(replace(alert, items=(replace(item, lang=lang),)))

    assert found["language"] == language


def test_the_address_of_a_message_is_a_uri() -> None:
    alert = told()
    items = tuple(
        replace(alert.items[0], url=url)
        for url in ("https://wire.example/a[1]", "http://[::1", "https://뉴스.example/북한")
    )
    odd, half, korean = (message_of(replace(alert, items=(each,))).get("web") for each in items)

    assert (odd, half) == (None, None)
    assert korean == "https://%EB%89%B4%EC%8A%A4.example/%EB%B6%81%ED%95%9C"


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("claim", [*Claim, None])
@pytest.mark.parametrize("severity", Severity)
def test_every_alert_is_a_valid_message(kind: Kind, claim: Claim | None, severity: Severity) -> None:
    found = message_of(replace(an_alert(), kind=kind, claim=claim, severity=severity))

    assert found["status"] == {"collection": "System", "test": "Test"}.get(kind.value, "Actual")


@given(ANY_TEXT)
def test_whatever_a_feed_says_the_message_is_valid(words: str) -> None:
    alert = told(words)
    (item,) = alert.items

    message_of(replace(alert, why=words, origins=(words,), items=(replace(item, owner=words, lang=words),)))
