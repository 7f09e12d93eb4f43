"""Tables of the roster: shifts, and the turns planned for agents. Who changed what stands in the audit trail.

A turn keeps its own hours and breaks, so that a shift that is given up changes nothing that was planned or measured.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from api.db.declarative import Base


class ShiftRow(Base):
    """Hours from which turns are made. Never changed: other hours are another shift, and this one is retired."""

    __tablename__ = "shift"
    __table_args__ = (
        Index("ux_shift_code_fa", "code_fa", unique=True, postgresql_where=text("retired_at IS NULL")),
        Index("ux_shift_code_en", "code_en", unique=True, postgresql_where=text("retired_at IS NULL")),
    )
    id: Mapped[int] = mapped_column(Integer, Identity(always=True), primary_key=True)
    code_fa: Mapped[str]
    code_en: Mapped[str]
    """What stands in a cell of the roster."""
    name_fa: Mapped[str]
    name_en: Mapped[str]
    begins: Mapped[time]
    ends: Mapped[time]
    """Tehran's wall clock; before `begins` when the shift ends on the next day."""
    breaks: Mapped[list[Any]]
    """`[{"begins": "10:00", "minutes": 15}]`"""
    weekdays: Mapped[list[Any]]
    """Saturday 0 … Friday 6."""
    retired_at: Mapped[datetime | None]


class RosterTurnRow(Base):
    """One planned turn of an agent."""

    __tablename__ = "roster_turn"
    __table_args__ = (
        Index("ix_roster_turn_day", "day"),
        Index("ix_roster_turn_person", "person_id", "day"),
        Index("ix_roster_turn_begins_at", "begins_at"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    agent: Mapped[str]
    """The account, as duties and visits name it."""
    day: Mapped[date]
    """Day of Tehran on which it begins."""
    kind: Mapped[str]
    """`work`, `training`, `leave` or `sick`."""
    shift_id: Mapped[int | None] = mapped_column(ForeignKey("shift.id"))
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    breaks: Mapped[list[Any]]
    """As in `shift`."""
    seat: Mapped[str | None]
    note: Mapped[str]
    planned_at: Mapped[datetime]
    planned_by: Mapped[str]
    """As an audit entry's actor."""
