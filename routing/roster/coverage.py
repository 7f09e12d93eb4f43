"""How many agents are planned at a time. Pure.

Counted are people in the plan, whether on a break or not: breaks are part of the shrinkage with which the need in the plan
was reckoned (`routing/staffing/need`), and taken off here they would be taken off twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from routing.roster.turns import Turn, TurnKind


def planned_through(turns: Iterable[Turn], begins: datetime, ends: datetime) -> int:
    """Agents whose work covers the whole time from `begins` to `ends`; turns that touch are one."""
    of_agent: dict[str, list[Turn]] = {}
    for turn in turns:
        if turn.kind is TurnKind.WORK and turn.begins < ends and begins < turn.ends:
            of_agent.setdefault(turn.agent, []).append(turn)
    return sum(_covers(mine, begins, ends) for mine in of_agent.values())


def _covers(turns: list[Turn], begins: datetime, ends: datetime) -> bool:
    at = begins
    for turn in sorted(turns, key=lambda turn: turn.begins):
        if turn.begins > at:
            return False
        at = max(at, turn.ends)
    return at >= ends
