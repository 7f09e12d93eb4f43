"""Alarms and their limits on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, Field

from api.db.alarm_tables import AlarmRow
from routing.alarms import UNIT, AlarmKind, Rule, Unit


class AlarmView(BaseModel):
    """One alarm. Values are in the unit that `unit` names."""

    id: int
    kind: AlarmKind
    unit: Unit
    queue: str | None = Field(description="Null when it belongs to the line.")
    seat: str | None = Field(description="Of an overdue pause.")
    threshold: float = Field(description="As it was when the alarm began.")
    value: float = Field(description="When the alarm began.")
    worst: float = Field(description="The worst value so far, to within a tenth while it stands.")
    began_at: datetime
    ended_at: datetime | None
    owner: str | None = Field(description="Who took it, `person:<username>`; null while nobody has.")
    acknowledged_at: datetime | None
    seconds_to_acknowledge: float | None = Field(description="From its beginning to being taken.")

    @classmethod
    def of(cls, row: AlarmRow) -> Self:
        kind = AlarmKind(row.kind)
        waited = (row.acknowledged_at - row.began_at).total_seconds() if row.acknowledged_at else None
        return cls(
            id=row.id,
            kind=kind,
            unit=UNIT[kind],
            queue=row.queue or None,
            seat=row.subject or None,
            threshold=row.threshold,
            value=row.value,
            worst=row.worst,
            began_at=row.began_at,
            ended_at=row.ended_at,
            owner=row.owner,
            acknowledged_at=row.acknowledged_at,
            seconds_to_acknowledge=waited,
        )


class RuleView(BaseModel):
    """One limit."""

    kind: AlarmKind
    unit: Unit
    queue: str | None
    threshold: float = Field(description="An alarm begins beyond it; a service level below it.")
    calm_at: float = Field(description="It ends on the good side of this, after 30 s.")
    after_seconds: float = Field(description="So long it must last before the alarm begins.")
    on: bool

    @classmethod
    def of(cls, rule: Rule) -> Self:
        return cls(
            kind=rule.kind,
            unit=UNIT[rule.kind],
            queue=rule.queue or None,
            threshold=rule.threshold,
            calm_at=round(rule.calm_at, 6),
            after_seconds=rule.after.total_seconds(),
            on=rule.on,
        )


class Rules(BaseModel):
    """All limits in force, and whether anybody looks at them."""

    looked_at: datetime | None = Field(description="When the floor was last looked at for alarms.")
    items: list[RuleView]


class RuleAsked(BaseModel):
    """What a limit shall be."""

    queue: str = Field(default="", max_length=40, description="Empty for a kind that belongs to the line.")
    threshold: float = Field(description="In the kind's unit; a share is 0 to 1.")
    after_seconds: float
    on: bool = True
