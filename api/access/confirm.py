"""Asking a person who is logged in for their password once more, before something that a stranger at their desk may not do."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select

from api.access.login_limits import begin_try, mark_success
from api.access.principal import Principal
from api.access.secrets_of import password_fits
from api.db.engine import Sessions
from api.db.tables import Person


@dataclass(frozen=True, slots=True)
class NotConfirmed:
    """`wrong`: the password; `wait`: too many tries, `seconds` to go."""

    kind: Literal["wrong", "wait"]
    seconds: int = 0


async def confirm(
    sessions: Sessions, principal: Principal, password: str, *, now: datetime, tries: int, window: timedelta
) -> NotConfirmed | None:
    """None when the password is right. A try counts like one at the login page, so this is no way around its limits."""
    async with sessions.begin() as session:
        turn = await begin_try(session, principal.username, principal.address, now=now, tries=tries, window=window)
        stored = await session.scalar(
            select(Person.password_hash).where(Person.username == principal.username, Person.active)
        )
    if isinstance(turn, timedelta):
        return NotConfirmed("wait", math.ceil(turn.total_seconds()))
    if not await password_fits(password[:1024], stored):
        return NotConfirmed("wrong")
    async with sessions.begin() as session:
        await mark_success(session, turn)
    return None
