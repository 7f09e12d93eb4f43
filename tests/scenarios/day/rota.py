"""The plan of the day written into the roster, through the API that planners use; and what the roster says of it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ivr.kernel.clock import TEHRAN
from tests.scenarios.day.plan import Turn
from tests.scenarios.desk import Desk

WHOLE_WEEK = list(range(7))


def account_of(seat: int) -> str:
    return f"operator{seat:02d}"


def enter(lead: Desk, turns: Sequence[Turn], begins: datetime) -> None:
    """Each turn as a shift with its breaks, and a cell for each agent. `begins` (a whole minute) is the run's beginning:
    a roster is kept by the clock on the wall, so an hour of the day is three minutes of it."""
    day = begins.astimezone(TEHRAN).date().isoformat()
    for turn in turns:
        breaks = [{"begins": _clock(begins, rest.begins), "minutes": _minutes(rest.seconds)} for rest in turn.rests]
        lead.do(
            "POST", "/roster/shifts", code_fa=turn.code_fa, code_en=turn.code, name_fa=turn.code_fa, name_en=turn.code,
            begins=_clock(begins, turn.begins), ends=_clock(begins, turn.ends), breaks=breaks, weekdays=WHOLE_WEEK,
        )  # fmt: skip
        for seat in turn.seats:
            planned = [{"shift": turn.code, "seat": f"seat{seat:02d}"}]
            lead.do("PUT", f"/roster/days/{day}/agents/{account_of(seat)}", turns=planned)


def adherence(lead: Desk, begins: datetime) -> dict[str, Any]:
    """Of all agents together: seconds in the planned state / planned seconds, and who was absent."""
    told = lead.do("GET", f"/roster/days/{begins.astimezone(TEHRAN).date().isoformat()}")
    measured = [agent["measured"] for agent in told["agents"]]
    part, whole = (sum(one["adherence"][name] for one in measured) for name in ("part", "whole"))
    return {
        "in the planned state s": part,
        "planned s": whole,
        "adherence": round(part / whole, 4) if whole else None,
        "absent": sum(one["absent_turns"] for one in measured),
    }


def _clock(begins: datetime, seconds: float) -> str:
    at = begins + timedelta(seconds=seconds)
    if at.second or at.microsecond:
        raise ValueError(f"a roster holds whole minutes, not {at.isoformat()}; choose another speed or other times")
    return f"{at.astimezone(TEHRAN):%H:%M}"


def _minutes(seconds: float) -> int:
    return round(seconds / 60)
