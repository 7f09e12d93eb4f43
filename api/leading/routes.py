"""`/api/v1/waiting`, `/api/v1/closures`, `/api/v1/announcements`, `/api/v1/listening`: deeds of who leads the floor."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request
from pydantic import AwareDatetime

from api.db.transaction import Transaction
from api.http.errors import error_responses
from api.http.routers import api_router
from api.leading import announcements, closures, waiting
from api.leading.asking import (
    Actor,
    Barger,
    Call,
    Exchange,
    Floor,
    Hearer,
    Hearings,
    Ident,
    Leader,
    Looker,
    Seat,
    Whisperer,
    is_open,
    now_of,
    opening_of,
    sessions_of,
    settings_of,
    shelf_of,
    step_of,
    until,
)
from api.leading.schemas import (
    Announcements,
    AnnouncementView,
    ClosingAsked,
    Closings,
    ClosingView,
    HearAsked,
    Listeners,
    ListenerView,
    MoveAsked,
    Moved,
    PriorityAsked,
    PriorityNow,
)
from ivr.kernel.errors import Invalid
from routing.leading import Hearing

router = api_router("floor")

_TOO_LATE = error_responses(400, 409, 413, 503)
_SOUND = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.put("/waiting/{call_id}/queue", summary="Move a waiting caller", responses=_TOO_LATE)
async def move_caller(
    request: Request, session: Transaction, principal: Leader, lead: Exchange, floor: Floor, call_id: Call, asked: MoveAsked
) -> Moved:  # fmt: skip
    """The caller waits on in another queue, before who joined later. 409 when it is too late."""
    caller = await waiting.move(
        session, lead, floor, call_id, asked.queue,
        queues=settings_of(request).queues, is_open=is_open(request), until=until(request),
        sessions=sessions_of(request), at=now_of(request), by=principal,
    )  # fmt: skip
    return Moved(call_id=call_id, from_queue=caller.queue, to_queue=asked.queue)


@router.post("/waiting/{call_id}/front", summary="Put a waiting caller first", responses=_TOO_LATE)
async def put_first(
    request: Request, session: Transaction, principal: Leader, lead: Exchange, floor: Floor, call_id: Call
) -> PriorityNow:
    priority = await waiting.to_front(
        session, lead, floor, call_id,
        step_seconds=step_of(request), sessions=sessions_of(request), at=now_of(request), by=principal,
    )  # fmt: skip
    return PriorityNow(call_id=call_id, priority=priority)


@router.put("/waiting/{call_id}/priority", summary="Change a waiting caller's priority", responses=_TOO_LATE)
async def change_priority(
    request: Request, session: Transaction, principal: Leader, lead: Exchange, floor: Floor, call_id: Call,
    asked: PriorityAsked,
) -> PriorityNow:  # fmt: skip
    priority = await waiting.prioritise(
        session, lead, floor, call_id, asked.priority,
        step_seconds=step_of(request), sessions=sessions_of(request), at=now_of(request), by=principal,
    )  # fmt: skip
    return PriorityNow(call_id=call_id, priority=priority)


@router.get("/closures", summary="Sudden closures and openings", responses=error_responses(503))
async def read_closures(request: Request, _principal: Looker) -> Closings:
    """As the file says that doors and board read."""
    now = now_of(request)
    found = await closures.changes(settings_of(request).var / "closures.toml")
    return Closings(
        items=sorted((ClosingView.of(one, now, found) for one in found), key=lambda one: one.starts_at, reverse=True)
    )


@router.post("/closures", summary="Close or open a queue", status_code=201, responses=_TOO_LATE)
async def close_queue(request: Request, session: Transaction, principal: Actor, asked: ClosingAsked) -> ClosingView:
    """Doors and board follow at once. A closure that begins while people wait: they are told within seconds, and offered
    a message or a call back."""
    now, settings = now_of(request), settings_of(request)
    closing = closures.Closing(asked.kind == "opening", asked.queue, asked.starts_at, asked.ends_at, asked.reason)
    path = settings.var / "closures.toml"
    known = await closures.changes(path)  # before the deed: what fails after it would undo the trail and not the file
    change = await closures.close(
        session, path, closing,
        sections=opening_of(request).calendar().sections, at=now, by=principal,
    )  # fmt: skip
    return ClosingView.of(change, now, known)


@router.delete("/closures/{ident}", summary="End a closure or opening now", responses=error_responses(404, 409, 503))
async def end_closure(request: Request, session: Transaction, principal: Actor, ident: Ident) -> ClosingView:
    """What had not begun is taken back. Answers with the entry as it was."""
    now = now_of(request)
    path = settings_of(request).var / "closures.toml"
    known = await closures.changes(path)
    return ClosingView.of(await closures.end(session, path, ident, at=now, by=principal), now, known)


@router.get("/announcements", summary="Emergency announcements", responses=error_responses(503))
async def read_announcements(request: Request, _principal: Looker) -> Announcements:
    now = now_of(request)
    found = await announcements.announcements(shelf_of(request))
    return Announcements(items=[AnnouncementView.of(one, now) for one in found])


@router.post(
    "/announcements",
    summary="Let callers be told something",
    status_code=201,
    responses=_TOO_LATE,
    openapi_extra=_SOUND,
)
async def make_announcement(
    request: Request,
    session: Transaction,
    principal: Actor,
    text: Annotated[str, Query(min_length=1, max_length=500, description="What is said.")],
    ends_at: Annotated[AwareDatetime, Query(description="It stops by itself then.")],
    starts_at: Annotated[AwareDatetime | None, Query(description="Without it: now.")] = None,
    queue: Annotated[list[str], Query(max_length=20, description="None: everybody who calls.")] = [],  # noqa: B006
) -> AnnouncementView:
    """The body is the sound: WAV, MP3 or OGG, at most a minute. It is told before the greeting, or before the queue."""
    now, sound = now_of(request), await request.body()
    if not sound:
        raise Invalid("Send the sound as the body.", code="sound_missing", field="body")
    asked = announcements.Asked(sound, text, tuple(queue), starts_at, ends_at)
    made = await announcements.announce(
        session, shelf_of(request), asked, queues=settings_of(request).queues, at=now, by=principal
    )
    return AnnouncementView.of(made, now)


@router.delete("/announcements/{ident}", summary="Stop an announcement now", responses=error_responses(404, 409, 503))
async def end_announcement(request: Request, session: Transaction, principal: Actor, ident: Ident) -> AnnouncementView:
    now = now_of(request)
    return AnnouncementView.of(await announcements.end(session, shelf_of(request), ident, at=now, by=principal), now)


@router.get("/listening", summary="Who hears a talk now", responses=error_responses(503))
async def read_listening(hearings: Hearings, _principal: Hearer) -> Listeners:
    return Listeners(items=[ListenerView.of(one) for one in await hearings.now()])


@router.put("/listening/{seat}", summary="Hear a talk", status_code=202, responses=_TOO_LATE | error_responses(404))
async def listen(hearings: Hearings, floor: Floor, principal: Hearer, seat: Seat, asked: HearAsked) -> HearAsked:
    """Your telephone rings; answered, it hears both and is heard by nobody. Written down before the first sound."""
    await hearings.begin(floor, seat, asked.phone, principal)
    return asked


@router.put(
    "/listening/{seat}/muted", summary="Only hear again", status_code=204, responses=error_responses(404, 409, 503)
)
async def mute(hearings: Hearings, principal: Hearer, seat: Seat) -> None:
    await hearings.change(seat, Hearing.LISTEN, principal)


@router.put("/listening/{seat}/whisper", summary="Speak to the operator only", status_code=204, responses=error_responses(404, 409, 503))  # fmt: skip
async def whisper(hearings: Hearings, principal: Whisperer, seat: Seat) -> None:
    await hearings.change(seat, Hearing.WHISPER, principal)


@router.put(
    "/listening/{seat}/barge", summary="Speak to both", status_code=204, responses=error_responses(404, 409, 503)
)
async def barge(hearings: Hearings, principal: Barger, seat: Seat) -> None:
    await hearings.change(seat, Hearing.BARGE, principal)


@router.delete("/listening/{seat}", summary="Hear no more", status_code=204, responses=error_responses(404, 503))
async def leave_talk(hearings: Hearings, principal: Hearer, seat: Seat) -> None:
    await hearings.stop(seat, principal)
