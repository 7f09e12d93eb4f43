"""The places where operators sit, and how Asterisk names them."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field

from ivr.kernel.ids import QueueName, SeatName

DEFAULT_SEATS = 16

SeatCount = Annotated[
    int, Field(ge=1, le=99, description="Places for operators; exchange, board, pages and keys read the same setting.")
]
"""The field `seats` (LINE1420_SEATS) of whoever needs it."""

SignIn = Literal["desk", "telephone"]
"""How an operator comes on duty: `desk` signs in by name (at the desk page or with number and PIN by telephone) and serves
the queues of their skills; with `telephone` a registered telephone is enough, and each seat has its one operator."""

ROLL_CALL = QueueName("all-seats")
"""A queue that no caller ever enters. All seats are in it, so that Asterisk tells of each telephone, signed in or not. No
queue of callers can have this name: theirs have no dash."""

_NAME = re.compile(r"seat(?!00)\d{2}", re.ASCII)
_INTERFACE = re.compile(r"PJSIP/(seat(?!00)\d{2})(?:-[0-9a-f]+)?")


def seat_names(count: int = DEFAULT_SEATS) -> tuple[SeatName, ...]:
    """`seat01` … in order."""
    return tuple(SeatName(f"seat{number:02d}") for number in range(1, count + 1))


def seat_of(interface: str) -> SeatName | None:
    """`PJSIP/seat01` (a member's interface) or `PJSIP/seat01-0000002a` (a channel) → `seat01`; None for anything else."""
    match = _INTERFACE.fullmatch(interface)
    return SeatName(match.group(1)) if match else None


def is_seat(name: str) -> bool:
    """Whether this is the name of a seat, `seat01` … `seat99`."""
    return _NAME.fullmatch(name) is not None
