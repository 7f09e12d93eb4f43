"""Who comes before whom: a priority of 0 to 10 from known needs, and the order in which it puts those who wait. Pure.

**The order.** One step of priority counts as `step_seconds` of waiting that lie behind the caller already. So the line is
sorted by *counted arrival* = moment of entering − priority · step, the earliest first. All callers grow older at one pace,
so the order of two of them never changes while they wait: it is said once, at the entry (Asterisk's `QUEUE_PRIO`), and
nothing has to be balanced anew. What follows from it is the promise: **nobody is ever passed by a caller who came more than
`MOST · step_seconds` after them** (ten steps of 30 s: five minutes), however many callers with priority come.

**The ladder** (`routing.ladder`) is climbed with the same head start. Whoever stands before another then may ring at least
all those agents whom the other may ring. Otherwise Asterisk, which offers its head caller first, would let a free agent
of a later rung sit idle: kept from the head by the rule, and from those behind by the head (22.10.1, measured).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator

from ivr.kernel.area_codes import PROVINCES

MOST = 10
"""The highest priority that anybody can have, whatever adds up."""

HORIZON = 3_800_000_000
"""Added so that QUEUE_PRIO is above 0 and an int of 32 bits for everybody who joins before 2090: Asterisk holds no more, and the
dialplan keeps nothing of such a number but its digits. Only differences mean anything."""

_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]
_Priority = Annotated[int, Field(ge=0, le=MOST)]


class RoutingRules(BaseModel):
    """What raises a caller's priority, and how much. `LINE1420_ROUTING`, a JSON object; exchange and API read the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    step_seconds: int = Field(
        default=30,
        ge=0,
        le=120,
        description="One step of priority counts as so much waiting; 0: priority does nothing.",
    )
    repeat_hours: int = Field(
        default=24, ge=0, le=168, description="Who was not served within so many hours calls again; 0: nobody does."
    )
    repeat_priority: int = Field(default=1, ge=0, le=MOST, description="Added for each call that was not served.")
    repeat_limit: int = Field(default=3, ge=0, le=MOST, description="More than this repeated calls never add.")
    provinces: Mapping[_Slug, _Priority] = Field(
        default_factory=dict, description="Province of the caller's fixed line → priority added."
    )

    @field_validator("provinces")
    @classmethod
    def _known(cls, provinces: Mapping[str, int]) -> Mapping[str, int]:
        unknown = sorted(set(provinces) - set(PROVINCES.values()))
        if unknown:
            raise ValueError(
                f"no such province: {', '.join(unknown)}; there are {', '.join(sorted(PROVINCES.values()))}"
            )
        return provinces


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a caller who is about to wait, and the priority that follows from it."""

    priority: int = 0
    group: str = ""
    """Code of the group that counted; empty when in none."""
    repeat: int = 0
    """Calls within the window that were not served."""
    province: str = ""
    """Slug; empty for mobile numbers and those we cannot place."""


def standing(rules: RoutingRules, *, groups: Mapping[str, int], unserved: int, province: str | None) -> Standing:
    """`groups`: code → priority of those the caller is in; the highest counts, once. min(10, group + repeat + province)."""
    group = min(groups, key=lambda code: (-groups[code], code), default="")
    repeat = min(unserved * rules.repeat_priority, rules.repeat_limit)
    total = groups.get(group, 0) + repeat + rules.provinces.get(province or "", 0)
    return Standing(max(0, min(total, MOST)), group, unserved, province or "")


def ahead_seconds(priority: int, step_seconds: int) -> int:
    """The head start of a priority."""
    return max(0, min(priority, MOST)) * step_seconds


def queue_prio(joined: int, priority: int, step_seconds: int) -> int:
    """The place of a caller who began to wait at this second (since 1970), as Asterisk's priority. The dialplan reckons the same,
    for callers and for call backs, which bring the second of their caller's joining."""
    return HORIZON + ahead_seconds(priority, step_seconds) - joined


def counted_seconds(prio: int, now: int) -> int:
    """How long who stands there counts as having waited: their waiting and the head start of their priority."""
    return prio - HORIZON + now


def priority_of(prio: int, joined: int, step_seconds: int) -> int:
    """The priority, 0 to 10, that comes nearest to this place of somebody who began to wait at this second; 0 where a step is 0."""
    steps = round(counted_seconds(prio, joined) / step_seconds) if step_seconds else 0
    return max(0, min(steps, MOST))
