"""Who may be asked for a caller who has waited so long: the rungs of one queue, and the penalties by which Asterisk keeps them.

A rung is a group of agents and the wait from which on they may ring: level 1 at once, levels 2 and 3 later, agents of other
queues (helpers) later still. Asterisk knows rungs as *penalties*: a member of the n-th rung has penalty n, counted from 0
in the order of time, and each caller carries the largest penalty allowed now, which `queuerules.conf` raises while they
wait. Nobody changes the queue or loses their place, and no process of ours need be awake for it. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil, gcd

from ivr.kernel.ids import QueueName

LEVELS = (1, 2, 3)
"""Of a skill: 1 is asked first."""

GRAIN_SECONDS = 5
"""Whoever has waited already when they enter (a priority, a move, a call back) begins on the ladder as if for so many seconds less,
at most: Asterisk's rules of climbing are made beforehand."""
MOST_RULES = 240
"""Of one queue; Asterisk looks through all of them for each caller. A ladder of more than twenty minutes has a coarser grain."""


@dataclass(frozen=True, slots=True)
class Rung:
    """Agents of the queue's own with this level, or those of the queue `helper` (then `level` is 0)."""

    after_seconds: int
    level: int = 0
    helper: QueueName | None = None


@dataclass(frozen=True)
class Ladder:
    """The rungs of one queue. `relax_seconds`: from when on levels 2 and 3 may ring; `helped_by`: queue → from when on."""

    relax_seconds: tuple[int, int] = (0, 0)
    helped_by: Mapping[QueueName, int] | None = None

    @cached_property
    def rungs(self) -> tuple[Rung, ...]:
        """In the order of time; of those at one time the queue's own agents come first, by level."""
        levels = [Rung(after, level) for level, after in zip(LEVELS, (0, *self.relax_seconds), strict=True)]
        helpers = [Rung(after, helper=queue) for queue, after in sorted((self.helped_by or {}).items())]
        return tuple(sorted((*levels, *helpers), key=lambda rung: (rung.after_seconds, rung.helper is not None)))

    def penalty_of_level(self, level: int) -> int:
        """Of an agent of the queue's own."""
        return next(place for place, rung in enumerate(self.rungs) if rung.level == level)

    def penalty_of_helper(self, queue: QueueName) -> int | None:
        """Of an agent of that other queue; None when it gives no help here."""
        return next((place for place, rung in enumerate(self.rungs) if rung.helper == queue), None)

    def is_helper(self, penalty: int) -> bool:
        """Whether a member with this penalty only helps out."""
        return 0 <= penalty < len(self.rungs) and self.rungs[penalty].helper is not None

    def allowed(self, waited_seconds: float) -> int:
        """Largest penalty that a caller may ring after so long."""
        return sum(rung.after_seconds <= waited_seconds for rung in self.rungs) - 1

    def grain(self, step_seconds: int) -> int:
        """Seconds between the waits with which somebody may begin. A step of priority is a multiple of it, but on long ladders."""
        fine = gcd(GRAIN_SECONDS, step_seconds)
        return fine * max(1, ceil(self.rungs[-1].after_seconds / (fine * MOST_RULES)))

    def climbs(self, step_seconds: int) -> list[list[tuple[int, int]]]:
        """`changes` of who begins with 0, 1, 2, … grains of waiting; with the last of them everybody may ring at once."""
        grain = self.grain(step_seconds)
        return [self.changes(n * grain) for n in range(ceil(self.rungs[-1].after_seconds / grain) + 1)]

    def changes(self, ahead_seconds: int) -> list[tuple[int, int]]:
        """(seconds of waiting, largest penalty from then on) of a caller who counts as having waited `ahead_seconds` already
        when they enter, and who begins with `allowed(ahead_seconds)`."""
        later = sorted({rung.after_seconds for rung in self.rungs if rung.after_seconds > ahead_seconds})
        return [(after - ahead_seconds, self.allowed(after)) for after in later]
