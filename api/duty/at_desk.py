"""Signing in at the desk page, where nobody sees whether the telephone beside them is in use."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.access.principal import Principal
from api.db.tables import BoardState
from api.duty.service import sign_in
from api.settings import ApiSettings
from ivr.kernel.errors import Conflict
from routing.agents import SeatState
from routing.duty import Duty
from routing.ports import BoardLink
from routing.seats import seat_names

_IN_A_TALK = (SeatState.TALKING, SeatState.HOLDING)


async def sit_down(session: AsyncSession, settings: ApiSettings, who: Principal, seat: str, at: datetime) -> Duty:
    """As `service.sign_in`; besides raises `Conflict` while a caller is served at the seat: whoever signed out in mid-talk
    keeps that call to its end, and the work after it is theirs."""
    if await _caller_there(session, settings, seat, at):
        raise Conflict(
            f"A caller is still served at {seat}. Choose another seat, or wait for the end of the talk.",
            code="seat_in_talk",
            field="seat",
        )
    return await sign_in(session, who.username, seat, seats=seat_names(settings.seats), at=at, by=who)


async def _caller_there(session: AsyncSession, settings: ApiSettings, seat: str, at: datetime) -> bool:
    """By the board while it is fresh; an old one keeps nobody from working."""
    stored = await session.get(BoardState, settings.systemname)
    if stored is None or at - stored.as_of > settings.board_stale or stored.board.get("link") != BoardLink.LIVE:
        return False
    return any(
        one["seat"] == seat and one["call_id"] is not None and one["agent"] is None and one["state"] in _IN_A_TALK
        for one in stored.board["seats"]
    )
