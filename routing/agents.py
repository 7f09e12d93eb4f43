"""What an operator on a seat can be doing, and which changes are real.

Asterisk tells two things about a seat: the state of its telephone (device status) and what the queue does with it
(called, connected, complete, paused). `seat_state` joins them; the transition table says which steps an operator can
take in one go, and the tests hold the board to it.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class SeatState(StrEnum):
    """State of one seat on the board."""

    OFFLINE = "offline"
    """No telephone is registered, or nobody is signed in: nobody is on duty here."""
    AVAILABLE = "available"
    RINGING = "ringing"
    TALKING = "talking"
    HOLDING = "holding"
    """In a talk whose caller hears music, because the operator asks somebody or looks something up."""
    WRAP_UP = "wrap_up"
    """The work after a talk, or Asterisk's own short rest."""
    PAUSED = "paused"


TRANSITIONS: dict[SeatState, frozenset[SeatState]] = {
    SeatState.OFFLINE: frozenset({SeatState.AVAILABLE, SeatState.PAUSED}),
    SeatState.AVAILABLE: frozenset({SeatState.OFFLINE, SeatState.RINGING, SeatState.TALKING, SeatState.PAUSED}),
    SeatState.RINGING: frozenset({SeatState.OFFLINE, SeatState.AVAILABLE, SeatState.TALKING, SeatState.PAUSED}),
    SeatState.TALKING: frozenset(
        {SeatState.OFFLINE, SeatState.AVAILABLE, SeatState.HOLDING, SeatState.WRAP_UP, SeatState.PAUSED}
    ),
    SeatState.HOLDING: frozenset(
        {SeatState.OFFLINE, SeatState.AVAILABLE, SeatState.TALKING, SeatState.WRAP_UP, SeatState.PAUSED}
    ),
    SeatState.WRAP_UP: frozenset(
        {SeatState.OFFLINE, SeatState.AVAILABLE, SeatState.RINGING, SeatState.TALKING, SeatState.PAUSED}
    ),
    SeatState.PAUSED: frozenset(
        {SeatState.OFFLINE, SeatState.AVAILABLE, SeatState.TALKING, SeatState.WRAP_UP, SeatState.RINGING}
    ),
}
"""From each state to the states that can follow it."""


class DeviceStatus(IntEnum):
    """`Status` of a queue member: Asterisk's device state numbers."""

    UNKNOWN = 0
    NOT_IN_USE = 1
    IN_USE = 2
    BUSY = 3
    INVALID = 4
    UNAVAILABLE = 5
    RINGING = 6
    RING_IN_USE = 7
    ON_HOLD = 8
    """The *other* side pressed hold, and this one hears music: Asterisk says so of the side that is held."""


GONE = {DeviceStatus.UNKNOWN, DeviceStatus.INVALID, DeviceStatus.UNAVAILABLE}
RINGING = {DeviceStatus.RINGING, DeviceStatus.RING_IN_USE}
BUSY = {DeviceStatus.IN_USE, DeviceStatus.BUSY, DeviceStatus.ON_HOLD, DeviceStatus.RING_IN_USE}


def seat_state(
    device: DeviceStatus,
    *,
    talking: bool,
    called: bool,
    paused: bool,
    resting: bool,
    manned: bool = True,
    holding: bool = False,
) -> SeatState:
    """The one state to show. A talk counts more than a pause (an operator may pause while talking), a pause more than rest.
    Who signed out in mid-talk still talks. `holding` counts in a talk only."""
    if device in GONE:
        return SeatState.OFFLINE
    if talking or device in BUSY:
        return SeatState.HOLDING if holding else SeatState.TALKING
    if called or device is DeviceStatus.RINGING:
        return SeatState.RINGING
    if not manned:
        return SeatState.OFFLINE
    if paused:
        return SeatState.PAUSED
    return SeatState.WRAP_UP if resting else SeatState.AVAILABLE
