"""Which sound there should be, as the call records say: talks that were answered, messages that were begun."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.callback_tables import CallbackCallRow
from api.db.tables import CallRecordRow, LedgerEventRow, RecordingRow, VisitRow
from ivr.kernel.errors import Invalid
from ivr.kernel.ids import CallId, MessageId, RecordingId
from ivr.kernel.milestones import Milestone
from ivr.kernel.tracking_code import TrackingCode
from recordings.naming import call_of_fallback
from recordings.recording import Talk
from routing.callbacks.judging import LOST
from routing.callbacks.request import code_of

_CUT = ("lost_by_restart", "lost_unknown")
"""Outcomes of visits whose talk nobody ended, as the call record names them."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What the pipeline and the cases need to know of a call."""

    call_id: CallId
    arrived_at: datetime
    ended_at: datetime | None
    caller: str

    @property
    def goes_on(self) -> bool:
        return self.ended_at is None


@dataclass(frozen=True, slots=True)
class Told:
    """What a caller was told of their message, and what it is about."""

    kind: str
    code: TrackingCode


@dataclass(frozen=True, slots=True)
class Begun:
    """What was begun in a call, whether or not anything came of it."""

    talks: list[RecordingId]
    messages: list[MessageId]
    asked_for_call_back: bool


_BEGUN = text(
    "SELECT 'talk' AS what, recording AS name FROM visit WHERE call_id = :call AND recording IS NOT NULL"
    " UNION ALL SELECT name, fields ->> 'message' FROM ledger_event"
    " WHERE call_id = :call AND name IN ('message', 'callback')"
)
_CALL = select(CallRecordRow.arrived_at, CallRecordRow.ended_at, CallRecordRow.caller).where(
    CallRecordRow.call_id == bindparam("call")
)
_UNRECORDED = (
    select(LedgerEventRow.fields["unrecorded"].astext)
    .where(
        LedgerEventRow.call_id == bindparam("call"),
        LedgerEventRow.name == Milestone.TALK.value,
        LedgerEventRow.fields["recording"].astext == bindparam("name"),
    )
    .limit(1)
    .scalar_subquery()
    .label("unrecorded")
)


