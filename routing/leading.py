"""What somebody who leads the floor asks of Asterisk: callers out of a queue, their priority, and hearing a talk.

A deed here names people by what the board shows (a leg, a seat, a call); the channel that Asterisk wants to hear is looked
up in the moment of the deed, so a page that is some seconds old does nothing to somebody else. A caller is moved by being
withdrawn from the queue, never by a redirect: Asterisk withdraws only whom nobody has answered (22.10.1), and the dialplan
goes on with the caller where `Queue()` returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ivr.kernel.errors import Conflict, Invalid, Unavailable
from ivr.kernel.ids import CallId, LegId, QueueName, SeatName
from routing.ami.client import AmiLink
from routing.ami.message import AmiMessage
from routing.ami.protocol import LinkLost
from routing.ami.resync import COMPLETE
from routing.queues import MOVE, exchange_name
from routing.seats import seat_of

LIMIT = 5.0
"""Seconds for one answer: somebody waits for it at a page."""
LOOK_LIMIT = 1.5
"""Seconds, where only somebody looks: pages of a floor must not stand still with a frozen exchange."""
RING_MILLISECONDS = 20_000
"""So long a supervisor's own telephone rings."""
CONTEXT = "line-listening"
LONGEST_INFO = 40
"""Asterisk keeps no more of a withdrawal's reason in queue_log."""


def words_of_move(to: QueueName, prio: int, until: int | None) -> tuple[str, ...]:
    """The reason with which a caller goes on in queue `to` at the place `prio`. `until`: the second (since 1970) at which a wait
    there ends, None while the queue does not close soon; left out where the queue's name leaves no room for it, because a longer
    wait is better than none."""
    words = (MOVE, to, str(prio))
    if until is None or len(",".join((*words, str(until)))) > LONGEST_INFO:
        return words
    return (*words, str(until))


class Hearing(StrEnum):
    """How a supervisor's telephone takes part in a talk."""

    LISTEN = "listen"
    """Hears both and is heard by nobody."""
    WHISPER = "whisper"
    """Is heard by the operator alone."""
    BARGE = "barge"
    """Is heard by both."""


@dataclass(frozen=True, slots=True)
class Queued:
    """A caller in a queue as Asterisk has it now."""

    leg_id: LegId
    channel: str
    queue: QueueName
    position: int
    prio: int
    """Their place (`routing.priority.queue_prio`)."""
    waited_seconds: int


@dataclass(frozen=True, slots=True)
class Listener:
    """A telephone that hears a talk."""

    channel: str
    phone: SeatName
    seat: SeatName
    """Whose talk it hears."""
    call_id: CallId
    by: str
    """The account of the person."""
    mode: Hearing


