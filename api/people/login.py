"""Logging in: is it allowed to try now, is the password right, and what stands in the trail afterwards."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from api.access.login_limits import begin_try, mark_success
from api.access.secrets_of import password_fits
from api.access.sessions import close_session, forget_dead_sessions, open_session
from api.audit.trail import write_audit
from api.db.engine import Sessions
from api.db.tables import Person
from api.people.ports import LoginProblem
from api.settings import ApiSettings
from ivr.kernel.clock import Clock


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """The new session's token, for the cookie."""

    token: str


async def log_in(
    sessions: Sessions,
    settings: ApiSettings,
    clock: Clock,
    *,
    username: str,
    password: str,
    address: str,
    old_token: str | None,
) -> LoggedIn | LoginProblem:
    """Try one name and password. Two transactions: the try stands before the check, the outcome after it.

    `old_token` is the session that this browser had before, if any; it ends when the new one begins.
    """
    username = username.strip().casefold()[:64]
    now = clock.now()
    async with sessions.begin() as session:
        turn = await begin_try(
            session, username, address, now=now, tries=settings.login_tries, window=settings.login_window
        )
        person = await session.scalar(select(Person).where(Person.username == username, Person.active))
    if isinstance(turn, timedelta):
        return LoginProblem("wait", math.ceil(turn.total_seconds()))
    right = await password_fits(password[:1024], person.password_hash if person else None)
    async with sessions.begin() as session:
        if person is None or not right:
            # the tried name may be a password typed into the wrong field: written down only when an account has it
            target = f"person:{person.username}" if person else "person:unknown"
            await write_audit(
                session, at=now, actor="system:web", action="login.failed", target=target, address=address
            )
            return LoginProblem("wrong")
        await mark_success(session, turn)
        if old_token:
            await close_session(session, old_token)
        await forget_dead_sessions(session, now=now, idle=settings.session_idle)
        token, _ = await open_session(session, person, now=now, limit=settings.session_limit, address=address)
        actor = f"person:{person.username}"
        await write_audit(session, at=now, actor=actor, action="login.succeeded", target=actor, address=address)
        return LoggedIn(token)
