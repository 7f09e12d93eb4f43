"""The 16 places where operators sit, and how Asterisk names them."""

from __future__ import annotations

import re

from ivr.kernel.ids import SeatName

SEATS: tuple[SeatName, ...] = tuple(SeatName(f"seat{number:02d}") for number in range(1, 17))
"""Every place, occupied or not; the board always shows all of them."""

_INTERFACE = re.compile(r"PJSIP/(seat\d{2})(?:-[0-9a-f]+)?")


def seat_of(interface: str) -> SeatName | None:
    """`PJSIP/seat01` (a member's interface) or `PJSIP/seat01-0000002a` (a channel) → `seat01`; None for anything else."""
    match = _INTERFACE.fullmatch(interface)
    if match is None or match.group(1) not in SEATS:
        return None
    return SeatName(match.group(1))
