"""Hearing a talk from a telephone of one's own: muted first, to the operator's ear or to both only by a deed of its own.

The trail is committed before the first sound, as with recordings: a hearing that is not written down does not take place.
What was really heard, and how long, the supervisor's channel tells the ledger itself (`Milestone.LISTENING`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from api.access.principal import Principal
from api.audit.trail import write_audit
from api.db.engine import Sessions
from api.leading.floor_now import FloorNow, Talk
from ivr.kernel.clock import Clock
from ivr.kernel.errors import Conflict, Invalid, NotFound
from ivr.kernel.ids import SeatName
from routing.leading import Hearing, Lead, Listener

ACTIONS: Mapping[Hearing, str] = {
    Hearing.LISTEN: "talk.listened",
    Hearing.WHISPER: "talk.whispered",
    Hearing.BARGE: "talk.barged",
}
"""As the trail calls them."""


class Listening:
    """Who hears whom. Every deed writes itself down in a transaction of its own, and then tells Asterisk."""

    def __init__(self, lead: Lead, sessions: Sessions, clock: Clock) -> None:
        self._lead = lead
        self._sessions = sessions
        self._clock = clock

    async def now(self) -> Sequence[Listener]:
        """Every telephone that hears a talk at this moment, asked of Asterisk."""
        return await self._lead.listeners()

    async def begin(self, floor: FloorNow, seat: str, phone: str, by: Principal) -> Talk:
        """This telephone rings; answered, it hears the talk at `seat`. Raises `Invalid` for a telephone that is not free,
        `Conflict` when nobody talks there or the telephone hears another talk."""
        talk = floor.talk(seat)
        free = phones(floor, seat)
        if phone not in free:
            raise Invalid(
                "Choose the telephone of a seat at which nobody is signed in and whose telephone is on.",
                code="phone_not_free",
                field="phone",
            )
        if any(one.phone == phone or (one.by == by.username and one.seat == seat) for one in await self.now()):
            raise Conflict("You hear this talk already, or that telephone hears another.", code="listening_already")
        details = {"seat": seat, "agent": talk.agent, "phone": phone, "before": None, "after": Hearing.LISTEN.value}
        await self._write(ACTIONS[Hearing.LISTEN], talk.call_id, details, by)
        await self._lead.hear(SeatName(phone), talk.seat, talk.call_id, by.username)
        return talk

    async def change(self, seat: str, mode: Hearing, by: Principal) -> None:
        """From now on in this way. Raises `NotFound` when this person hears nothing at `seat`."""
        mine = await self._mine(seat, by)
        if mine.mode is mode:
            return
        details = {"seat": seat, "phone": mine.phone, "before": mine.mode.value, "after": mode.value}
        await self._write(ACTIONS[mode], mine.call_id, details, by)
        await self._lead.change(mine, mode)

    async def stop(self, seat: str, by: Principal) -> None:
        """Hear no more. Raises `NotFound` as `change`."""
        mine = await self._mine(seat, by)
        details = {"seat": seat, "phone": mine.phone, "before": mine.mode.value, "after": None}
        await self._write("talk.left", mine.call_id, details, by)
        await self._lead.stop(mine)

    async def _mine(self, seat: str, by: Principal) -> Listener:
        for one in await self.now():
            if one.seat == seat and one.by == by.username:
                return one
        raise NotFound("You hear nothing at this seat now.", code="not_listening")

    async def _write(self, action: str, call_id: str, details: Mapping[str, object], by: Principal) -> None:
        async with self._sessions.begin() as session:
            await write_audit(
                session, at=self._clock.now(), actor=by, action=action, target=f"call:{call_id}", details=details
            )


def phones(floor: FloorNow, seat: str) -> Collection[SeatName]:
    """Telephones on which somebody may hear what is said at `seat`."""
    return [phone for phone in floor.free_phones() if phone != seat]
