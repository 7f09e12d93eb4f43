"""Deeds on the floor, on the wire."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from ivr.kernel.announcements import Announcement
from ivr.kernel.calendar import SuddenChange
from ivr.kernel.closures_text import id_of
from routing.leading import Hearing, Listener
from routing.priority import MOST


class MoveAsked(BaseModel):
    """Where a waiting caller shall wait on."""

    queue: str = Field(max_length=40, examples=["insurance"])


class PriorityAsked(BaseModel):
    """How urgent a waiting caller is."""

    priority: int = Field(
        ge=0, le=MOST, description="0 to 10; a step counts as half a minute of waiting.", examples=[5]
    )


class Moved(BaseModel):
    """Where the caller stood. The board shows the new place within two seconds."""

    call_id: str
    from_queue: str
    to_queue: str


class PriorityNow(BaseModel):
    """How the caller stands now."""

    call_id: str
    priority: int = Field(description="0 to 10; 10 as well for a place before everybody that takes more.")


class ClosingAsked(BaseModel):
    """A sudden closure or opening."""

    kind: Literal["closure", "opening"] = "closure"
    queue: str = Field(default="", max_length=40, description="Empty: the whole line.")
    starts_at: AwareDatetime | None = Field(default=None, description="Null: now.")
    ends_at: AwareDatetime
    reason: str = Field(min_length=1, max_length=200)


class ClosingView(BaseModel):
    """One entry of the closures file."""

    id: str
    kind: Literal["closure", "opening"]
    queue: str = Field(description="Empty: the whole line.")
    starts_at: datetime
    ends_at: datetime
    reason: str
    runs: bool = Field(description="Whether it holds now.")
    closed_meanwhile: list[str] = Field(
        description="Of an opening: queues that a closure which is not over keeps closed for part or all of it. An empty name: the whole line."
    )

    @classmethod
    def of(cls, change: SuddenChange, now: datetime, known: Collection[SuddenChange]) -> ClosingView:
        """`known`: everything that stands in the file."""
        return cls(
            id=id_of(change),
            kind="opening" if change.open else "closure",
            queue=change.section,
            starts_at=change.interval.start,
            ends_at=change.interval.end,
            reason=change.reason,
            runs=now in change.interval,
            closed_meanwhile=change.closed_meanwhile(one for one in known if now < one.interval.end),
        )


class Closings(BaseModel):
    """What the closures file says, by its beginning."""

    items: list[ClosingView]


class AnnouncementView(BaseModel):
    """One emergency announcement."""

    id: str
    text: str = Field(description="What is said.")
    queues: list[str] = Field(description="Empty: everybody who calls.")
    starts_at: datetime
    ends_at: datetime = Field(description="When it stops or stopped.")
    seconds: float
    made_by: str
    ended_by: str | None = Field(description="Who stopped it before its time.")
    runs: bool = Field(description="Whether callers hear it now.")
    over: bool

    @classmethod
    def of(cls, one: Announcement, now: datetime) -> AnnouncementView:
        return cls(
            id=one.id,
            text=one.text,
            queues=list(one.queues),
            starts_at=one.starts_at,
            ends_at=one.over_at,
            seconds=one.seconds,
            made_by=one.made_by,
            ended_by=one.ended_by,
            runs=one.runs(now),
            over=one.over_at <= now,
        )


class Announcements(BaseModel):
    """All that are remembered, the newest first."""

    items: list[AnnouncementView]


class HearAsked(BaseModel):
    """The telephone on which a supervisor wants to hear."""

    phone: str = Field(max_length=20, description="A seat at which nobody is signed in.", examples=["seat16"])


class ListenerView(BaseModel):
    """Somebody who hears a talk."""

    seat: str = Field(description="Whose talk.")
    call_id: str
    by: str
    phone: str
    mode: Hearing

    @classmethod
    def of(cls, one: Listener) -> ListenerView:
        return cls(seat=one.seat, call_id=one.call_id, by=one.by, phone=one.phone, mode=one.mode)


class Listeners(BaseModel):
    """Everybody who hears a talk now."""

    items: list[ListenerView]
