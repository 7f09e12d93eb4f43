"""`/floor/wall`: the floor for a screen on the wall, read from five metres, touched by nobody.

How large must a letter be? DIN EN ISO 9241-303 asks for 16 minutes of arc at least and 20 to 22 for comfort; the rule of thumb
"height = distance / 200" is 17. At 5 m that is 25 mm. On a wall screen of 55 inches (1218 mm wide) 1920 pixels are 0.634 mm each,
so a digit must be 39.4 pixels high; digits of our face are 0.7 of the size of the type, which makes 56.3 pixels. The sheet sets
everything in units of a hundredth of the screen's width, so that the same screen shows the same millimetres at 1440 pixels:
2.95 of them for what must be read. A smaller screen hangs nearer.

It hangs as long as the session of who opened it: `LINE1420_SESSION_LIMIT`, 13 hours unless set otherwise. Then it says over the
whole screen that somebody must log in. A session that lasts for months would be a key that hangs in a room where visitors walk;
it would need rights of its own that reach no further than this page, and a place where it is taken back.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from api.access.guard import require
from api.access.permissions import Permission
from api.access.principal import Principal
from api.db.transaction import Transaction
from api.floor.feed import BoardFeed
from api.reports.standard import GOAL
from api.settings import ApiSettings
from api.web.floor_pages import stale_after
from api.web.floor_parts import alarms_part
from api.web.floor_view import PAUSE_LIMITS, STATES, island_words
from api.web.rendering import language_of, render
from api.web.texts import texts
from api.web.wall_view import wall_view

router = APIRouter(include_in_schema=False)


@router.get("/floor/wall")
async def wall(
    request: Request,
    session: Transaction,
    principal: Annotated[Principal, Depends(require(Permission.FLOOR_READ))],
) -> Response:
    feed: BoardFeed = request.app.state.board_feed
    settings: ApiSettings = request.app.state.settings
    say, now = texts(language_of(request)), request.app.state.clock.now()
    board = (await feed.fresh(session)).shown_to(principal).model_dump(mode="json")
    context = {
        "board": board,
        "view": wall_view(board, now, say),
        "words": island_words(say),
        "states": STATES,
        "goal": GOAL,
        "limits": PAUSE_LIMITS,
        "stale_after": stale_after(settings),
    }
    return render(request, "pages/wall.html", principal, context | await alarms_part(request, session, principal))
