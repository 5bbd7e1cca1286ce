"""The only place that asks for the time."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment, aware and UTC."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one place
