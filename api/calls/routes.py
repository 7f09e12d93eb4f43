"""`GET /api/v1/calls`, one call, and what happened in it."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Path, Query

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.calls.record import Disposition
from api.calls.schemas import CallView, Timeline
from api.calls.service import call_filter, list_calls, read_call, read_timeline
from api.db.transaction import Transaction
from api.http.errors import error_responses
from api.http.instants import Instant
from api.http.pages_of import Cursor, Limit, Page
from api.http.routers import api_router

router = api_router("calls", "/calls")

Reader = Annotated[Principal, Depends(require(Permission.CALLS_READ))]
CallKey = Annotated[
    str,
    Path(
        description="Call id, e.g. `line1420-1795249800.7`.",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        examples=["line1420-1795249800.7"],
    ),
]


@router.get("", summary="Calls, newest first")
async def get_calls(
    session: Transaction,
    principal: Reader,
    since: Annotated[
        Instant | None,
        Query(alias="from", description="Arrived at or after this instant, e.g. `2026-11-21T08:00:00+03:30`."),
    ] = None,
    until: Annotated[Instant | None, Query(alias="to", description="Arrived before this instant.")] = None,
    caller: Annotated[
        str | None,
        Query(max_length=40, description="National (0912…) or international (+98912…) form, or `withheld`."),
    ] = None,
    disposition: Annotated[Disposition | None, Query(description="How the call ended.")] = None,
    queue: Annotated[str | None, Query(max_length=100, description="With a stay in this queue.")] = None,
    agent: Annotated[
        str | None, Query(min_length=1, max_length=80, description="With a stay that this operator answered.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[CallView]:
    """Every call that reached the line, also those that go on (`disposition` null). Casework sees calls with a case."""
    wanted = call_filter(since=since, until=until, caller=caller, disposition=disposition, queue=queue, agent=agent)
    items, following = await list_calls(session, principal, wanted, limit=limit, cursor=cursor)
    return Page(items=items, next=following)


@router.get("/{call_id}", summary="One call", responses=error_responses(404))
async def get_call(call_id: CallKey, session: Transaction, principal: Reader) -> CallView:
    """The record as it is folded now; late events may still complete it within seconds after the end."""
    return await read_call(session, principal, call_id)


@router.get("/{call_id}/timeline", summary="What happened in one call", responses=error_responses(404))
async def get_timeline(
    call_id: CallKey,
    session: Transaction,
    principal: Reader,
    language: Annotated[Literal["fa", "en"], Query(description="Language of the texts.")] = "en",
) -> Timeline:
    """Events of both of Asterisk's ledgers and what was found out later, in words."""
    return await read_timeline(session, principal, call_id, language)
