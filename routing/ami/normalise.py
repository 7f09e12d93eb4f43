"""AMI headers → live events. Unknown events are nothing to us; a known one that lacks a header is an error.

The only place that knows Asterisk's header names: `QueueMember` (a reply) says Name and Location where the events say
MemberName and Interface. (Caller names are C-escaped in events but not in replies, 22.10.1: the board takes none.)
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ivr.kernel.clock import from_epoch
from ivr.kernel.ids import CallId, LegId, QueueName, SeatName
from ivr.kernel.phone_number import parse_caller
from routing.agents import DeviceStatus
from routing.ami.message import AmiMessage
from routing.live import (
    UNNAMED,
    CallerJoined,
    CallerLeft,
    HoldChanged,
    LiveEvent,
    Member,
    MemberChanged,
    MemberRemoved,
    SeatCalled,
    SeatCompleted,
    SeatConnected,
    SeatMissed,
)
from routing.queues import our_name
from routing.seats import seat_of


def normalise(message: AmiMessage, at: datetime) -> LiveEvent | None:
    """The live event in a message heard at `at`; None for what the board does not need (other events, members without
    a seat, and QueueCallerAbandon: it also comes for time-outs, and a QueueCallerLeave always follows).

    Raises `Invalid` (mostly `Malformed`) for a message that makes no sense.
    """
    make = EVENTS.get(message.event)
    return None if make is None else make(message, at)


def member(message: AmiMessage, name: str = "MemberName", interface: str = "Interface") -> Member | None:
    """A queue member from an event or (with `Name`, `Location`) from a QueueStatus reply; None when it is no seat."""
    seat = seat_of(message[interface])
    if seat is None:
        return None
    last_call = message.number("LastCall")
    status = message.number("Status")
    paused = message["Paused"] == "1"
    return Member(
        queue=QueueName(our_name(message["Queue"])),
        seat=seat,
        agent=message[name][:80],
        status=DeviceStatus(status) if 0 <= status <= 8 else DeviceStatus.UNKNOWN,
        paused=paused,
        in_call=message["InCall"] == "1",
        last_call=from_epoch(last_call) if last_call > 0 else None,
        wrapup_seconds=message.number("Wrapuptime"),
        pause_reason=message.get("PausedReason")[:80] if paused else "",
        penalty=message.number("Penalty"),
    )


def masked_caller(message: AmiMessage) -> str:
    """The caller's number as it may stand on a page: its last digits."""
    return str(parse_caller(message["CallerIDNum"]))


def _joined(message: AmiMessage, at: datetime) -> LiveEvent:
    return CallerJoined(
        queue=QueueName(our_name(message["Queue"])),
        leg_id=LegId(message["Uniqueid"]),
        call_id=CallId(message["Linkedid"]),
        position=message.number("Position"),
        caller=masked_caller(message),
        at=at,
    )


def _left(message: AmiMessage, at: datetime) -> LiveEvent:
    return CallerLeft(QueueName(our_name(message["Queue"])), LegId(message["Uniqueid"]), at)


def _called(message: AmiMessage, at: datetime) -> LiveEvent | None:
    seat = _seat(message)
    return None if seat is None else SeatCalled(*_offer(message, seat), at=at)


def _connected(message: AmiMessage, at: datetime) -> LiveEvent | None:
    seat = _seat(message)
    return None if seat is None else SeatConnected(*_offer(message, seat), at=at)


def _missed(message: AmiMessage, at: datetime) -> LiveEvent | None:
    seat = _seat(message)
    return None if seat is None else SeatMissed(QueueName(our_name(message["Queue"])), seat, _call(message), at)


def _completed(message: AmiMessage, at: datetime) -> LiveEvent | None:
    seat = _seat(message)
    return None if seat is None else SeatCompleted(QueueName(our_name(message["Queue"])), seat, _call(message), at)


def _call(message: AmiMessage) -> CallId:
    """`UNNAMED` when Asterisk has forgotten both channels already: `routing.nameless` finds whose end it is."""
    told = message.get("Linkedid") or message.get("DestLinkedid")
    return CallId(told) if told else UNNAMED


def _member_changed(message: AmiMessage, at: datetime) -> LiveEvent | None:
    found = member(message)
    return None if found is None else MemberChanged(found, at)


def _member_paused(message: AmiMessage, at: datetime) -> LiveEvent | None:
    found = member(message)
    return None if found is None else MemberChanged(found, at, status_is_news=False)


def _member_removed(message: AmiMessage, at: datetime) -> LiveEvent | None:
    seat = _seat(message)
    return None if seat is None else MemberRemoved(QueueName(our_name(message["Queue"])), seat, at)


def _held(message: AmiMessage, at: datetime) -> LiveEvent | None:
    """None for a caller who pressed hold at their own telephone: the operator hears music then, and waits."""
    seat = seat_of(message["Channel"])
    if seat is None:
        return None
    return HoldChanged(seat, CallId(message["Linkedid"]), message.event == "Hold", at)


def _seat(message: AmiMessage) -> SeatName | None:
    return seat_of(message["Interface"])


def _offer(message: AmiMessage, seat: SeatName) -> tuple[QueueName, SeatName, str, CallId]:
    return QueueName(our_name(message["Queue"])), seat, message["MemberName"][:80], CallId(message["Linkedid"])


EVENTS: dict[str, Callable[[AmiMessage, datetime], LiveEvent | None]] = {
    "QueueCallerJoin": _joined,
    "QueueCallerLeave": _left,
    "AgentCalled": _called,
    "AgentConnect": _connected,
    "AgentRingNoAnswer": _missed,
    "AgentDump": _missed,
    "AgentComplete": _completed,
    "Hold": _held,
    "Unhold": _held,
    "QueueMemberAdded": _member_changed,
    "QueueMemberStatus": _member_changed,
    "QueueMemberPause": _member_paused,
    "QueueMemberRemoved": _member_removed,
}
