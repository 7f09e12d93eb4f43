"""The whole business process on one page: what happens in one room because of another (event → commands).

Each command runs in the transaction of its event and may run twice; what it writes has a key that makes the second time
harmless. A feature never calls another feature: it tells here what happened.

    a call that began a talk, a message or a call back is over
                              → what it left is looked for                (job `call_ended`, `api/processes/adoption.py`)
    a recording was archived  → it is written down and told to the ledger
                              → a message in which somebody speaks opens a case
    a call back was asked for → a case is opened
                              → its place in line is kept, where the line calls back by itself
    a call back moved on      → when the caller was reached, the case is answered
                              → a text message may be sent about it    (job `text_message`, `api/callbacks/text_messages.py`)
    a case was opened         → it is told to the ledger, so that the call's record shows its code
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.callbacks.following import Moved
from api.callbacks.keeping import keep_place
from api.callbacks.text_messages import TextKind
from api.cases.case import Case, CaseKind, kind_of
from api.cases.ports import Codes
from api.cases.repository import CaseRows
from api.cases.service import Request, answered_by_call, open_case
from api.jobs import Job, enqueue
from api.ledger.facts import append_fact, record_fact
from api.playback.expected import ExpectedSound
from api.playback.repository import RecordingRows
from ivr.kernel.clock import Clock
from ivr.kernel.hours import Hours
from ivr.kernel.ids import CallId, MessageId
from ivr.kernel.spool_notes import CallbackNote
from ivr.kernel.tracking_code import TrackingCode
from recordings.events import RecordingArchived
from recordings.recording import Kind
from routing.callbacks.request import CallbackState
from routing.callbacks.settings import CallbackSettings
from routing.events import LedgerEvent, Source

log = structlog.get_logger(__name__)


class HoursNow(Protocol):
    """The hours in which deadlines run, as they are now."""

    def now(self) -> Hours: ...


@dataclass(frozen=True, slots=True)
class Means:
    """What the commands below work with."""

    clock: Clock
    codes: Codes
    hours: HoursNow
    callbacks: CallbackSettings = field(default_factory=CallbackSettings)
    text_messages: bool = False
    """Whether somebody takes them."""


@dataclass(frozen=True, slots=True)
class CallbackRequested:
    """The callback door wrote its note."""

    note: CallbackNote


@dataclass(frozen=True, slots=True)
class CallbackMoved:
    """A try reached nobody, or a call back is over."""

    moved: Moved


@dataclass(frozen=True, slots=True)
class CaseOpened:
    """A new case is written."""

    case: Case


async def react(means: Means, session: AsyncSession, event: object) -> None:
    """Run every command that follows from `event`, in this transaction."""
    for command in REACTIONS[type(event)]:
        await command(means, session, event)


async def _write_recording_down(means: Means, session: AsyncSession, event: RecordingArchived) -> None:
    if not await RecordingRows(session).keep(event.recording):
        return
    made = event.recording
    log.info("recording_archived", recording=made.recording_id, state=made.state.value, reason=made.reason)
    # The sound of a talk whose end everybody heard changes nothing in the call's record; it need not be folded anew.
    plain = made.kind is Kind.TALK and made.expected_seconds is not None
    await _tell_ledger(means, session, "recording_archived", made.call_id, event.fields(), fold=not plain)


async def _open_case_for_message(means: Means, session: AsyncSession, event: RecordingArchived) -> None:
    made, sidecar = event.recording, event.sidecar
    if made.kind is not Kind.MESSAGE or not event.speaks:
        return
    call = await ExpectedSound(session).call(made.call_id) if made.call_id else None
    if sidecar:
        kind, caller, opened_at, code = (
            kind_of(sidecar.kind),
            sidecar.caller,
            sidecar.started_at,
            TrackingCode(sidecar.code),
        )
    else:
        told = await ExpectedSound(session).told_of(MessageId(made.recording_id), made.call_id)
        kind, code = (kind_of(told.kind), told.code) if told else (CaseKind.UNKNOWN, None)
        caller, opened_at = "", call.arrived_at if call else means.clock.now()
    details = {"language": sidecar.language} if sidecar else {"without_sidecar": True}
    request = Request(
        kind, caller or (call.caller if call else ""), made.call_id, made.recording_id, opened_at, code, details
    )
    await _open(means, session, request)


async def _open_case_for_callback(means: Means, session: AsyncSession, event: CallbackRequested) -> None:
    note = event.note
    details = {"queue": note.queue, "when": note.when, "keyed": note.keyed}
    await _open(
        means, session, Request(CaseKind.CALLBACK, note.number, note.call_id, None, note.asked_at, note.code, details)
    )


async def _keep_place(means: Means, session: AsyncSession, event: CallbackRequested) -> None:
    if means.callbacks.on:
        state, new = await keep_place(session, event.note, means.callbacks)
        if new and state in (CallbackState.PENDING, CallbackState.SAME_PLACE):
            await _text(means, session, [event.note.code], TextKind.PROMISED, "1")


async def _answer_case_of_callback(means: Means, session: AsyncSession, event: CallbackMoved) -> None:
    if event.moved.state is CallbackState.REACHED:
        for code in event.moved.codes:
            who = event.moved.agent or "system:listener"
            await answered_by_call(CaseRows(session), TrackingCode(code), who, event.moved.call_id, event.moved.at)


async def _text_about_callback(means: Means, session: AsyncSession, event: CallbackMoved) -> None:
    kinds = {CallbackState.RETRY: TextKind.MISSED, CallbackState.GIVEN_UP: TextKind.GIVEN_UP}
    if kind := kinds.get(event.moved.state):
        await _text(means, session, event.moved.codes, kind, event.moved.at.isoformat())


async def _text(means: Means, session: AsyncSession, codes: Sequence[str], kind: TextKind, which: str) -> None:
    """One message for a request, to whoever asked first: one number, one telephone."""
    if means.text_messages:
        payload = {"code": codes[0], "kind": kind.value}
        await enqueue(session, Job.TEXT_MESSAGE, payload, dedupe_key=f"text:{codes[0]}:{kind.value}:{which}")


async def _open(means: Means, session: AsyncSession, request: Request) -> None:
    case, new = await open_case(CaseRows(session), means.codes, means.hours.now(), request)
    if new:
        await react(means, session, CaseOpened(case))


async def _tell_case_opened(means: Means, session: AsyncSession, event: CaseOpened) -> None:
    case = event.case
    log.info("case_opened", code=case.code, kind=case.kind.value, due_at=case.due_at.isoformat())
    fields = {"code": str(case.code), "recording": str(case.recording_id or "")}
    await _tell_ledger(means, session, "case_opened", case.call_id, fields)


async def _tell_ledger(
    means: Means,
    session: AsyncSession,
    name: str,
    call_id: CallId | None,
    fields: Mapping[str, str],
    *,
    fold: bool = True,
) -> None:
    if call_id is not None:
        tell = record_fact if fold else append_fact
        await tell(session, LedgerEvent(Source.LINE, name, means.clock.now(), call_id, None, dict(fields)))


Command = Callable[[Means, AsyncSession, Any], Awaitable[None]]

REACTIONS: Mapping[type, tuple[Command, ...]] = {
    RecordingArchived: (_write_recording_down, _open_case_for_message),
    CallbackRequested: (_open_case_for_callback, _keep_place),
    CallbackMoved: (_answer_case_of_callback, _text_about_callback),
    CaseOpened: (_tell_case_opened,),
}
