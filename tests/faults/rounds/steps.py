"""The steps of a call at which somebody may stand when a process is struck, and how the ledger shows that they do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path


class Step(StrEnum):
    """Where a caller stands."""

    S0 = "before answer"
    S1 = "greeting"
    S2 = "waiting for a digit"
    S3 = "in a look-up"
    S4 = "waiting in queue"
    S5 = "operator ringing"
    S6 = "talking and recorded"
    S7 = "talking, and on hold"
    S8 = "score keyed"
    S9 = "recording a message"
    S10 = "sound closed, no case yet"
    S11 = "case written, spool not cleared"
    S12 = "archiving"
    S13 = "hangup handler"


ALWAYS = frozenset({Step.S1, Step.S2, Step.S4, Step.S5, Step.S8, Step.S9, Step.S10})
"""Where somebody of every cohort must stand, beside the one who talks; the others are a matter of a moment."""


def missing(seen: Iterable[str], talk: Step) -> list[str]:
    """Names of steps at which nobody stood and somebody should have."""
    return sorted({step.name for step in {*ALWAYS, talk}} - set(seen))


class Ledger:
    """CEL as text: its file is there even when nobody of ours reads it."""

    def __init__(self, var: Path) -> None:
        self._cel = var / "asterisk" / "log" / "cel-custom" / "line.csv"

    def rows(self, number: str) -> list[str]:
        """Rows that name this caller."""
        if not self._cel.exists():
            return []
        return [row for row in self._cel.read_text("utf-8", "replace").splitlines() if number in row]

    def shows(self, number: str, *marks: str) -> bool:
        """Whether one row names this caller and all of `marks`."""
        return any(all(mark in row for mark in marks) for row in self.rows(number))

    def stands_at(self, number: str, step: Step) -> bool:
        """Whether the last thing the ledger tells of this caller is that step. S0 and S13 are too short to be seen so."""
        has = lambda *marks: self.shows(number, *marks)  # noqa: E731 - a word, not a function
        if has('"final"'):
            return False
        match step:
            case Step.S1:
                return has('"step"') and not has('"choice"')
            case Step.S2:
                return has('"choice"', "key=4")
            case Step.S3:
                return has('"choice"', "key=3") and not has('"delivered"') and not has('"queue"')
            case Step.S4 | Step.S5:
                return has('"APP_START"', '"Queue"') and not has('"BRIDGE_ENTER"') and not has('"APP_END"', '"Queue"')
            case Step.S6 | Step.S7:  # of a hold the ledger tells nothing: it is a part of the talk
                return has('"BRIDGE_ENTER"') and not has('"BRIDGE_EXIT"')
            case Step.S8:
                return has('"score"', "value=")
            case Step.S9:
                return has('"message"', "state=started") and not has('"message"', "state=recorded")
            case Step.S10:
                return has('"message"', "state=recorded") and not has('"message"', "state=kept")
            case _:
                return False
