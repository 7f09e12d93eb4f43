"""Shifts and turns between the database's rows and the words of `routing/roster`; turns also as an audit entry tells them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from typing import Any

from api.db.roster_tables import RosterTurnRow, ShiftRow
from ivr.kernel.ids import SeatName
from routing.roster.shifts import Break, Hours, Shift
from routing.roster.turns import Turn, TurnKind


def shift_of(row: ShiftRow) -> Shift:
    """A stored shift, retired or not."""
    return Shift(
        code_fa=row.code_fa,
        code_en=row.code_en,
        name_fa=row.name_fa,
        name_en=row.name_en,
        hours=Hours(row.begins, row.ends),
        breaks=breaks_of(row.breaks),
        weekdays=frozenset(row.weekdays),
        id=row.id,
    )


def shift_values(shift: Shift) -> dict[str, Any]:
    """What is stored of a new shift."""
    return {
        "code_fa": shift.code_fa,
        "code_en": shift.code_en,
        "name_fa": shift.name_fa,
        "name_en": shift.name_en,
        "begins": shift.hours.begins,
        "ends": shift.hours.ends,
        "breaks": breaks_told(shift.breaks),
        "weekdays": sorted(shift.weekdays),
        "retired_at": None,
    }


def turn_of(row: RosterTurnRow, shifts: Mapping[int, Shift]) -> Turn:
    """A stored turn; `shifts` are all there ever were, by id."""
    return Turn(
        agent=row.agent,
        day=row.day,
        kind=TurnKind(row.kind),
        begins=row.begins_at,
        ends=row.ends_at,
        breaks=breaks_of(row.breaks),
        shift=None if row.shift_id is None else shifts[row.shift_id],
        seat=None if row.seat is None else SeatName(row.seat),
        note=row.note,
    )


def turn_values(turn: Turn) -> dict[str, Any]:
    """What is stored of a turn, beside whose it is and who planned it."""
    return {
        "day": turn.day,
        "kind": turn.kind.value,
        "shift_id": turn.shift.id if turn.shift else None,
        "begins_at": turn.begins,
        "ends_at": turn.ends,
        "breaks": breaks_told(turn.breaks),
        "seat": turn.seat,
        "note": turn.note,
    }


def turns_told(turns: Iterable[Turn]) -> list[dict[str, Any]]:
    """Turns of one cell in an audit entry: everything that was planned, in order."""
    return [
        {
            "kind": turn.kind.value,
            "shift": turn.shift.code_en if turn.shift else None,
            "begins_at": turn.begins.isoformat(),
            "ends_at": turn.ends.isoformat(),
            "breaks": breaks_told(turn.breaks),
            "seat": turn.seat,
            "note": turn.note,
        }
        for turn in sorted(turns, key=lambda turn: (turn.begins, turn.ends))
    ]


def fingerprint(turns: Iterable[Turn]) -> str:
    """Equal for equal turns of a cell, so that who edits an old view of it can be told."""
    return digest(turns_told(turns))


def digest(told: Any) -> str:
    """A short fingerprint of anything that JSON can tell."""
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def breaks_of(told: Sequence[Mapping[str, Any]]) -> tuple[Break, ...]:
    return tuple(Break(time.fromisoformat(one["begins"]), int(one["minutes"])) for one in told)


def breaks_told(breaks: Iterable[Break]) -> list[dict[str, Any]]:
    return [{"begins": f"{one.begins:%H:%M}", "minutes": one.minutes} for one in breaks]
