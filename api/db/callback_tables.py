"""Tables of call backs: what was asked for, and each call that an attempt at it made. Conventions as in `tables`.

The place is a row of ours; Asterisk's queue is told of it, and told again after it forgot. The number stands here and in the
case, and in no ledger.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.db.declarative import Base

_OPEN = text("state IN ('pending', 'placed', 'dialling', 'retry')")


class CallbackRow(Base):
    """One call back; its tracking code is the case's. One open place for each number."""

    __tablename__ = "callback"
    __table_args__ = (
        Index("ux_callback_open_number", "number", unique=True, postgresql_where=_OPEN),
        Index("ix_callback_open", "queue", "joined_at", postgresql_where=_OPEN),
        Index("ix_callback_asked_at", "asked_at"),
        Index("ix_callback_same_as", "same_as", postgresql_where=text("same_as IS NOT NULL")),
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    """E.164."""
    keyed: Mapped[bool]
    """Keyed in by the caller: it is told to nobody but the carrier."""
    queue: Mapped[str]
    priority: Mapped[int] = mapped_column(SmallInteger)
    asked_call: Mapped[str]
    asked_at: Mapped[datetime]
    joined_at: Mapped[datetime]
    """When the caller entered the queue, to the second; when they asked, if they were in none. Never changed."""
    state: Mapped[str]
    """`routing.callbacks.request.CallbackState`."""
    tries: Mapped[int] = mapped_column(SmallInteger)
    """Dials that reached nobody."""
    not_before: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(Integer)
    """The fence: the number of the newest attempt, never used twice."""
    attempt_call: Mapped[str | None]
    """Of the attempt under way; empty between two."""
    attempt_at: Mapped[datetime | None]
    same_as: Mapped[str | None]
    """The call back whose place this one shares."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    """`reached`, `tries`, `number`, `answered_meanwhile`, `case_answered`, or who cancelled it as an audit entry's actor."""


class CallbackCallRow(Base):
    """One attempt: a call of our own, in no `call_record` and no figure of callers."""

    __tablename__ = "callback_call"
    __table_args__ = (
        UniqueConstraint("code", "n"),
        Index("ix_callback_call_open", "begun_at", postgresql_where=text("outcome IS NULL OR ended_at IS NULL")),
        Index("ix_callback_call_begun_at", "begun_at"),
    )
    call_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(ForeignKey("callback.code", ondelete="CASCADE"))
    n: Mapped[int] = mapped_column(Integer)
    begun_at: Mapped[datetime]
    """When it was written down, before Asterisk was asked."""
    placed_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    """When an operator answered it."""
    dialled_at: Mapped[datetime | None]
    reached_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    seat: Mapped[str | None]
    agent: Mapped[str | None]
    status: Mapped[str | None]
    """As Asterisk calls how it ended: `NOANSWER`, `BUSY`, `WITHDRAW` …"""
    outcome: Mapped[str | None]
    """`reached`, `not_reached`, `left_the_line`, `lost_by_restart` or `never_began`; empty while it goes on."""
    rang_seconds: Mapped[float]
    """How long an operator listened to a telephone that rang."""
