"""`/api/v1/line/advice`: what a door asks before it hands a caller to a queue. A caller waits for the answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.advice.schemas import LineAdvice
from api.advice.service import advise
from api.db.transaction import Transaction
from api.http.routers import api_router
from api.priority.standings import standing_of
from ivr.kernel.ids import QueueName

router = api_router("floor", "/line")

Door = Annotated[Principal, Depends(require(Permission.LINE_ADVICE))]


@router.get("/advice", summary="What a caller may be told of a queue")
async def read_advice(
    request: Request,
    session: Transaction,
    _principal: Door,
    queue: Annotated[
        str,
        Query(
            pattern=r"^[a-z][a-z0-9_]{0,39}$",
            description="The queue that a caller is about to enter.",
            examples=["insurance"],
        ),
    ],
    caller: Annotated[
        str, Query(max_length=40, description="Their number as the network sent it; empty: withheld.")
    ] = "",
) -> LineAdvice:
    """For the doors, with a token of the scope `line:advice`. A queue that the board does not know has no estimate."""
    state = request.app.state
    settings, now = state.settings, state.clock.now()
    known = await standing_of(session, caller, settings.routing, now)
    found = await advise(session, state.kept_facts, settings, QueueName(queue), now, priority=known.priority)
    return found.model_copy(
        update={
            "priority": known.priority,
            "group": known.group or None,
            "repeat": known.repeat,
            "province": known.province or None,
        }
    )
