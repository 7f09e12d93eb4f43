"""When a case is due, and why: the kind's allowance counted in the working time of casework. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from api.cases.case import CaseKind
from ivr.kernel.hours import CASEWORK, Hours
from ivr.kernel.working_time import Deadline, due_after


def deadline_for(kind: CaseKind, opened_at: datetime, hours: Hours) -> Deadline:
    """The deadline of a case of this kind that was opened at this instant."""
    return due_after(hours.calendar, CASEWORK, opened_at, hours.allowance(kind.value))


def explained(deadline: Deadline) -> dict[str, Any]:
    """The explanation as it is stored: allowance, counted stretches (ISO instants) and the holidays left out."""
    return {
        "from": deadline.from_at.isoformat(),
        "allowance_seconds": deadline.allowance.total_seconds(),
        "intervals": [[stretch.start.isoformat(), stretch.end.isoformat()] for stretch in deadline.intervals],
        "left_out": [{"day": holiday.day.isoformat(), "name": holiday.name} for holiday in deadline.left_out],
    }
