"""What follows from an HTTP answer."""

import pytest

from watcher.channels.answers import may_change, new_address

OURS = "https://hooks.example/services/T0secret/B1token?key=s3cret"


def test_only_a_refusal_that_can_change_is_worth_another_try() -> None:
    assert [status for status in range(400, 500) if may_change(status)] == [408, 409, 425, 429]
    assert [status for status in (0, 500, 503, 599) if may_change(status)] == [0, 500, 503, 599]
    assert not [status for status in (301, 302, 303, 307, 308, 304) if may_change(status)]


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://new.example/inbox", "https://new.example/inbox"),
        ("http://[2001:db8::7]:8080/inbox", "http://[2001:db8::7]:8080/inbox"),
        ("https://hooks.example/v2/T0secret/B1token", "https://hooks.example/v2/…/…"),
        ("/services/T0secret/B1token/", "/…/…/…/"),
        ("https://user:s3cret@new.example/", "…://user:…@new.example/"),
        ("https://new.example/\u202e\x1b[31minbox", "https://new.example/inbox"),
        ("", "nowhere"),
    ],
)
def test_where_a_redirect_leads_is_told_without_what_may_be_a_secret(location: str, shown: str) -> None:
    assert new_address(location, OURS) == shown
