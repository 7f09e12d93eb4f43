"""The stored board as the floor that an estimate is reckoned from. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ivr.kernel.ids import QueueName
from routing.agents import SeatState
from routing.estimate import Floor


def floor_of(board: Mapping[str, Any], call_backs: Mapping[QueueName, int]) -> Floor:
    """Who waits and who serves. A board of an older listener does not tell who serves: then nobody does, and nothing is
    told."""
    queues = board.get("queues", [])
    return Floor(
        waiting={queue["name"]: [caller.get("priority", 0) for caller in queue["waiting"]] for queue in queues},
        call_backs=call_backs,
        serving={queue["name"]: frozenset(queue.get("serving", ())) for queue in queues},
        free={seat["seat"] for seat in board.get("seats", []) if seat["state"] == SeatState.AVAILABLE},
    )
