"""The places where operators sit, and how Asterisk names them."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from ivr.kernel.ids import SeatName

DEFAULT_SEATS = 16

SeatCount = Annotated[
    int, Field(ge=1, le=99, description="Places for operators; exchange, board, pages and keys read the same setting.")
]
"""The field `seats` (LINE1420_SEATS) of whoever needs it."""

_INTERFACE = re.compile(r"PJSIP/(seat(?!00)\d{2})(?:-[0-9a-f]+)?")


def seat_names(count: int = DEFAULT_SEATS) -> tuple[SeatName, ...]:
    """`seat01` … in order."""
    return tuple(SeatName(f"seat{number:02d}") for number in range(1, count + 1))


def seat_of(interface: str) -> SeatName | None:
    """`PJSIP/seat01` (a member's interface) or `PJSIP/seat01-0000002a` (a channel) → `seat01`; None for anything else."""
    match = _INTERFACE.fullmatch(interface)
    return SeatName(match.group(1)) if match else None
