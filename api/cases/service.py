"""Opening, taking and answering cases. Idempotent: the same message opens one case however often it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from api.access.principal import Principal
from api.cases.case import WAITING, Case, CaseKind, CaseState, answered, taken
from api.cases.deadlines import deadline_for, explained
from api.cases.ports import CaseStore, Codes
from ivr.kernel.errors import NotFound, Unavailable
from ivr.kernel.hours import Hours
from ivr.kernel.ids import CallId, RecordingId
from ivr.kernel.phone_number import parse_caller, stored_form
from ivr.kernel.tracking_code import TrackingCode

_CODE_TRIES = 5
"""A reserved code that is taken in the database is a fault of ours; five in a row mean a broken reservation."""

CALLED_BACK = "با تماس‌گیرنده تماس گرفته شد و اپراتور با ایشان گفت‌وگو کرد."
"""The answer of a case whose caller was called back: as with every answer, in the language of the cases."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Request:
    """Why a case is to be opened. `code` is the one the caller heard, None when nobody told them one."""

    kind: CaseKind
    caller: str
    call_id: CallId | None
    recording_id: RecordingId | None
    opened_at: datetime
    code: TrackingCode | None
    details: Mapping[str, Any]


async def open_case(store: CaseStore, codes: Codes, hours: Hours, request: Request) -> tuple[Case, bool]:
    """The case of this request, and whether it is new."""
    if request.recording_id and (existing := await store.of_recording(request.recording_id)):
        return existing, False
    deadline = deadline_for(request.kind, request.opened_at, hours)
    case = Case(
        code=request.code or codes.reserve(),
        kind=request.kind,
        caller=stored_form(parse_caller(request.caller)),
        call_id=request.call_id,
        recording_id=request.recording_id,
        opened_at=request.opened_at,
        due_at=deadline.due_at,
        deadline=explained(deadline),
        details=dict(request.details),
    )
    for _ in range(_CODE_TRIES):
        if await store.add(case):
            await store.audit(case, "case.opened", actor="system:worker", at=request.opened_at, details=_origin(case))
            return case, True
        existing = await store.of_code(case.code)
        if existing is not None and _same_request(existing, request):
            return existing, False
        # Two callers heard one code. The message must not be lost for it: it gets a case under another code.
        _log.error("code_given_twice", code=case.code, alarm=True)
        case = replace(case, code=codes.reserve(), details={**case.details, "spoken_code": request.code})
    raise Unavailable("no free tracking code could be found; see spool/codes")


async def take_case(store: CaseStore, principal: Principal, code: TrackingCode, now: datetime) -> Case:
    """The caseworker takes an open case."""
    case = taken(await _locked(store, code), principal.username, now)
    await store.save(case)
    await store.audit(case, "case.taken", actor=principal, at=now, details={})
    return case


async def answer_case(store: CaseStore, principal: Principal, code: TrackingCode, text: str, now: datetime) -> Case:
    """The caseworker writes the answer to a case in work."""
    case = answered(await _locked(store, code), text, principal.username, now)
    await store.save(case)
    await store.audit(
        case, "case.answered", actor=principal, at=now, details={"characters": len(case.details["answer"])}
    )
    return case


async def answered_by_call(store: CaseStore, code: TrackingCode, who: str, call_id: str, now: datetime) -> None:
    """An operator has reached the caller of a call back: what the case asked for is done. A case that a person has answered
    meanwhile stays as it is, and told twice it is once."""
    case = await store.of_code(code, lock=True)
    if case is None or case.state not in WAITING:
        return
    case = case if case.state is CaseState.IN_WORK else taken(case, who, now)
    case = answered(case, CALLED_BACK, who, now)
    case = replace(case, details={**case.details, "answering_call": call_id})
    await store.save(case)
    await store.audit(case, "case.answered", actor="system:listener", at=now, details={"call": call_id, "agent": who})


async def find_case(store: CaseStore, code: TrackingCode) -> Case:
    """`NotFound` when nobody was given this code for a case."""
    case = await store.of_code(code)
    if case is None:
        raise NotFound("There is no case with this code. A message left a moment ago appears within seconds.")
    return case


async def _locked(store: CaseStore, code: TrackingCode) -> Case:
    case = await store.of_code(code, lock=True)
    if case is None:
        raise NotFound("There is no case with this code.")
    return case


def _same_request(existing: Case, request: Request) -> bool:
    return existing.call_id == request.call_id and existing.recording_id == request.recording_id


def _origin(case: Case) -> dict[str, Any]:
    return {"kind": case.kind.value, "call": case.call_id, "recording": case.recording_id}
