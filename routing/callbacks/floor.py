"""What Asterisk's queues hold, for the rule: read off the board, with what only the dialler needs beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from ivr.kernel.ids import CallId, LegId, QueueName
from routing.agents import SeatState
from routing.board import Board
from routing.callbacks.rule import Standing
from routing.live import CallerJoined, CallerLeft, LiveEvent, Snapshot


class Places:
    """Who stands where, with priorities: Asterisk tells those in a snapshot only, so whom it put before others has an unknown
    one until then. Hears the same as the board, after it."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.known = False
        """Whether a snapshot has been seen since the link came up."""
        self._priorities: dict[LegId, int | None] = {}

    def heard(self, event: LiveEvent) -> None:
        match event:
            case CallerJoined():
                behind = self.board.lines[event.queue].legs[-1:] != (event.leg_id,)
                self._priorities[event.leg_id] = None if behind else 0
            case CallerLeft():
                self._priorities.pop(event.leg_id, None)
            case _:
                pass

    def pictured(self, snapshot: Snapshot, meanwhile: Sequence[LiveEvent]) -> None:
        self._priorities = {caller.leg_id: caller.priority for caller in snapshot.callers}
        for event in meanwhile:
            self.heard(event)
        self.known = True

    def lost(self) -> None:
        self.known = False

    def lines(self) -> dict[QueueName, Sequence[Standing]]:
        """Queue → who stands in it, the next one first. A placeholder's leg has the id of its call."""
        return {
            queue: [Standing(CallId(c.leg_id), c.since, self._priorities.get(c.leg_id, 0)) for c in line.callers]
            for queue, line in self.board.lines.items()
        }

    def standing(self) -> frozenset[CallId] | None:
        """Every leg in any queue; None while Asterisk cannot be seen."""
        if not self.known:
            return None
        return frozenset(CallId(leg) for line in self.board.lines.values() for leg in line.legs)

    def served(self, queues: Iterable[QueueName], now: datetime) -> frozenset[QueueName]:
        """Those with somebody at a telephone: Asterisk lets nobody into the others."""
        self.board.settle(now)
        return frozenset(
            queue
            for queue in queues
            if any(self.board.seats[seat].shown is not SeatState.OFFLINE for seat in self.board.members.get(queue, ()))
        )
