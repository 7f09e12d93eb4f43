"""Tables of who comes before others: groups of callers with a priority, and their members. Conventions as in `tables`.

That somebody is in a group may tell of their health, so only who keeps the groups reads these tables; lists of calls
carry the priority and not the group's name.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from api.db.declarative import Base


class CallerGroup(Base):
    """People with a need of their own, e.g. chronic illness, old age."""

    __tablename__ = "caller_group"
    __table_args__ = (CheckConstraint("priority BETWEEN 0 AND 10", name="priority"),)
    code: Mapped[str] = mapped_column(primary_key=True)
    """As milestones and call records name it."""
    name_fa: Mapped[str]
    name_en: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    retired_at: Mapped[datetime | None]
    """From then on it raises nobody's priority."""


class GroupMember(Base):
    """A caller's number in a group for a while. Never deleted: a priority that was given can be explained later."""

    __tablename__ = "caller_group_member"
    __table_args__ = (
        Index(
            "ux_caller_group_member_open",
            "group_code",
            "caller",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_caller_group_member_caller", "caller", postgresql_where=text("ended_at IS NULL")),
        Index("ix_caller_group_member_group", "group_code", "id"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    group_code: Mapped[str] = mapped_column(ForeignKey("caller_group.code"))
    caller: Mapped[str]
    """In stored form, as in `call_record`."""
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    """Known beforehand, e.g. of a quarantine; empty: without end."""
    note: Mapped[str]
    added_by: Mapped[str]
    """As an audit entry's actor."""
    ended_at: Mapped[datetime | None]
    """Taken out by somebody."""
    ended_by: Mapped[str | None]
