"""Agents on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from api.agents.repository import Known
from api.duty.pins import DIGITS
from api.duty.schemas import SkillNow


class AtSeatNow(BaseModel):
    """Where an agent is on duty."""

    seat: str
    since: datetime


class AgentCard(BaseModel):
    """All that is kept of one agent. Of the PIN only whether there is one."""

    agent: str = Field(description="Account.")
    name_fa: str
    name_en: str
    number: str | None = Field(description="What the agent keys in at a seat's telephone, three to six digits.")
    pin_set: bool = Field(description="Without a number and a PIN the agent signs in at the desk page only.")
    skills: list[SkillNow] = Field(description="Empty: every queue at level 1, those that come later as well.")
    usual_seat: str | None = Field(description="At which most duties of the last 30 days began.")
    on_duty: AtSeatNow | None

    @classmethod
    def of(cls, known: Known) -> Self:
        return cls(
            agent=known.username,
            name_fa=known.name_fa,
            name_en=known.name_en,
            number=known.number,
            pin_set=known.has_pin,
            skills=[SkillNow(queue=queue, level=level) for queue, level in sorted(known.skills.items())],
            usual_seat=known.usual_seat,
            on_duty=AtSeatNow(seat=known.seat, since=known.since) if known.seat and known.since else None,
        )


class Agents(BaseModel):
    """Operators who can log in, by account."""

    items: list[AgentCard]


class SkillsAsked(BaseModel):
    """All that the agent is to serve; what is not in it is served no more."""

    model_config = ConfigDict(extra="forbid")

    skills: dict[str, int] = Field(
        max_length=50, description="Queue → level, 1 asked first, 3 last.", examples=[{"insurance": 1, "general": 2}]
    )
    expected: dict[str, int] | None = Field(
        default=None,
        max_length=50,
        description="What the asker saw; when it is that no more, nothing is changed (409).",
    )


class NumberAsked(BaseModel):
    """The agent's number; null takes it away, and the PIN with it."""

    model_config = ConfigDict(extra="forbid")

    number: str | None = Field(max_length=20, examples=["107"])
    expected: str | None = Field(
        default=None,
        max_length=20,
        description="What the asker saw, empty for none; when it is that no more, nothing is changed (409).",
    )


class NewPin(BaseModel):
    """Told once; nobody can read it again."""

    pin: str


class OwnPin(BaseModel):
    """My new PIN, with my password."""

    model_config = ConfigDict(extra="forbid")

    password: SecretStr = Field(min_length=1, max_length=1024)
    pin: SecretStr = Field(min_length=1, max_length=20, description=f"{DIGITS} digits that nobody guesses first.")
