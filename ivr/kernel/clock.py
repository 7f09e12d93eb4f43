"""The only place that asks what time it is. Everyone else is handed an instant or a `Clock`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

TEHRAN = ZoneInfo("Asia/Tehran")


class Clock(Protocol):
    """Tells the present instant, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - this is the one place


def aware(instant: datetime) -> datetime:
    """Refuse a naive instant early: a time without its zone has cost Iran an hour each summer before."""
    if instant.tzinfo is None:
        raise ValueError("a naive datetime has no place here; give it a zone")
    return instant.astimezone(UTC)


def from_epoch(seconds: float) -> datetime:
    """An instant from Asterisk's epoch seconds."""
    return datetime.fromtimestamp(seconds, UTC)
