"""A day's budget is that of the day in UTC, from its first moment on."""

from datetime import timedelta

import pytest

from tests.builders import NOON, an_alert
from tests.flow.harness import a_store, rules
from watcher.model.language import Severity
from watcher.model.polling import Cycle
from watcher.pipeline.processing import situation_of

pytestmark = pytest.mark.usefixtures("each_store")

MIDNIGHT = NOON - timedelta(hours=12)


def test_an_alert_at_midnight_is_spent_today_and_one_just_before_is_not() -> None:
    store, just_before = a_store(), MIDNIGHT - timedelta(microseconds=1)
    alerts = [an_alert(alert_id=str(at), at=at) for at in (just_before, MIDNIGHT)]
    store.record(Cycle(alerts=tuple(alerts)), ())

    assert situation_of(rules(), store, NOON, ()).spent == {Severity.CRITICAL: 1}
    assert situation_of(rules(), store, just_before, ()).spent == {Severity.CRITICAL: 2}