class ExpectedSound:
    """Reads call records and visits within one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def call(self, call_id: CallId) -> CallFacts | None:
        row = (await self._session.execute(_CALL, {"call": call_id})).first()
        if row is not None:
            return CallFacts(call_id, row.arrived_at, row.ended_at, row.caller)
        ours = await self._session.get(CallbackCallRow, call_id)
        return CallFacts(call_id, ours.begun_at, ours.ended_at, "") if ours else None

    async def begun_in(self, call_id: CallId) -> Begun:
        """Every recording, sound or not, each visit's, answered or not; every message; and whether a call back was asked
        for."""
        found = (await self._session.execute(_BEGUN, {"call": call_id})).all()
        talks = [RecordingId(row.name) for row in found if row.what == "talk"]
        messages = sorted({row.name for row in found if row.what == Milestone.MESSAGE.value and row.name})
        asked = any(row.what == Milestone.CALLBACK.value for row in found)
        return Begun(talks, [MessageId(name) for name in messages], asked)

    async def talk(self, recording_id: RecordingId, call_id: CallId) -> Talk | None:
        """The answered talk of this id, if the call record knows one; a recording without a talk has no length."""
        if code_of(call_id):
            return await self._called_back(recording_id, call_id)
        row = (await self._session.execute(_TALK, {"call": call_id, "name": recording_id})).first()
        return replace(_talk(row), unrecorded=row.unrecorded or None) if row else None

    async def _called_back(self, recording_id: RecordingId, call_id: CallId) -> Talk | None:
        """The talk of an attempt that reached its caller and is over."""
        row = await self._session.get(CallbackCallRow, call_id)
        if row is None or row.reached_at is None or row.ended_at is None:
            return None
        cut = row.status == LOST
        seconds = None if cut else (row.ended_at - row.reached_at).total_seconds()
        return Talk(recording_id, call_id, row.reached_at, seconds, cut)

    async def cut_off(self, message: MessageId, call_id: CallId) -> str | None:
        """What Asterisk said when it could not write a message to its end; None when it said nothing of the kind."""
        query = _messages().where(LedgerEventRow.call_id == call_id, LedgerEventRow.fields["message"].astext == message)
        ends = [row.fields for row in (await self._session.scalars(query.order_by(LedgerEventRow.at))).all()]
        status = next((fields["status"] for fields in reversed(ends) if "status" in fields), "")
        return "Asterisk could not write the recording to its end" if status == "ERROR" else None

    async def messages_of(self, call_id: CallId) -> list[MessageId]:
        """Every message whose recording was begun in this call."""
        query = _messages().where(LedgerEventRow.call_id == call_id)
        names = {row.fields.get("message") for row in (await self._session.execute(query)).scalars()}
        return [MessageId(name) for name in sorted(name for name in names if name)]

    async def told_of(self, message: MessageId, call_id: CallId | None) -> Told | None:
        """Under which code the ledger knows a message of this call, for one whose sidecar is gone; None when it does not, or not
        yet. Who left it without a door was told none."""
        if call_id is None or call_of_fallback(message):
            return None
        query = _messages().where(
            LedgerEventRow.call_id == call_id,
            LedgerEventRow.fields["message"].astext == message,
            LedgerEventRow.fields.has_key("code"),
        )
        row = (await self._session.scalars(query.limit(1))).first()
        try:
            return Told(row.fields.get("kind", ""), TrackingCode(row.fields["code"])) if row else None
        except Invalid:
            return None

    async def call_of_message(self, message: MessageId) -> CallId | None:
        """The call in which a message without a sidecar was begun. Searches by content, so for rare cases only."""
        query = _messages().where(
            LedgerEventRow.fields["message"].astext == message, LedgerEventRow.call_id.is_not(None)
        )
        row = (await self._session.execute(query.limit(1))).scalars().first()
        return CallId(row.call_id) if row and row.call_id else None

    async def overdue_talks(self, *, since: datetime, until: datetime) -> list[Talk]:
        """Answered talks of calls that ended between these instants and have no recording row at all."""
        query = (
            _answered()
            .join(CallRecordRow, CallRecordRow.call_id == VisitRow.call_id)
            .where(CallRecordRow.arrived_at >= since, CallRecordRow.ended_at < until)
            .where(~exists().where(RecordingRow.recording_id == VisitRow.recording))
        )
        return [_talk(visit) for visit in (await self._session.execute(query.limit(100))).scalars()]

    async def overdue_messages(self, *, since: datetime, until: datetime) -> list[MessageId]:
        """Messages that callers left, by the call record, and that have no recording row at all."""
        name = CallRecordRow.voice_message["message"].astext
        query = select(name).where(
            CallRecordRow.arrived_at >= since,
            CallRecordRow.ended_at < until,
            CallRecordRow.voice_message["state"].astext.in_(["kept", "recorded"]),
            ~exists().where(RecordingRow.recording_id == name),
        )
        return [MessageId(found) for found in (await self._session.execute(query.limit(100))).scalars() if found]


def _answered() -> Select[VisitRow]:
    return select(VisitRow).where(
        VisitRow.recording.is_not(None),
        VisitRow.connected_at.is_not(None),
        or_(VisitRow.talked_seconds > 0, VisitRow.outcome.in_(_CUT)),
    )


def _messages() -> Select[LedgerEventRow]:
    return select(LedgerEventRow).where(LedgerEventRow.name == Milestone.MESSAGE.value)


_TALK = (
    _answered()
    .with_only_columns(*VisitRow.__table__.columns, _UNRECORDED)
    .where(VisitRow.call_id == bindparam("call"), VisitRow.recording == bindparam("name"))
    .order_by(VisitRow.n)
    .limit(1)
)


def _talk(visit: VisitRow | Row[Any]) -> Talk:
    began_at = visit.connected_at or visit.entered_at
    cut = visit.outcome in _CUT
    seconds = None if cut else visit.talked_seconds
    return Talk(RecordingId(visit.recording or ""), CallId(visit.call_id), began_at, seconds, cut)
