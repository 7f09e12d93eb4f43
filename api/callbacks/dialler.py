"""Brings call backs to their places in Asterisk's queues and writes down what became of them. Lives in the listener's process.

Each look reads the open requests, brings them up to the ledger's word, compares their places with what Asterisk's queues
hold, and says the steps that are missing. An attempt is written down under its row's lock before Asterisk is asked for it,
with a number that is never used twice. A death in between costs `NEVER_BEGAN` seconds, and what the ledger lags, and no dial.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.callbacks.following import Moved, follow
from api.callbacks.freeing import free_operators
from api.callbacks.keeping import CHANNEL, begin_attempt, end, on_the_line, open_rows, request_of, served_otherwise
from api.db.engine import Sessions
from api.db.notify import Listener as Words
from ivr.kernel.clock import Clock
from ivr.kernel.errors import Invalid
from ivr.kernel.failpoints import hit_here
from ivr.kernel.ids import CallId
from routing.ami.client import AmiLink
from routing.ami.protocol import LinkLost
from routing.ami.resync import COMPLETE
from routing.callbacks import saying
from routing.callbacks.floor import Places
from routing.callbacks.request import CallbackState, Request, code_of
from routing.callbacks.rule import Floor, Place, Withdraw, steps
from routing.callbacks.settings import CallbackSettings
from routing.live import CallerJoined, CallerLeft, LiveEvent, Snapshot
from routing.queues import exchange_name

log = structlog.get_logger(__name__)

_ALREADY = "already"
"""In a refusal: the step was done."""

Follows = Callable[[AsyncSession, Moved], Awaitable[None]]
"""What else happens because a call back moved on, in the same transaction."""


class Hours(Protocol):
    """When a queue takes callers."""

    def is_open(self, queue: str, now: datetime) -> bool: ...


@dataclass(frozen=True, slots=True)
class DiallerPace:
    """Waits, in seconds."""

    look: float = 1.0
    """Between two looks while nothing is heard."""
    after_failure: float = 1.0
    withdraw_again: float = 3.0
    say_within: float = 2.0
    """From the attempt's commit to its saying; who was held up for longer (a frozen process) does not say it any more."""


@dataclass(slots=True)
class DiallerCounts:
    """What a metrics page wants to know."""

    placed: int = 0
    withdrawn: int = 0
    refused: int = 0
    """Steps that Asterisk would not take."""
    open: int = 0


