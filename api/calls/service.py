"""The use cases of reading calls, the same for the JSON API and for pages."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.calls.events import events_of
from api.calls.record import Disposition
from api.calls.repository import CallFilter, CallRows, FoundCall
from api.calls.schemas import (
    CallView,
    FallbackView,
    MenuStepView,
    RecordingView,
    Timeline,
    VisitView,
    VoiceMessageView,
)
from api.calls.timeline import told
from api.http.caller_filter import caller_filter
from ivr.kernel.errors import Invalid, NotFound
from routing.queues import QUEUES


def call_filter(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    caller: str | None = None,
    disposition: Disposition | None = None,
    queue: str | None = None,
    agent: str | None = None,
) -> CallFilter:
    """Check what a person or program asked for. Raises `Invalid` that names the field and what would be right."""
    since, until = _in_utc(since, "query.from"), _in_utc(until, "query.to")
    if since is not None and until is not None and since > until:
        raise Invalid("`from` lies after `to`; swap them.", code="from_after_to", field="query.from")
    if queue is not None and queue not in QUEUES:
        raise Invalid(f"There is no queue of this name; take one of {', '.join(QUEUES)}.", field="query.queue")
    return CallFilter(since, until, None if caller is None else caller_filter(caller), disposition, queue, agent)


def _in_utc(instant: datetime | None, field: str) -> datetime | None:
    """The instant as the database compares it. The first and last hours of the calendar have no UTC form."""
    try:
        return None if instant is None else instant.astimezone(UTC)
    except OverflowError as error:
        raise Invalid("This instant is out of range; take one between the years 2 and 9998.", field=field) from error


async def list_calls(
    session: AsyncSession, principal: Principal, wanted: CallFilter, *, limit: int = 50, cursor: str | None = None
) -> tuple[list[CallView], str | None]:
    """A page of calls, newest first, and the cursor of the next one."""
    found, following = await CallRows(session).page(principal, wanted, limit=limit, cursor=cursor)
    return [view_of(call) for call in found], following


async def read_call(session: AsyncSession, principal: Principal, call_id: str) -> CallView:
    """One call. Raises `NotFound`, also when this principal may not know of it."""
    found = await CallRows(session).find(principal, call_id)
    if found is None:
        raise NotFound("There is no such call, or you may not read it.", field="path.call_id")
    return view_of(found)


async def read_timeline(session: AsyncSession, principal: Principal, call_id: str, language: str) -> Timeline:
    """What happened in the call, in words (`fa` or `en`). Raises `NotFound` like `read_call`."""
    await read_call(session, principal, call_id)
    events = (await events_of(session, [call_id])).get(call_id, [])
    return Timeline(call_id=call_id, items=told(events, language))


def view_of(found: FoundCall) -> CallView:
    """A row with its visits and sound, as the API tells it."""
    call = found.call
    return CallView(
        call_id=call.call_id,
        caller=call.caller,
        caller_name=call.caller_name,
        language=call.language,
        arrived_at=call.arrived_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        disposition=Disposition(call.disposition) if call.disposition else None,
        menu_path=[MenuStepView.model_validate(step) for step in call.menu_path],
        visits=[VisitView.model_validate(visit) for visit in found.visits],
        survey_offered=call.survey_offered,
        score=call.score,
        recordings=[RecordingView.model_validate(sound) for sound in found.recordings],
        voice_message=VoiceMessageView.model_validate(call.voice_message) if call.voice_message else None,
        case_code=call.case_code,
        fallbacks=[FallbackView.model_validate(fallback) for fallback in call.fallbacks],
        province=call.province,
        priority=call.priority,
        repeat=call.repeat,
        problems=[str(problem) for problem in call.problems],
    )
