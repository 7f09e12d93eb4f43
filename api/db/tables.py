"""All tables of the line, in one place so that their joints can be read.

Conventions: instants are `timestamptz`; spans are float seconds named `_seconds`; every id is text of its own kind
(`ivr.kernel.ids`). `call_record` and `visit` are folds over `ledger_event` and may be dropped and rebuilt at any time.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from api.db.declarative import Base


class LedgerEventRow(Base):
    """One accepted row of a ledger; append-only. `file_id` and `file_offset` make reading twice harmless."""

    __tablename__ = "ledger_event"
    __table_args__ = (
        UniqueConstraint("node", "source", "file_id", "file_offset"),
        Index("ix_ledger_event_call", "call_id", "at"),
        Index("ix_ledger_event_leg", "leg_id"),
        Index("ix_ledger_event_boot", "node", "at", postgresql_where=text("name = 'QUEUESTART'")),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    node: Mapped[str]
    source: Mapped[str]
    file_id: Mapped[str]
    file_offset: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str]
    at: Mapped[datetime]
    call_id: Mapped[str | None]
    leg_id: Mapped[str | None]
    fields: Mapped[dict[str, Any]]
    written_at: Mapped[datetime] = mapped_column(server_default=func.now())


class FollowerPosition(Base):
    """How far a ledger file has been read; updated in the transaction that stores the rows."""

    __tablename__ = "follower_position"
    node: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    file_id: Mapped[str]
    file_offset: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class RejectedRow(Base):
    """A ledger row that broke the strict pattern: kept aside, counted, never folded."""

    __tablename__ = "rejected_row"
    __table_args__ = (UniqueConstraint("node", "source", "file_id", "file_offset"),)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    node: Mapped[str]
    source: Mapped[str]
    file_id: Mapped[str]
    file_offset: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str]
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    written_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Leg(Base):
    """Which call a leg belongs to; queue_log knows only legs."""

    __tablename__ = "leg"
    __table_args__ = (Index("ix_leg_call", "call_id"),)
    leg_id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str]


class CallRecordRow(Base):
    """One call, one row: the fold over its events. `disposition` is empty only while the call is open."""

    __tablename__ = "call_record"
    __table_args__ = (
        Index("ix_call_record_arrived_at", "arrived_at", "call_id"),
        Index("ix_call_record_caller", "caller", "arrived_at", "call_id"),
        Index("ix_call_record_disposition", "disposition", "arrived_at", "call_id"),
        Index("ix_call_record_open", "node", "arrived_at", postgresql_where=text("ended_at IS NULL")),
    )
    call_id: Mapped[str] = mapped_column(primary_key=True)
    node: Mapped[str]
    caller: Mapped[str]
    """E.164, bare digits, or empty for withheld."""
    caller_name: Mapped[str]
    language: Mapped[str]
    arrived_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    """When an operator first answered (not when the menu did)."""
    ended_at: Mapped[datetime | None]
    disposition: Mapped[str | None]
    menu_path: Mapped[list[Any]]
    """`[{"node": "main", "key": "1", "at": "…"}]`"""
    fallbacks: Mapped[list[Any]]
    """`[{"door": "reception", "reason": "…", "at": "…"}]`; empty when all doors did their work."""
    survey_offered: Mapped[bool]
    score: Mapped[int | None] = mapped_column(SmallInteger)
    voice_message: Mapped[dict[str, Any] | None]
    """`{"message": id, "kind": "complaint", "state": "kept" | "empty" | "recorded", "seconds": 12.3}`"""
    case_code: Mapped[str | None]
    problems: Mapped[list[Any]]
    """What did not add up while folding, e.g. `score_without_survey`; counted, never hidden."""
    province: Mapped[str | None]
    priority: Mapped[int | None] = mapped_column(SmallInteger)  # this and the next two: `api.calls.standing`
    caller_group: Mapped[str | None]
    repeat: Mapped[int | None]


class VisitRow(Base):
    """One stay in one queue; the n-th of its call."""

    __tablename__ = "visit"
    __table_args__ = (
        Index("ix_visit_queue", "queue", "arrived_at", "call_id"),
        Index("ix_visit_agent", "agent", "arrived_at", "call_id"),
        Index("ix_visit_entered_at", "entered_at"),
    )
    call_id: Mapped[str] = mapped_column(ForeignKey("call_record.call_id", ondelete="CASCADE"), primary_key=True)
    n: Mapped[int] = mapped_column(Integer, primary_key=True)
    queue: Mapped[str]
    arrived_at: Mapped[datetime]
    """The call's own: lists of calls are ordered by it, and so a page by agent or queue is read off an index."""
    entered_at: Mapped[datetime]
    connected_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    waited_seconds: Mapped[float | None]
    talked_seconds: Mapped[float | None]
    outcome: Mapped[str | None]
    """`answered`, `abandoned`, `timed_out` … (`api.calls.record.VisitOutcome`)."""
    agent: Mapped[str | None]
    seat: Mapped[str | None]
    ended_by: Mapped[str | None]
    """`caller`, `agent` or `transfer`."""
    recording: Mapped[str | None]
    """RecordingId of the talk; there is sound only when the visit was answered."""
    told_seconds: Mapped[float | None]
    """How long a wait the caller was told of before it began; empty when nothing was said."""


