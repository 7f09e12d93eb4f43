"""Ends without a name. When the caller hangs up first, Asterisk 22.10.1 may have forgotten their channel, and the operator's
too, before it writes `AgentComplete`. Then whose talk has ended is what the board believes of that seat. Left as it was, the
seat would talk on, and its agent would have no time for the work after the talk."""

from __future__ import annotations

from dataclasses import replace

from routing.board import Board
from routing.live import UNNAMED, LiveEvent, SeatCompleted, SeatMissed


def named(event: LiveEvent, board: Board) -> LiveEvent:
    """The event with the call that it must be about; as it is when it has one, or when nobody knows."""
    if not isinstance(event, SeatCompleted | SeatMissed) or event.call_id != UNNAMED or event.seat not in board.seats:
        return event
    seat = board.seats[event.seat]
    known = seat.talk if isinstance(event, SeatCompleted) else seat.called
    return replace(event, call_id=known[1]) if known is not None and known[0] == event.queue else event
