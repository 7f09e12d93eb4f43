"""Parts of the floor's pages that the server draws again when the board says that there is something new in one.

A part is drawn for its reader, from what the feed keeps for all of them: nothing is reckoned for each page.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.alarms.repository import looked_at, open_rows
from api.alarms.schemas import AlarmView
from api.db.transaction import Transaction
from api.floor.feed import BoardFeed
from api.web.alarm_view import ON_WALL, alarm_shown, counts_of, unwatched_note
from api.web.floor_day_view import day_view
from api.web.people_names import names_of
from api.web.rendering import language_of, render
from api.web.texts import texts

router = APIRouter(prefix="/floor/parts", include_in_schema=False)

Watcher = Annotated[Principal, Depends(require(Permission.FLOOR_READ))]


@router.get("/alarms")
async def alarms(request: Request, session: Transaction, principal: Watcher) -> Response:
    return render(request, "parts/floor_alarms.html", principal, await alarms_part(request, session, principal))


@router.get("/wall-alarms")
async def wall_alarms(request: Request, session: Transaction, principal: Watcher) -> Response:
    return render(request, "parts/wall_alarms.html", principal, await alarms_part(request, session, principal))


@router.get("/day")
async def day(request: Request, session: Transaction, principal: Watcher) -> Response:
    feed: BoardFeed = request.app.state.board_feed
    told = await feed.day(session)
    return render(request, "parts/floor_day.html", principal, {"day": day_view(told, texts(language_of(request)))})


async def alarms_part(request: Request, session: AsyncSession, principal: Principal) -> dict[str, Any]:
    """What both parts with alarms need: those that stand, the untaken first, and whether anybody looks for them."""
    feed: BoardFeed = request.app.state.board_feed
    say, now = texts(language_of(request)), request.app.state.clock.now()
    board = await feed.alarms(session)
    standing = [AlarmView.of(row) for row in await open_rows(session)]
    owners = {alarm.owner.partition(":")[2] for alarm in standing if alarm.owner}
    people = await names_of(session, say.language, owners)
    items = [alarm_shown(alarm, people, now, say) for alarm in standing]
    return {
        "alarms": {
            "mark": board.mark if board else "",
            "watched": bool(board and board.watched),
            "unwatched_note": unwatched_note(await looked_at(session), say),
            "items": items,
            "on_wall": items[:ON_WALL],
            "counts": counts_of(items, say),
            "may_take": principal.may(Permission.ALARMS_TAKE),
            "may_list": principal.may(Permission.ALARMS_READ),
        }
    }
