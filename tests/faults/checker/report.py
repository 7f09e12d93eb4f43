"""What the checker says, in Tehran's time: breaches with their timelines, and how much was looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from ivr.kernel.clock import TEHRAN


def shown(at: datetime | None) -> str:
    """An instant on Tehran's clock, as every text and timeline tells it; `never` for None."""
    return f"{at.astimezone(TEHRAN):%H:%M:%S}" if at else "never"


@dataclass(frozen=True, slots=True)
class Moment:
    """One row of a timeline: when, which source told it (`cel`, `queue_log`, `caller`, `database`, `file`), what."""

    at: datetime
    source: str
    text: str

    def __str__(self) -> str:
        return f"{self.at.astimezone(TEHRAN):%H:%M:%S.%f} {self.source:<9} {self.text}"


@dataclass(frozen=True, slots=True)
class Breach:
    """A promise that was not kept. `subject` names the call, file or process it concerns."""

    invariant: str
    """`I1` … `I13`."""
    subject: str
    text: str
    timeline: tuple[Moment, ...] = ()

    def __str__(self) -> str:
        return "\n".join(
            [f"{self.invariant} {self.subject}: {self.text}", *(f"    {moment}" for moment in self.timeline)]
        )


Tell = Callable[[str], Breach]
"""Makes a breach of the subject at hand from its text."""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome: `breaches` empty is good, unless `checked` shows that there was nothing to look at."""

    since: datetime
    until: datetime
    breaches: tuple[Breach, ...] = ()
    checked: dict[str, int] = field(default_factory=dict)
    """How many of each were looked at: `calls`, `visits`, `messages`, `recordings`, `scores`, `witnesses`, …"""
    skipped: dict[str, str] = field(default_factory=dict)
    """Invariant → why it could not be judged here (no samples, Asterisk down)."""

    def of(self, invariant: str) -> list[Breach]:
        return [breach for breach in self.breaches if breach.invariant == invariant]

    @property
    def unasked(self) -> list[str]:
        """What was not judged because Asterisk, its console or the board gave no answer."""
        return [name for name in self.skipped if name.startswith(("I7", "I11, channels"))]

    @property
    def invariants(self) -> set[str]:
        """Those that were broken."""
        return {breach.invariant for breach in self.breaches}

    def __str__(self) -> str:
        counts = ", ".join(f"{number} {name}" for name, number in self.checked.items()) or "nothing"
        since, until = (at.astimezone(TEHRAN).isoformat(timespec="seconds") for at in (self.since, self.until))
        head = f"{since} – {until}: {counts} checked"
        by_kind = Counter(breach.invariant for breach in self.breaches)
        verdict = (
            "no breach"
            if not by_kind
            else "BREACHES: " + ", ".join(f"{kind} {n}" for kind, n in sorted(by_kind.items()))
        )
        left_out = [f"not judged: {name}: {why}" for name, why in self.skipped.items()]
        return "\n".join([head, verdict, *left_out, *(str(breach) for breach in self.breaches)])
