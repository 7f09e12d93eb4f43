"""Duties on the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from routing.duty import Duty, PauseCause, overdue


class PauseNow(BaseModel):
    """One open cause."""

    cause: str = Field(description="`break`, `meal`, `prayer`, `training`, `other`, `missed_calls` or `supervisor`.")
    since: datetime
    overdue_seconds: float | None = Field(description="How much longer than its limit it has lasted; null within it.")


class WrapUpNow(BaseModel):
    """Work after a talk."""

    queue: str
    since: datetime
    limit_seconds: int = Field(description="It ends by itself after so long.")


class SkillNow(BaseModel):
    """A queue that the agent serves."""

    queue: str
    level: int = Field(description="1 is asked first.")


class DutyNow(BaseModel):
    """An agent's stay at a seat."""

    agent: str
    seat: str
    since: datetime
    phone: bool = Field(description="Whether the seat's telephone is registered, as far as is known.")
    missed: int = Field(description="Calls in a row that rang unanswered.")
    pauses: list[PauseNow] = Field(description="The agent takes calls when there is none, and no wrap-up.")
    wrap_up: WrapUpNow | None
    skills: list[SkillNow] = Field(description="Empty: every queue.")


class Duties(BaseModel):
    """All open duties, by seat."""

    items: list[DutyNow]


class SignIn(BaseModel):
    """Where the agent sits down."""

    seat: str = Field(min_length=1, max_length=20, examples=["seat01"])


class PauseAsked(BaseModel):
    """Why the agent takes no calls from now on."""

    cause: str = Field(min_length=1, max_length=20, examples=[PauseCause.BREAK.value])


def duty_now(duty: Duty, now: datetime, limits: dict[str, int]) -> DutyNow:
    """The duty as of `now`; `limits` are the queues' wrap-up limits in seconds."""
    wrap = duty.wrap_up
    return DutyNow(
        agent=duty.agent,
        seat=duty.seat,
        since=duty.began_at,
        phone=duty.phone_gone_at is None,
        missed=duty.missed,
        pauses=[
            PauseNow(cause=cause, since=since, overdue_seconds=over.total_seconds() if over else None)
            for cause, since in sorted(duty.causes.items(), key=lambda item: item[1])
            for over in [overdue(cause, since, now)]
        ],
        wrap_up=WrapUpNow(queue=wrap[0], since=wrap[1], limit_seconds=limits.get(wrap[0], 0)) if wrap else None,
        skills=[SkillNow(queue=queue, level=level) for queue, level in sorted(duty.skills.items())],
    )
