"""Groups of callers, their members and their effect, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from api.reports.schemas import MeanView, RatioView, ServiceLevel
from routing.priority import MOST

CODE_PATTERN = "^[a-z][a-z0-9_]{0,39}$"
LONGEST_NAME, LONGEST_NOTE = 60, 200

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_NAME)]


class GroupForm(BaseModel):
    """What a group is called, and how far ahead its members stand."""

    name_fa: _Name
    name_en: _Name
    priority: int = Field(ge=0, le=MOST, description="0 to 10; a step counts as `step_seconds` of waiting.")


class GroupView(BaseModel):
    """A group of callers."""

    code: str
    name_fa: str
    name_en: str
    priority: int
    members: int = Field(description="In it now.")
    retired_at: datetime | None = Field(description="Since when it raises nobody's priority; null while it does.")


class Groups(BaseModel):
    """All groups, the highest priority first, and what a step means."""

    items: list[GroupView]
    step_seconds: int = Field(description="One step of priority counts as so much waiting.")
    longest_ahead_seconds: int = Field(
        description="The promise: nobody is ever passed by a caller who came more than this after them."
    )


class MemberForm(BaseModel):
    """Somebody to be put into a group."""

    caller: str = Field(max_length=40, description="Their number, national or international, any digits.")
    until: AwareDatetime | None = Field(default=None, description="When it ends by itself; null: not.")
    note: str = Field(default="", max_length=LONGEST_NOTE)


class MemberView(BaseModel):
    """A caller in a group."""

    id: int
    caller: str
    since: datetime
    until: datetime | None
    note: str
    added_by: str


class WaitsView(BaseModel):
    """Visits of some callers in the period, by their entry."""

    offered: int
    answered: int
    abandoned: int
    service_level: ServiceLevel
    mean_wait: MeanView = Field(description="Of all whose wait is over.")
    p90_wait_seconds: float | None = Field(description="Nine of ten waited no longer (nearest rank).")


class GroupWaits(WaitsView):
    """Those of one group."""

    code: str
    name_fa: str
    name_en: str


class EffectView(BaseModel):
    """What priority did in a period: to those who had it, and to everybody else."""

    period: str
    since: datetime
    until: datetime
    groups: list[GroupWaits]
    others_raised: WaitsView = Field(description="Priority above 0 without a group: called again, or by province.")
    rest: WaitsView = Field(description="Everybody who waited without priority.")
    repeat_days: int = Field(description="W.")
    repeat_rate: RatioView = Field(
        description="Calls that follow an earlier one of the same number within W days / calls with a number."
    )
    unserved_repeats: RatioView = Field(
        description="Visits whose caller had not been served shortly before / visits of callers who were looked up."
    )
    without_number: int = Field(description="Calls without a number: nobody can say whether they follow another.")
