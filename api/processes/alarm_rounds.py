"""The worker's eye on the floor: a round every two seconds, whatever else the worker does, until told to stop."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from api.alarms.rounds import Rounds
from api.db.engine import Sessions
from api.floor.opening import Opening
from api.processes.sweep import database_away
from api.roster.planned import PlannedFromRoster
from api.settings import ApiSettings
from ivr.kernel.clock import Clock

log = structlog.get_logger(__name__)

PACE = timedelta(seconds=2)


def rounds_of(settings: ApiSettings, clock: Clock) -> Rounds:
    """The rounds on this line, made of the floor's hours and the roster's plan."""
    opening = Opening.of(settings)
    return Rounds(settings.systemname, opening, PlannedFromRoster, settings.board_stale, clock.now())


async def keep_looking(
    rounds: Rounds, sessions: Sessions, clock: Clock, stop: asyncio.Event, pace: timedelta = PACE
) -> None:
    """Until `stop`. A database that is away is waited for; pages say meanwhile that nobody looks."""
    while not stop.is_set():
        try:
            async with sessions.begin() as session:
                await rounds.look(session, clock.now())
        except Exception as error:
            # A fault of ours in one round must not end the rounds: the next one may see other things.
            rounds.forget()
            if database_away(error):
                log.warning("alarms.round_waits_for_database", problem=type(error).__name__)
            else:
                log.exception("alarms.round_failed", alarm=True)
        try:
            async with asyncio.timeout(pace.total_seconds()):
                await stop.wait()
        except TimeoutError:
            continue
