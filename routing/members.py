"""Keeps Asterisk's queue members as they should be: hears what Asterisk holds, and says each step that is missing.

What it believes of Asterisk comes from the same events and snapshots as the board. Until the first snapshot of a link
nothing is known and nothing is said. A step that was not answered, or that Asterisk refused, is found again by the next
comparison; there is no list of things still to be done that could grow or go wrong.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from ivr.kernel.errors import Invalid
from ivr.kernel.ids import QueueName, SeatName
from routing.agents import DeviceStatus
from routing.ami.client import AmiLink
from routing.ami.protocol import LinkLost
from routing.duty import Place, Places
from routing.live import LiveEvent, Member, MemberChanged, MemberRemoved, Snapshot
from routing.membership import Step, action_of, after, steps
from routing.seats import ROLL_CALL

log = structlog.get_logger(__name__)

_GONE = (DeviceStatus.UNKNOWN, DeviceStatus.INVALID, DeviceStatus.UNAVAILABLE)
_HARMLESS = ("already", "not there")
"""In a refusal: the step was done already."""


@dataclass(slots=True)
class MemberCounts:
    """What a metrics page wants to know."""

    steps: int = 0
    """Said to Asterisk and accepted."""
    refused: int = 0
    reasserted: int = 0
    """Of the steps those that put right what Asterisk had lost or changed by itself; should stay 0 but for restarts."""


@dataclass(slots=True)
class Members:
    """What Asterisk holds, and the way to change it."""

    link: AmiLink
    """A user's link that may act and need not hear."""
    counts: MemberCounts = field(default_factory=MemberCounts)
    settles: float = 1.5
    """News of a member may be older than the step we have just said: it travels on another connection. For so many seconds our
    own word counts, or a pause that is ended in the second of its beginning would be ended twice. What differs for longer, a
    snapshot finds."""
    seconds: Callable[[], float] = time.monotonic
    actual: dict[tuple[QueueName, SeatName], Place] = field(default_factory=dict, init=False)
    phones: dict[SeatName, bool] = field(default_factory=dict, init=False)
    """Seat → whether its telephone is registered, as far as Asterisk has told."""
    known: bool = field(default=False, init=False)
    """Whether a snapshot has been seen since the listener's link came up."""
    _reached: dict[tuple[QueueName, SeatName], Place] = field(default_factory=dict, init=False)
    _said: dict[tuple[QueueName, SeatName], tuple[float, Place | None]] = field(default_factory=dict, init=False)
    """When a step about it was done, and what Asterisk held then (None: nothing)."""

    def heard(self, event: LiveEvent) -> None:
        """Take one live event in."""
        match event:
            case MemberChanged():
                self._take(event.member)
            case MemberRemoved():
                self._hold((event.queue, event.seat), None)
            case _:
                pass

    def pictured(self, snapshot: Snapshot, meanwhile: Sequence[LiveEvent]) -> None:
        """Put a snapshot, and what was heard while it was on its way, in place of what was believed."""
        self.actual = {}
        for member in snapshot.members:
            self._take(member)
        for key in [key for key in self._said if key not in self.actual]:
            self._hold(key, None)  # joined a moment ago: the picture may be of before that
        for event in meanwhile:
            self.heard(event)
        self.known = True

    def lost(self) -> None:
        """The link to Asterisk went: it may come back another one."""
        self.known = False
        self._said.clear()

    async def bring_about(self, wanted: Places) -> Sequence[Step]:
        """Say every step that is missing; returns those that were accepted as corrections of what Asterisk had lost."""
        if not self.known or not self.link.live:
            return ()
        corrected: list[Step] = []
        for step in steps(wanted, self.actual):
            key = (step.queue, step.seat)
            lost = key in self._reached and self._reached[key] == wanted.get(key)
            if not await self._say(step):
                return corrected
            if lost:
                self.counts.reasserted += 1
                corrected.append(step)
        self._reached = dict(wanted)
        return corrected

    async def _say(self, step: Step) -> bool:
        """False when the link failed in the middle; the rest waits for the next comparison."""
        name, headers = action_of(step)
        try:
            replies = await self.link.ask(name, headers)
        except (LinkLost, TimeoutError) as error:
            log.warning("member_step_unsaid", action=name, seat=step.seat, reason=str(error) or "no answer")
            return False
        except Invalid as error:
            log.error("member_step_invalid", action=name, seat=step.seat, reason=error.message)
            return True
        self.actual = after(step, self.actual)
        key = (step.queue, step.seat)
        self._said[key] = (self.seconds(), self.actual.get(key))
        if replies[-1].succeeded or any(word in replies[-1].get("Message").lower() for word in _HARMLESS):
            self.counts.steps += 1
        else:
            # believed done until the next snapshot, so that a step Asterisk will not take is not said twenty times a second
            self.counts.refused += 1
            log.error("member_step_refused", action=name, seat=step.seat, said=replies[-1].get("Message")[:100])
        return True

    def _take(self, member: Member) -> None:
        self.phones[member.seat] = member.status not in _GONE
        if member.queue != ROLL_CALL:
            reason = (member.pause_reason or "paused") if member.paused else ""
            self._hold((member.queue, member.seat), Place(member.agent, member.penalty, reason))

    def _hold(self, key: tuple[QueueName, SeatName], told: Place | None) -> None:
        """What Asterisk holds of a member, unless it may be older than what we have just said."""
        at, said = self._said.get(key, (float("-inf"), None))
        place = said if self.seconds() - at < self.settles else told
        if place is None:
            self.actual.pop(key, None)
        else:
            self.actual[key] = place
