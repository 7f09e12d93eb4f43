"""What Asterisk's queues hold, for the rule: read off the board, with what only the dialler needs beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from ivr.kernel.ids import CallId, QueueName
from routing.agents import SeatState
from routing.board import Board


class Places:
    """Who stands where, by a board that somebody else keeps up to date."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.known = False
        """Whether a snapshot has been seen since the link came up."""

    def lines(self) -> dict[QueueName, Sequence[CallId]]:
        """Queue → who stands in it, the next one first. A placeholder's leg has the id of its call."""
        return {queue: [CallId(leg) for leg in line.legs] for queue, line in self.board.lines.items()}

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