class Dialler:
    """`routing.ports.Watcher`: hears the floor; `run()` acts on it."""

    def __init__(
        self, places: Places, link: AmiLink, sessions: Sessions, words: Words, clock: Clock, hours: Hours,
        rules: CallbackSettings, follows: Follows, *, node: str, step_seconds: int, winding_down: timedelta,
        may_record: Callable[[], bool] = lambda: True, pace: DiallerPace = DiallerPace(),
    ) -> None:  # fmt: skip
        """`step_seconds`: as so much waiting one step of priority counts. `winding_down`: who stands in a queue that has
        closed is served for so long."""
        self.counts = DiallerCounts()
        self._places, self._link, self._sessions, self._words = places, link, sessions, words
        self._clock, self._hours, self._rules, self._follows = clock, hours, rules, follows
        self._node, self._step_seconds, self._winding_down = node, step_seconds, winding_down
        self._may_record, self._pace = may_record, pace
        self._wake = asyncio.Event()
        self._leaving: dict[CallId, float] = {}
        """Attempts that were told to leave, and when that may be said again (the loop's clock)."""

    def heard(self, event: LiveEvent) -> None:
        ours = isinstance(event, CallerJoined | CallerLeft) and code_of(event.leg_id)
        if ours:
            self._wake.set()

    def pictured(self, snapshot: Snapshot, meanwhile: Sequence[LiveEvent]) -> None:
        self._places.known = True
        self._wake.set()

    def lost(self) -> None:
        self._places.known = False

    async def run(self) -> None:
        """Until cancelled."""
        hearing = asyncio.create_task(self._hear())
        try:
            while True:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._pace.look):
                        await self._wake.wait()
                self._wake.clear()
                try:
                    await self.look()
                except (SQLAlchemyError, OSError, TimeoutError) as error:
                    log.warning("callbacks_unseen", error=type(error).__name__)
                    await asyncio.sleep(self._pace.after_failure)
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def look(self) -> None:
        """One comparison, and the steps it finds."""
        now = self._clock.now()
        requests = await self._followed(now)
        if self._places.known and self._link.live:
            for step in steps(
                requests, self._floor(now), now, in_line=self._rules.in_line, step_seconds=self._step_seconds
            ):
                await (self._place(step) if isinstance(step, Place) else self._withdraw(step))

    async def _followed(self, now: datetime) -> Sequence[Request]:
        """The open requests as the ledger has them now, without those whose caller is on the line."""
        async with self._sessions.begin() as session:
            standing = self._places.standing()
            for moved in await follow(session, now, self._rules, standing=standing, node=self._node):
                log.info("callback_moved", code=moved.codes[0], state=moved.state.value)
                await self._follows(session, moved)
            for code, how in await served_otherwise(session):
                await end(session, code, CallbackState.CANCELLED, by=how, at=now)
                log.info("callback_moved", code=code, state="cancelled", why=how)
            await free_operators(session, now)
            requests = [request_of(row) for row in await open_rows(session)]
            here = await on_the_line(session)  # after the rows: of each of them it is known
            self.counts.open = len(requests)
            return [request for request in requests if request.code not in here]

    def _floor(self, now: datetime) -> Floor:
        lines = self._places.lines()
        is_open = frozenset(queue for queue in lines if self._hours.is_open(queue, now))
        before = now - self._winding_down
        winding = frozenset(queue for queue in lines if queue not in is_open and self._hours.is_open(queue, before))
        return Floor(lines, is_open, winding, self._places.served(lines, now))

    async def _place(self, step: Place) -> None:
        async with self._sessions.begin() as session:
            dial = await begin_attempt(session, step.code, self._node, self._clock.now())
        if dial is None:
            return
        committed = asyncio.get_running_loop().time()
        await hit_here("dialler.before_originate")
        if asyncio.get_running_loop().time() - committed > self._pace.say_within:
            log.warning("callback_unsaid", call=dial.call_id, reason="held up")
            return
        headers = saying.originate(
            dial.call_id, code=step.code, n=dial.n, queue=step.queue, prio=step.prio,
            national=dial.national, shown=dial.shown, unrecorded="" if self._may_record() else "disk",
        )  # fmt: skip
        if await self._say("Originate", headers):
            self.counts.placed += 1

    async def _withdraw(self, step: Withdraw) -> None:
        """Asterisk knows a waiting channel by its name, which the events do not tell: it is asked for it. It needs up to a
        second to let somebody go, and is not asked again meanwhile."""
        clock = asyncio.get_running_loop().time
        if clock() < self._leaving.get(step.call_id, 0.0):
            return
        self._leaving = {call: until for call, until in self._leaving.items() if until > clock()}
        self._leaving[step.call_id] = clock() + self._pace.withdraw_again
        try:
            replies = await self._link.ask("QueueStatus", {"Queue": exchange_name(step.queue)}, ends_with=COMPLETE)
        except (LinkLost, TimeoutError):
            return
        found = (one for one in replies if one.event == "QueueEntry" and one.get("Uniqueid") == step.call_id)
        for entry in found:
            log.info("callback_withdrawn", call=step.call_id, why=step.why)
            if await self._say("QueueWithdrawCaller", saying.withdraw(step.queue, entry["Channel"], step.why)):
                self.counts.withdrawn += 1

    async def _say(self, action: str, headers: dict[str, str]) -> bool:
        try:
            replies = await self._link.ask(action, headers)
        except (LinkLost, TimeoutError) as error:
            log.warning("callback_step_unsaid", action=action, reason=str(error) or "no answer")
            return False
        except Invalid as error:
            log.error("callback_step_invalid", action=action, reason=error.message)
            return False
        if not replies[-1].succeeded and _ALREADY not in replies[-1].get("Message").lower():
            self.counts.refused += 1
            log.error("callback_step_refused", action=action, said=replies[-1].get("Message")[:100])
        return replies[-1].succeeded

    async def _hear(self) -> None:
        async for _ in self._words.words(CHANNEL):
            self._wake.set()
