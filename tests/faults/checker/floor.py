"""I7: the live board says what Asterisk says."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.checker import limits
from tests.faults.checker.evidence import Evidence
from tests.faults.checker.exchange import AT_REST, WRAP_UP
from tests.faults.checker.report import Breach


def board_is_true(evidence: Evidence) -> Iterator[Breach]:
    """I7. Callers by position and seats by state; read within the same moment, after the board had time to settle."""
    view = evidence.floor
    if view is None:
        return
    if view.board_age is None:
        yield Breach("I7", "the board", "there is none, although Asterisk answers")
        return
    if view.board_age > limits.BOARD_FRESH:
        yield Breach("I7", "the board", f"its last proof of life is {view.board_age:.0f} s old, Asterisk answers now")
    for queue in sorted({*view.asterisk_callers, *view.board_callers}):
        real, shown = view.asterisk_callers.get(queue, ()), view.board_callers.get(queue, ())
        if real != shown:
            yield Breach("I7", f"queue {queue}", f"waiting are {_list(real)}, the board shows {_list(shown)}")
    for seat in sorted({*view.asterisk_seats, *view.board_seats}):
        real, shown = view.asterisk_seats.get(seat, "offline"), view.board_seats.get(seat, "offline")
        if real != shown and not (shown == AT_REST and real in ("free", WRAP_UP)):
            yield Breach("I7", seat, f"is {real}, the board shows {shown}")


def _list(legs: tuple[str, ...]) -> str:
    return ", ".join(legs) or "nobody"
