"""How far what an agent did agrees with the plan, in whole seconds. Pure.

    adherence   = Σ seconds in the planned state at the planned time / Σ planned seconds      (never above 100 %)
    conformance = Σ seconds worked / Σ seconds planned to be worked                           (may pass 100 %)

The states are those of `stretches`: at the telephones, or on a break. Adherence asks whether people were there *when* they
were needed, conformance only *for how long*: who comes an hour late and stays an hour longer has 100 % of the second and less
of the first. Planned breaks are part of the plan; a break taken at another time costs adherence twice, in its planned place
and in the one it was taken. Sums add planned, agreed and worked seconds, so a month is a ratio of sums and never a mean of
percentages. Source: the metrics brief of this line, 4.4 (rates): "adherence: minutes in the planned state at the planned
time / scheduled minutes; conformance: minutes worked / scheduled minutes".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from ivr.kernel.measures import Ratio
from routing.roster.stretches import State, Stretch


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of one agent or of many, over any time; add them as you like."""

    planned: int = 0
    """Work and breaks."""
    agreed: int = 0
    """In the planned state at the planned time."""
    to_work: int = 0
    """Planned without the breaks."""
    worked: int = 0
    """At the telephones, planned or not."""
    unplanned: int = 0
    """Signed in, in any state, while nothing was planned."""

    def __add__(self, other: Measured) -> Measured:
        return Measured(
            self.planned + other.planned,
            self.agreed + other.agreed,
            self.to_work + other.to_work,
            self.worked + other.worked,
            self.unplanned + other.unplanned,
        )

    @property
    def adherence(self) -> Ratio:
        return Ratio(self.agreed, self.planned)

    @property
    def conformance(self) -> float | None:
        return self.worked / self.to_work if self.to_work else None


@dataclass(frozen=True, slots=True)
class Arrival:
    """Coming and going, beside one planned turn. Who never came is absent, and neither late nor early."""

    late: int = 0
    """Seconds; while the turn goes on and nobody has come yet, so far."""
    early: int = 0
    """Seconds between signing out for good and the end; known when the turn is over."""
    absent: bool = False


def measure(planned: Sequence[Stretch], seen: Sequence[Stretch]) -> Measured:
    """Of stretches in order that do not overlap; cut both to the time in question before."""
    agreed = sum(seconds for one, other, seconds in _met(planned, seen) if one.state is other.state)
    present = sum(one.seconds for one in seen)
    return Measured(
        planned=sum(one.seconds for one in planned),
        agreed=agreed,
        to_work=sum(one.seconds for one in planned if one.state is State.WORKING),
        worked=sum(one.seconds for one in seen if one.state is State.WORKING),
        unplanned=present - sum(seconds for _, _, seconds in _met(planned, seen)),
    )


def arrival(begins: datetime, ends: datetime, seen: Sequence[Stretch], now: datetime) -> Arrival:
    """Of a planned turn, from what was seen of its agent; nothing before it begins."""
    if now <= begins:
        return Arrival()
    here = [one for one in seen if one.begins < ends and begins < one.ends]
    if not here:
        return Arrival(absent=True) if ends <= now else Arrival(late=_seconds(begins, now))
    late = max(0, _seconds(begins, here[0].begins))
    early = max(0, _seconds(here[-1].ends, ends)) if ends <= now else 0
    return Arrival(late, early)


def _met(planned: Sequence[Stretch], seen: Sequence[Stretch]) -> list[tuple[Stretch, Stretch, int]]:
    """Every planned and seen stretch that share time, with how many seconds."""
    found: list[tuple[Stretch, Stretch, int]] = []
    for one in planned:
        for other in takewhile(lambda other: other.begins < one.ends, seen):  # noqa: B023 - used up within the turn
            seconds = _seconds(max(one.begins, other.begins), min(one.ends, other.ends))
            if seconds > 0:
                found.append((one, other, seconds))
    return found


def _seconds(first: datetime, last: datetime) -> int:
    return int((last - first).total_seconds())