class RecordingRow(Base):
    """One piece of sound, or the reason why there is none."""

    __tablename__ = "recording"
    __table_args__ = (Index("ix_recording_call", "call_id"),)
    recording_id: Mapped[str] = mapped_column(primary_key=True)
    call_id: Mapped[str]
    kind: Mapped[str]  # `talk` or `message`
    state: Mapped[str]
    """`archived`, `repaired`, `truncated`, `empty`, `missing`."""
    reason: Mapped[str | None]
    seconds: Mapped[float | None]
    expected_seconds: Mapped[float | None]
    channels: Mapped[int | None] = mapped_column(SmallInteger)
    """2 for a talk: caller left, agent right; 1 for a message."""
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    sha256: Mapped[str | None]
    archive_key: Mapped[str | None]
    peaks: Mapped[list[Any] | None]
    archived_at: Mapped[datetime] = mapped_column(server_default=func.now())


class CaseRow(Base):
    """What must be answered by a deadline."""

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_due", "state", "due_at"),
        Index("ix_case_caller", "caller"),
        Index("ix_case_opened_at", "opened_at", "code"),
        Index("ix_case_call", "call_id"),
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """`complaint`, `question`, `suggestion`, `callback`, `unknown` (left with the doors down)."""
    state: Mapped[str]
    """`open`, `in_work`, `answered`, `closed`."""
    caller: Mapped[str]
    call_id: Mapped[str]
    recording_id: Mapped[str | None] = mapped_column(unique=True)
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    deadline: Mapped[dict[str, Any]]
    """How `due_at` came about: allowance and the list of counted intervals."""
    answered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    details: Mapped[dict[str, Any]]


class Person(Base):
    """Anyone who can log in."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(Integer, Identity(always=True), primary_key=True)
    username: Mapped[str] = mapped_column(unique=True)
    name_fa: Mapped[str]
    name_en: Mapped[str]
    role: Mapped[str]
    """`operator`, `supervisor`, `qa`, `casework`, `manager`, `admin`."""
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class Session(Base):
    """A logged-in browser; the cookie holds a random token, the table its hash."""

    __tablename__ = "session"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    csrf: Mapped[str]
    address: Mapped[str]


class LoginAttempt(Base):
    """Tries per account and address, kept in the database so that two web processes count together."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index("ix_login_attempt_username", "username", "at"),)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    username: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]
    succeeded: Mapped[bool]


class ApiToken(Base):
    """A program's key; only its hash is kept."""

    __tablename__ = "api_token"
    token_hash: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    revoked_at: Mapped[datetime | None]


class AuditEntry(Base):
    """Who did or heard what; append-only (a trigger refuses change and removal)."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_target", "target"),)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    """`person:<username>`, `token:<name>` or `system:<process>`."""
    action: Mapped[str]
    """e.g. `login.succeeded`, `login.failed`, `recording.heard`, `case.opened`."""
    target: Mapped[str]
    """e.g. `recording:<id>`, `case:<code>`."""
    details: Mapped[dict[str, Any]]
    address: Mapped[str]


class BoardState(Base):
    """The newest live board of a node; the listener replaces it, pages read it after each notification."""

    __tablename__ = "board_state"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012 - worthless after a crash: the next snapshot replaces it
    node: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[str]
    version: Mapped[int] = mapped_column(BigInteger)
    as_of: Mapped[datetime]
    """Last proof that the listener's picture was true (event, pong or snapshot)."""
    board: Mapped[dict[str, Any]]


class Reconciliation(Base):
    """Did the ledgers of a day and what was stored of it agree? One row a run; of one day the newest counts."""

    __tablename__ = "reconciliation"
    __table_args__ = (Index("ix_reconciliation_day", "node", "day"),)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    node: Mapped[str]
    day: Mapped[date]  # of Tehran
    ran_at: Mapped[datetime]
    alarm: Mapped[bool]
    difference_count: Mapped[int]
    totals: Mapped[dict[str, Any]]
    differences: Mapped[list[Any]]
    """`[{"about", "subject", "ledger", "stored"}]`, the first thousand."""
