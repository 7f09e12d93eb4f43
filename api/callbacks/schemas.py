"""What the API tells of call backs."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from api.reports.schemas import MeanView, RatioView
from routing.callbacks.judging import Outcome
from routing.callbacks.request import CallbackState


class CallbackCall(BaseModel):
    """One attempt: a call of our own. Its talk, if there was one, is the recording `<call_id>-1`."""

    call_id: str
    n: int = Field(description="Which attempt; numbers are never used twice.")
    begun_at: datetime
    placed_at: datetime | None = Field(description="When it stood in Asterisk's queue.")
    taken_at: datetime | None = Field(description="When an operator answered it.")
    dialled_at: datetime | None
    reached_at: datetime | None = Field(description="When the caller answered.")
    ended_at: datetime | None
    seat: str | None
    agent: str | None
    status: str | None = Field(description="How it ended in Asterisk's word, e.g. `NOANSWER`, `BUSY`, `WITHDRAW`.")
    outcome: Outcome | None = Field(description="Null while it goes on.")
    rang_seconds: float = Field(description="How long the operator listened to the ringing.")


class CallbackView(BaseModel):
    """One call back."""

    code: str = Field(description="Tracking code, the case's too.")
    number: str = Field(description="E.164.")
    queue: str
    state: CallbackState
    place: int | None = Field(description="Among the open call backs of its queue, from 1; null when it is over.")
    joined_at: datetime = Field(
        description="When the caller began to wait in the queue; the place is reckoned from it."
    )
    asked_at: datetime
    tries: int = Field(description="Dials that reached nobody.")
    not_before: datetime | None = Field(description="Earliest next try; null: as soon as an operator is free.")
    same_as: str | None = Field(description="The call back of the same number whose place this one shares.")
    ended_at: datetime | None
    ended_by: str | None = Field(
        description="`reached`, `tries`, `number`, `answered_meanwhile`, `case_answered` or who."
    )


class CallbackDetail(CallbackView):
    """One call back with every attempt."""

    calls: list[CallbackCall]


class CallbackFigures(BaseModel):
    """Of call backs asked for since midnight in Tehran. They are in no figure of callers, and no caller's is in here."""

    since: datetime
    asked: int = Field(description="Requests, those that share another's place left out.")
    reached: int
    given_up: int
    cancelled: int
    open: int
    share_reached: RatioView = Field(description="reached / (reached + given_up)")
    wait: MeanView = Field(
        description="Σ (reached − joined) / reached: from joining the queue to the caller's answer, seconds."
    )
    dials: int = Field(description="Attempts that rang a telephone.")
    rang: MeanView = Field(description="Σ of operators' time while a telephone rang / such attempts, seconds.")


class Callbacks(BaseModel):
    """All that are open in order, then the newest that are over."""

    automatic: bool = Field(description="Whether the line calls back by itself; else people do, from the cases.")
    open: list[CallbackView]
    over: list[CallbackView]
    today: CallbackFigures
