"""`/calls` and `/calls/{call_id}`: the list with its filters, and the story of one call with its sound."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.calls.record import Disposition
from api.calls.repository import CallFilter
from api.calls.schemas import CallView
from api.calls.service import call_filter, list_calls, read_call, read_timeline
from api.db.transaction import Transaction
from api.playback.repository import RecordingRows
from api.playback.schemas import RecordingView
from api.web import shown
from api.web.call_story import problem_words, tell
from api.web.floor_view import mark_of
from api.web.login_page import refusal_text
from api.web.people_names import names_of, names_of_agents
from api.web.rendering import language_of, render
from api.web.texts import Texts, texts
from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import Invalid
from ivr.kernel.ids import RecordingId
from ivr.kernel.jalali import day_short
from ivr.kernel.persian_text import clean
from routing.queues import QUEUES

router = APIRouter(prefix="/calls", include_in_schema=False)

Reader = Annotated[Principal, Depends(require(Permission.CALLS_READ))]
Field = Annotated[str, Query(max_length=80)]

_PAGE = 50
TONES = {
    Disposition.ANSWERED: "good",
    Disposition.ABANDONED: "act",
    Disposition.SYSTEM_DROP: "act",
    Disposition.LOST_BY_RESTART: "act",
    Disposition.TIMED_OUT: "look",
    Disposition.CLOSED_OUT: "look",
    Disposition.NO_AGENTS: "look",
    Disposition.REFUSED_FULL: "look",
}
"""Colour of a result's chip: red where a caller was lost, amber where we could not serve."""


@router.get("")
async def calls(
    request: Request,
    session: Transaction,
    principal: Reader,
    since: Annotated[str, Query(alias="from", max_length=80)] = "",
    until: Annotated[str, Query(alias="to", max_length=80)] = "",
    caller: Field = "",
    disposition: Field = "",
    queue: Field = "",
    agent: Field = "",
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    language = language_of(request)
    say = texts(language)
    now = request.app.state.clock.now()
    people = await names_of_agents(session, language)
    asked = {"from": since, "to": until, "caller": caller, "disposition": disposition, "queue": queue, "agent": agent}
    example = shown.short_date(now, language)
    items: list[CallView] = []
    following, problem, blamed = None, "", ""
    try:
        wanted = _filter(asked)
        items, following = await list_calls(session, principal, wanted, limit=_PAGE, cursor=cursor)
    except Invalid as error:
        blamed = (error.field or "").rpartition(".")[2]
        problem = _problem(error, blamed, example, say)
    context = {
        "items": [_row(call, people) | {"note": _standing(call, say)} for call in items],
        "next": f"/calls?{urlencode({**_given(asked), 'cursor': following})}" if following else None,
        "asked": asked,
        "problem": problem,
        "problems": {blamed: problem} if problem else {},
        "example": example,
        "quick": _quick(now, say),
        "dispositions": [(value.value, say.word("disposition", value)) for value in Disposition],
        "queues": [(str(name), say.word("queue", name)) for name in QUEUES],
        "agents": sorted(people.items()),
        "tones": TONES,
    }
    return render(request, "pages/calls.html", principal, context, status=422 if problem else 200)


@router.get("/{call_id}")
async def story(call_id: str, request: Request, session: Transaction, principal: Reader) -> Response:
    language = language_of(request)
    say = texts(language)
    call = await read_call(session, principal, call_id)
    timeline = await read_timeline(session, principal, call_id, language)
    people = await names_of_agents(session, language)
    people |= await names_of(
        session, language, {e.details.get("by", "") for e in timeline.items if e.event == "listening"}
    )
    last = call.visits[-1] if call.visits else None
    ended = call.ended_at or request.app.state.clock.now()
    context = {
        "call": call,
        "moments": tell(timeline.items, call.visits, people, say),
        "problems": [clean(problem_words(problem, say)) for problem in call.problems],
        "sounds": await _sounds(session, principal, call),
        "length": (ended - call.arrived_at).total_seconds(),
        "queue": last.queue if last else None,
        "agent": people.get(last.agent, last.agent) if last and last.agent else None,
        "tones": TONES,
    }
    return render(request, "pages/story.html", principal, context)


async def _sounds(session: AsyncSession, principal: Principal, call: CallView) -> list[dict[str, Any]]:
    """Each recording, with its wave where this person may hear it."""
    rows = RecordingRows(session)
    sounds: list[dict[str, Any]] = []
    for recording in call.recordings:
        found = await rows.visible(principal, RecordingId(recording.recording_id))
        sounds.append({"recording": RecordingView.of(found) if found else recording, "may_hear": found is not None})
    return sounds


def _problem(error: Invalid, blamed: str, example: str, say: Texts) -> str:
    """What to type instead, in the reader's language."""
    if error.code == "invalid" and blamed in {"from", "to"}:
        return say("calls.bad_date", example=example)
    return say("calls.bad_caller") if blamed == "caller" else refusal_text(error, say)


def _filter(asked: Mapping[str, str]) -> CallFilter:
    """What people typed and chose, as the service wants it. Raises `Invalid` that names the field."""
    first, last = shown.parse_date(asked["from"], "from"), shown.parse_date(asked["to"], "to")
    known = {value.value: value for value in Disposition}
    if asked["disposition"] and asked["disposition"] not in known:
        raise Invalid(f"disposition may be one of {', '.join(known)}.", field="query.disposition")
    return call_filter(
        since=shown.day_begins(first) if first else None,
        until=shown.day_ends(last) if last else None,
        caller=asked["caller"].strip() or None,
        disposition=known.get(asked["disposition"]),
        queue=asked["queue"] or None,
        agent=asked["agent"] or None,
    )


def _row(call: CallView, people: Mapping[str, str]) -> dict[str, Any]:
    last = call.visits[-1] if call.visits else None
    agent = next((visit.agent for visit in reversed(call.visits) if visit.agent), None)
    waits = [visit.waited_seconds for visit in call.visits if visit.waited_seconds is not None]
    talks = [visit.talked_seconds for visit in call.visits if visit.talked_seconds is not None]
    return {
        "call_id": call.call_id,
        "caller": call.caller,
        "arrived_at": call.arrived_at,
        "disposition": call.disposition,
        "queue": last.queue if last else None,
        "agent": people.get(agent, agent) if agent else None,
        "waited_seconds": sum(waits) if waits else None,
        "talked_seconds": sum(talks) if talks else None,
        "score": call.score,
        "has_sound": any(sound.state not in {"missing", "empty"} for sound in call.recordings),
        "case_code": call.case_code,
    }


def _standing(call: CallView, say: Texts) -> str:
    """The province, and why they stood where they stood in the queue."""
    province = say.word("province", call.province) if call.province else ""
    return " · ".join(part for part in (province, mark_of(call.priority or 0, call.repeat or 0, say)) if part)


def _given(asked: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value}


def _quick(now: datetime, say: Texts) -> list[tuple[str, str]]:
    """Links to the periods people ask for most, their days written as the form would have them."""
    written = partial(day_short, language=say.language)
    today = now.astimezone(TEHRAN).date()
    periods = (("today", today, today), ("yesterday", today - timedelta(1), today - timedelta(1)))
    return [
        (say(f"calls.{name}"), f"/calls?{urlencode({'from': written(first), 'to': written(last)})}")
        for name, first, last in (*periods, ("last_week", today - timedelta(6), today))
    ]
