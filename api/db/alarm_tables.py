"""Tables of the floor's alarms: limits that somebody changed, what stands or stood, and when somebody last looked.

Conventions as in `tables`. A limit that nobody changed has no row: `api.alarms.rules` knows it.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from api.db.declarative import Base


class AlarmRuleRow(Base):
    """A limit as somebody set it."""

    __tablename__ = "alarm_rule"
    kind: Mapped[str] = mapped_column(primary_key=True)
    queue: Mapped[str] = mapped_column(primary_key=True)
    """Empty for the line."""
    threshold: Mapped[float]
    after_seconds: Mapped[float]
    is_on: Mapped[bool] = mapped_column(Boolean)


class AlarmRow(Base):
    """One alarm, from its beginning to its end. At most one stands of each kind, queue and subject."""

    __tablename__ = "alarm"
    __table_args__ = (
        Index("ux_alarm_open", "kind", "queue", "subject", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_alarm_began_at", "began_at", "id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str]
    queue: Mapped[str]
    """Empty when it belongs to the line."""
    subject: Mapped[str]
    """A seat, or empty."""
    threshold: Mapped[float]
    """As it was when the alarm began."""
    value: Mapped[float]
    """When it began."""
    worst: Mapped[float]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    owner: Mapped[str | None]
    """Who took it, as an audit entry's actor; empty while nobody has."""
    acknowledged_at: Mapped[datetime | None]


class AlarmWatchRow(Base):
    """When the floor was last looked at for alarms; one row. Without it a dead watcher looks like a quiet floor."""

    __tablename__ = "alarm_watch"
    node: Mapped[str] = mapped_column(primary_key=True)
    looked_at: Mapped[datetime]