class Lead:
    """Deeds over one manager link of its own. All raise `Unavailable` when Asterisk cannot be asked."""

    def __init__(self, link: AmiLink) -> None:
        self._link = link

    async def queued(self, queue: QueueName) -> Sequence[Queued]:
        """Who waits in this queue, by position."""
        told = await self._ask("QueueStatus", {"Queue": exchange_name(queue)}, ends_with=COMPLETE)
        found = [_queued(queue, entry) for entry in told if entry.event == "QueueEntry"]
        return sorted(found, key=lambda caller: caller.position)

    async def withdraw(self, caller: Queued, *reason: str) -> None:
        """Let `Queue()` return for this caller with these words. Raises `Conflict` when the queue no longer holds them.

        A seat that rings for the caller is let ring to its end; when it answers, they talk and the words are forgotten.
        """
        info = ",".join(reason)
        if len(info) > LONGEST_INFO:
            raise Invalid(f"{info!r} is longer than the {LONGEST_INFO} letters that Asterisk keeps", field="reason")
        headers = {"Queue": exchange_name(caller.queue), "Caller": caller.channel, "WithdrawInfo": info}
        await self._do("QueueWithdrawCaller", headers, gone="The caller has just been answered or has left the queue.")

    async def prioritise(self, caller: Queued, prio: int) -> None:
        """The caller stands before all with a smaller number, at once. Raises `Conflict` as `withdraw`."""
        headers = {
            "Queue": exchange_name(caller.queue), "Caller": caller.channel, "Priority": str(prio), "Immediate": "yes",
        }  # fmt: skip
        await self._do(
            "QueueChangePriorityCaller", headers, gone="The caller has just been answered or has left the queue."
        )

    async def hear(self, phone: SeatName, seat: SeatName, call_id: CallId, by: str) -> None:
        """Ring this telephone; when it is answered it hears, muted, what is said at `seat` in this call. Raises `Conflict`
        when there is no such talk."""
        channel = next((c["Channel"] for c in await self._channels() if _talks(c, seat, call_id)), None)
        if channel is None:
            raise Conflict("This talk has just ended. Choose another.", code="talk_over")
        told = {"LINE_SPIED": channel, "LINE_SPIED_CALL": call_id, "LINE_SPIED_SEAT": seat, "LINE_SPY": by}
        headers = {
            "Channel": f"PJSIP/{phone}", "Context": CONTEXT, "Exten": "begin", "Priority": "1", "Async": "true",
            "Timeout": str(RING_MILLISECONDS), "CallerID": f"{seat} <{seat.removeprefix('seat')}>",
            "Variable": ",".join(f"{name}={value}" for name, value in told.items()),
        }  # fmt: skip
        await self._do("Originate", headers, gone="Asterisk could not ring that telephone.")

    async def change(self, listener: Listener, mode: Hearing) -> None:
        """The same telephone, the same talk, another way. Raises `Conflict` when it has hung up."""
        headers = {"Channel": listener.channel, "Context": CONTEXT, "Exten": mode.value, "Priority": "1"}
        await self._do("Redirect", headers, gone="That telephone has just hung up.", code="not_listening")

    async def stop(self, listener: Listener) -> None:
        """Hang up the listening telephone; one that is gone already is as good."""
        await self._ask("Hangup", {"Channel": listener.channel, "Cause": "16"})

    async def listeners(self) -> Sequence[Listener]:
        """Every telephone that hears a talk now."""
        told = await self._channels(LOOK_LIMIT)
        return [found for channel in told if (found := _listener(channel)) is not None]

    async def _channels(self, limit: float = LIMIT) -> list[AmiMessage]:
        told = await self._ask("Status", {"Variables": "LINE_SPYING"}, ends_with="StatusComplete", limit=limit)
        return [channel for channel in told if channel.event == "Status"]

    async def _do(self, name: str, headers: Mapping[str, str], *, gone: str, code: str = "caller_gone") -> None:
        replies = await self._ask(name, headers)
        if not replies[-1].succeeded:
            raise Conflict(f"{gone} Nothing was changed.", code=code)

    async def _ask(
        self, name: str, headers: Mapping[str, str], *, ends_with: str | None = None, limit: float = LIMIT
    ) -> list[AmiMessage]:
        try:
            return await self._link.ask(name, dict(headers), ends_with=ends_with, limit=limit)
        except (LinkLost, TimeoutError) as error:
            raise Unavailable(
                "The exchange cannot be reached now. Look at the floor before you try again.", code="exchange_away"
            ) from error


def _queued(queue: QueueName, entry: AmiMessage) -> Queued:
    return Queued(
        leg_id=LegId(entry["Uniqueid"]),
        channel=entry["Channel"],
        queue=queue,
        position=entry.number("Position"),
        prio=entry.number("Priority") if entry.get("Priority") else 0,
        waited_seconds=entry.number("Wait"),
    )


def _talks(channel: AmiMessage, seat: SeatName, call_id: CallId) -> bool:
    return seat_of(channel["Channel"]) == seat and channel.get("Linkedid") == call_id


def _listener(channel: AmiMessage) -> Listener | None:
    """A channel in our context that was told what it hears; None for every other."""
    name, _, told = channel.get("Variable").partition("=")
    call_id, _, rest = told.partition("/")
    seat, _, by = rest.partition("/")
    phone, mode = seat_of(channel["Channel"]), channel.get("Exten")
    if name != "LINE_SPYING" or channel.get("Context") != CONTEXT or mode not in {m.value for m in Hearing}:
        return None
    if phone is None or not (call_id and seat and by):
        return None
    return Listener(channel["Channel"], phone, SeatName(seat), CallId(call_id), by, Hearing(mode))
