"""How we count: the one home of the published service level, its threshold, and what a short abandon is. Pure.

Names of the variants: ICMI, *Service Level Calculations* (2002). A service level without its variant and threshold
means nothing, so everything that shows one takes both from here.
"""

from __future__ import annotations

from enum import StrEnum


class Variant(StrEnum):
    """What becomes of those who gave up, in a service level."""

    SL1 = "SL1"
    """Giving up within the threshold counts as good."""
    SL2 = "SL2"
    """Who gave up is not looked at; flatters, shown for comparison only."""
    SL3 = "SL3"
    """Everyone who gave up counts against us."""
    SL4 = "SL4"
    """Who gave up within the threshold is left out."""
    SL5 = "SL5"
    """A short abandon counts as good."""
    SL6 = "SL6"
    """Short abandons are left out."""


FORMULA = {
    Variant.SL1: "(An(T) + Ab(T)) / (An + Ab + X)",
    Variant.SL2: "An(T) / An",
    Variant.SL3: "An(T) / (An + Ab + X)",
    Variant.SL4: "An(T) / (An + Ab + X − Ab(T))",
    Variant.SL5: "(An(T) + Ab(s)) / (An + Ab + X)",
    Variant.SL6: "An(T) / (An + Ab + X − Ab(s))",
}
"""An answered, Ab abandoned, (T) of these with a wait up to the threshold, (s) short ones, X other exits."""

PUBLISHED = Variant.SL4
THRESHOLD_SECONDS = 20
"""T: a wait up to and including this is in time."""
SHORT_ABANDON_SECONDS = 5
"""s: who gives up within this has hardly waited at all (ICMI's example uses the same)."""
GOAL = 0.80
"""Of the published variant; a line in the chart, judged by nobody here."""

TOLD_SECONDS, TOLD_SHARE = 60, 0.25
"""A wait came as it was told when told and real wait differ by no more than a minute, or than a quarter of the real one if
that is longer: nobody minds two minutes more in twenty."""

PERCENTILES = (50, 80, 90, 95)
"""Of the waits that are over, by nearest rank: a wait that somebody really had."""

ANSWERED, ABANDONED, REFUSED, MOVED = "answered", "abandoned", "refused_full", "moved"
"""Outcomes of a visit with a measure of their own. A full queue lets nobody in: such a visit was never offered. Neither was
one from which a supervisor moved the caller on: they are counted where they were moved to, or the line would count them twice."""
OTHER_EXITS = ("timed_out", "closed_out", "no_agents", "left_by_key", "system_drop", "lost_by_restart", "lost_unknown")
"""Left without an operator and without hanging up, or cut off in the talk; not answered in every denominator."""

HANDLE_TIME_PARTS = ("talk", "wrap_up")
"""Work after a talk is measured where agents sign in; a fixed rest of a seat is a setting and no measurement."""
