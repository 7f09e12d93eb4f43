"""What the API tells of a call."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.calls.record import Disposition, EndedBy, VisitOutcome


class MenuStepView(BaseModel):
    """A place in the menu and what was keyed there."""

    node: str
    key: str | None = Field(description="The key, `none`, `wrong`, or null when the caller left or was led on.")
    at: datetime


class VisitView(BaseModel):
    """One stay in one queue."""

    model_config = ConfigDict(from_attributes=True)

    n: int = Field(description="The n-th stay of this call, from 1.")
    queue: str
    entered_at: datetime
    connected_at: datetime | None
    ended_at: datetime | None
    waited_seconds: float | None = Field(description="Until an operator spoke, or until leaving; null while waiting.")
    told_seconds: float | None = Field(
        description="How long a wait the caller was told of before it began; null when nothing was said."
    )
    outcome: VisitOutcome | None = Field(description="Null while it goes on.")
    agent: str | None
    seat: str | None
    talked_seconds: float | None
    ended_by: EndedBy | None


class RecordingView(BaseModel):
    """A piece of sound of this call, or the reason why there is none."""

    model_config = ConfigDict(from_attributes=True)

    recording_id: str
    kind: str = Field(description="`talk` or `message`.")
    state: str = Field(description="`archived`, `repaired`, `truncated`, `empty`, `missing`.")
    seconds: float | None


class VoiceMessageView(BaseModel):
    """What the caller left."""

    message: str
    kind: str = Field(description="`complaint`, `question`, `suggestion`, `unknown`.")
    state: str = Field(description="`started`, `recorded`, `kept`, `empty`, `missing`.")
    seconds: float | None
    code: str | None = Field(description="Tracking code that was spoken to the caller.")


class FallbackView(BaseModel):
    """The exchange went on without a door."""

    door: str
    reason: str
    at: datetime


class CallView(BaseModel):
    """One call. While it is open, `ended_at` and `disposition` are null; afterwards it has exactly one disposition."""

    call_id: str
    caller: str = Field(description="E.164, bare digits of a number we cannot place, or empty when withheld.")
    caller_name: str = Field(description="As the network sent it; never trust it.")
    language: str = Field(description="`fa` or `en`.")
    arrived_at: datetime
    answered_at: datetime | None = Field(description="When an operator first answered (not when the menu did).")
    ended_at: datetime | None
    disposition: Disposition | None
    menu_path: list[MenuStepView]
    visits: list[VisitView]
    survey_offered: bool
    score: int | None = Field(ge=1, le=5, description="1 to 5; null when not answered.")
    recordings: list[RecordingView]
    voice_message: VoiceMessageView | None
    case_code: str | None = Field(description="The case that came of this call.")
    fallbacks: list[FallbackView]
    problems: list[str] = Field(description="What did not add up in this call's events; usually empty.")


class TimelineItem(BaseModel):
    """One thing that happened."""

    at: datetime
    source: str = Field(description="`cel`, `queue_log` (whole seconds) or `line` (found out afterwards).")
    event: str = Field(description="Asterisk's name of the event, or our milestone's.")
    text: str = Field(description="What it means, in the language asked for.")
    details: dict[str, str]


class Timeline(BaseModel):
    """All that is known of one call, in the order of time."""

    call_id: str
    items: list[TimelineItem]
