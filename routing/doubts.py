"""What cannot both be true for long: a telephone in use without a talk, or a talk on a telephone that rests. One event has
overtaken another or was never told. Then Asterisk is asked, at once and once: what its picture confirms (somebody dials by
themselves from their seat) is no doubt any more. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from ivr.kernel.ids import SeatName


@dataclass(slots=True)
class Doubts:
    """Seconds by the loop's clock."""

    patience: float = 0.75
    """The two events of one thing come milliseconds apart; a busy machine may need longer."""
    apart: float = 3.0
    """Between two pictures at least: asking too often piles up threads inside Asterisk."""
    _since: dict[SeatName, float] = field(default_factory=dict, init=False)
    _confirmed: frozenset[SeatName] = field(default=frozenset(), init=False)

    def due(self, contradictions: Collection[SeatName], now: float, checked: float) -> float:
        """When a picture is to be asked for; infinity while nothing is in doubt. `checked`: when the last was put in place."""
        self._confirmed &= frozenset(contradictions)
        self._since = {seat: self._since.get(seat, now) for seat in contradictions if seat not in self._confirmed}
        if not self._since:
            return float("inf")
        return max(min(self._since.values()) + self.patience, checked + self.apart)

    def pictured(self, contradictions: Collection[SeatName]) -> None:
        """Asterisk's picture is in place, and these seats are still so."""
        self._confirmed, self._since = frozenset(contradictions), {}
