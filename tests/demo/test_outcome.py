"""The demo judges itself: what is missing and what is unwanted is named."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import an_alert, an_alert_item
from tests.demo.stories import a_story, some_news
from watcher.demo import show
from watcher.demo.outcome import missing_alerts, unwanted_alerts
from watcher.demo.story import ExpectedAlert
from watcher.errors import UsageError
from watcher.model.alerts import Reason
from watcher.model.language import Claim, IndicatorId

LAUNCH = some_news(
    "ICBM fired",
    alerts=(ExpectedAlert(indicator=IndicatorId("icbm-launch"), reason=Reason.NEW, claim=Claim.OCCURRED),),
)
SPORT = some_news("Cup final tonight", minutes=10, quiet=True)


def test_an_alert_that_is_there_is_not_missing() -> None:
    alert = an_alert(items=(an_alert_item("ICBM fired"),))

    assert list(missing_alerts(a_story(LAUNCH), [alert])) == []


def test_an_alert_for_another_reason_is_not_the_one_expected() -> None:
    alert = replace(an_alert(items=(an_alert_item("ICBM fired"),)), reason=Reason.ESCALATED)

    assert list(missing_alerts(a_story(LAUNCH), [alert])) == [
        "icbm-launch (new, occurred) about 'ICBM fired'"
    ]


def test_an_alert_about_the_cup_is_unwanted() -> None:
    alert = an_alert(items=(an_alert_item("Cup final tonight"),))

    assert list(unwanted_alerts(a_story(LAUNCH, SPORT), [alert])) == [
        "icbm-launch (new) about 'Cup final tonight'"
    ]


def test_a_folder_that_holds_something_is_not_taken_for_the_demo(tmp_path: Path) -> None:
    (tmp_path / "watcher.db").touch()

    with pytest.raises(UsageError, match="is not empty: give the demo a new folder"):
        show(as_json=False, keep=False, data=tmp_path)
