"""Tables of who sits where: agents with their skills, duties, pauses and wrap-up.

Our database owns what an agent is doing; Asterisk is told, and told again after it forgot. Conventions as in `tables`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from api.db.declarative import Base


class Agent(Base):
    """What the telephone needs to know of an operator: the number they key in, and the PIN that goes with it."""

    __tablename__ = "agent"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    """Three to six digits."""
    pin_hash: Mapped[str | None]
    """Without one the agent signs in at the desk page only."""


class AgentSkill(Base):
    """A queue that an agent may serve. Whoever has no skill at all serves every queue at level 1."""

    __tablename__ = "agent_skill"
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    queue: Mapped[str] = mapped_column(primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger)
    """1 is asked first, 3 last."""


class DutyRow(Base):
    """An agent's stay at a seat, from signing in to signing out. One open duty for each agent, one for each seat."""

    __tablename__ = "duty"
    __table_args__ = (
        Index("ux_duty_open_person", "person_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ux_duty_open_seat", "seat", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_duty_began_at", "began_at"),
        Index("ix_duty_person", "person_id", "began_at"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    agent: Mapped[str]
    """The account, as ledgers and visits name it."""
    seat: Mapped[str]
    began_at: Mapped[datetime]
    began_by: Mapped[str]
    """`desk` or `telephone`."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    """`agent`, `supervisor`, `phone_gone` or `desk_gone`."""
    desk_seen_at: Mapped[datetime | None]
    """When the agent's page was last heard of; empty while no page was ever opened in this duty."""
    phone_gone_at: Mapped[datetime | None]
    """Since when the seat's telephone has not been registered; empty while it is."""
    missed: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Calls that rang here unanswered, since the last answered one."""


class DutyPauseRow(Base):
    """One cause for which an agent takes no calls. Several may be open; an agent is free when none is."""

    __tablename__ = "duty_pause"
    __table_args__ = (
        Index("ux_duty_pause_open", "duty_id", "cause", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_duty_pause_duty", "duty_id", "began_at"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    duty_id: Mapped[int] = mapped_column(ForeignKey("duty.id", ondelete="CASCADE"))
    cause: Mapped[str]
    """`break`, `meal`, `prayer`, `training`, `other`, `missed_calls` or `supervisor`."""
    began_at: Mapped[datetime]
    began_by: Mapped[str]
    """As an audit entry's actor."""
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class WrapUpRow(Base):
    """The agent's work after one talk, as it really lasted."""

    __tablename__ = "wrap_up"
    __table_args__ = (
        UniqueConstraint("duty_id", "call_id", "began_at"),
        Index("ux_wrap_up_open", "duty_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_wrap_up_began_at", "began_at", "queue"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    duty_id: Mapped[int] = mapped_column(ForeignKey("duty.id", ondelete="CASCADE"))
    queue: Mapped[str]
    call_id: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    """`agent`, `limit`, `next_call` or `sign_out`."""
