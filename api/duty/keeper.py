"""Makes Asterisk agree with our duties, and duties with what happens on the floor. Lives in the listener's process.

It always compares whole states: what the database says should be against what Asterisk is known to hold. So a step that
was lost, an Asterisk that came back without its memory and a change made behind our back are all the same to it. While
the database is away it keeps to the duties it read last; what happened meanwhile is written down when it is back.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from api.audit.trail import write_audit
from api.db.engine import Sessions
from api.db.notify import Listener as Words
from api.duty.floor_facts import ACTOR, DutyRules, Fact, as_of, due, fact_of, happened, phone_seen, run_out
from api.duty.repository import open_duties, web_since
from api.duty.service import CHANNEL
from api.duty.sight import ClockWatch, Sight
from ivr.kernel.clock import Clock
from routing.duty import Duty, wanted
from routing.live import LiveEvent, Snapshot
from routing.members import Members
from routing.membership import action_of

log = structlog.get_logger(__name__)

MOST_FACTS = 1_000
"""Kept while the database is away; a line of 16 seats has some dozens in a minute."""


@dataclass(frozen=True, slots=True)
class KeeperPace:
    """Waits, in seconds."""

    look: float = 1.0
    """Between two looks at what has run out."""
    read_again: float = 5.0
    """Between two readings of duties when nobody said that one changed: words can be lost."""
    after_failure: float = 1.0


class Keeper:
    """`routing.ports.Watcher`: hears the floor; `run()` acts on it."""

    def __init__(
        self,
        members: Members,
        sessions: Sessions,
        words: Words,
        clock: Clock,
        rules: DutyRules,
        pace: KeeperPace = KeeperPace(),
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """`seconds`: the clock that never jumps."""
        self.members = members
        self.duties: Sequence[Duty] | None = None
        """As read last; None before the first reading, and then nothing is said to Asterisk."""
        self._sessions = sessions
        self._words = words
        self._clock = clock
        self._rules = rules
        self._pace = pace
        self._facts: deque[Fact] = deque()
        self._wake = asyncio.Event()
        self._read_at = float("-inf")
        self._pages_since: datetime | None = None
        self._clock_watch = ClockWatch(seconds)

    def heard(self, event: LiveEvent) -> None:
        self.members.heard(event)
        fact = fact_of(event)
        if fact is not None:
            if len(self._facts) >= MOST_FACTS:
                log.error("duty_fact_dropped", fact=repr(self._facts.popleft()))
            self._facts.append(fact)
        self._wake.set()

    def pictured(self, snapshot: Snapshot, meanwhile: Sequence[LiveEvent]) -> None:
        self.members.pictured(snapshot, meanwhile)
        self._wake.set()

    def lost(self) -> None:
        self.members.lost()

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
                    await self._write_down()
                except (SQLAlchemyError, OSError, TimeoutError) as error:
                    log.warning("duties_unwritten", error=type(error).__name__, facts=len(self._facts))
                    await self._bring_about()
                    await asyncio.sleep(self._pace.after_failure)
                else:
                    await self._bring_about()
        finally:
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)

    async def _hear(self) -> None:
        async for _ in self._words.words(CHANNEL):
            self._read_at = float("-inf")
            self._wake.set()

    async def _write_down(self) -> None:
        """What happened, what ran out and which telephones came and went; then read the duties anew."""
        now = self._clock.now()
        sight = self._sight(now)
        changed = bool(self._facts)
        while self._facts:
            try:
                async with self._sessions.begin() as session:
                    await happened(session, self._facts[0], self._rules, now)
            except (IntegrityError, DataError) as error:  # it will never pass, and must not keep the others waiting
                log.error("duty_fact_refused", fact=repr(self._facts[0]), error=type(error.orig).__name__, alarm=True)
            self._facts.popleft()
        over = due(self.duties or (), self._rules, now, sight)
        moved = [
            (duty.seat, registered)
            for duty in self.duties or ()
            if (registered := self.members.phones.get(duty.seat)) is not None
            and registered is not (duty.phone_gone_at is None)
            and self.members.known
        ]
        if over or moved:
            changed = True
            async with self._sessions.begin() as session:
                for seat, registered in moved:
                    await phone_seen(session, seat, registered=registered, at=now)
                # read anew: after an absence of the database all that was read before it is old
                await run_out(session, over, self._rules, now, replace(sight, pages_since=await web_since(session)))
        loop = asyncio.get_running_loop()
        if changed or loop.time() - self._read_at >= self._pace.read_again:
            self._read_at = loop.time()
            async with self._sessions() as session:
                self.duties, self._pages_since = await open_duties(session), await web_since(session)

    def _sight(self, now: datetime) -> Sight:
        return Sight(self._pages_since, self._clock_watch.since(now), self._clock_watch.began)

    async def _bring_about(self) -> None:
        if self.duties is None:
            return
        now = self._clock.now()
        sight = self._sight(now)
        present = [as_of(duty, self._rules, now, sight) for duty in self.duties]
        corrected = await self.members.bring_about(wanted(present, self._rules.ladders))
        if corrected:
            said = [" ".join((action_of(step)[0], step.queue, step.seat)) for step in corrected]
            log.warning("duties_reasserted", steps=said)
            with contextlib.suppress(SQLAlchemyError, OSError, TimeoutError):  # told in the log already
                async with self._sessions.begin() as session:
                    await write_audit(
                        session, at=self._clock.now(), actor=ACTOR, action="duty.reasserted", target="exchange",
                        details={"steps": said},
                    )  # fmt: skip
