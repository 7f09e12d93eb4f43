"""The only place that asks what time it is. Everyone else is handed an instant or a `Clock`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.kernel.failpoints import clock_jump

TEHRAN = ZoneInfo("Asia/Tehran")


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock; a fault test may set it wrong for one process."""

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=clock_jump())  # noqa: TID251 - this is the one place


def aware(instant: datetime) -> datetime:
    """Refuse a naive instant early: a time without its zone has cost Iran an hour each summer before."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no place here; give it a zone")
    return instant.astimezone(UTC)


def from_epoch(seconds: float) -> datetime:
    """An instant from Asterisk's epoch seconds."""
    return datetime.fromtimestamp(seconds, UTC)
