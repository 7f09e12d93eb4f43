"""The advice on the wire."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, Field

from routing.estimate import Basis, Estimate


class LineAdvice(BaseModel):
    """A queue as somebody finds it who enters now. With `estimate_seconds` null nothing should be told of the wait."""

    queue: str
    estimate_seconds: float | None = Field(description="Expected wait; null when none should be told.")
    basis: Basis | None = Field(description="Which talks the handling time comes from; null without an estimate.")
    handle_seconds: float | None = Field(description="AHT that the estimate reckons with: talk and work after it.")
    waiting_ahead: int | None = Field(description="Callers before somebody new; null when the board is old.")
    call_backs_ahead: int | None = Field(description="Call backs that keep a place before somebody new.")
    agents: int | None = Field(description="Agents who take calls of this queue, in no pause.")
    agents_free: int | None = Field(description="Of these, who could take a call at once.")
    wait_limit_seconds: int = Field(description="Nobody is kept waiting for longer.")

    @classmethod
    def of(cls, queue: str, found: Estimate, wait_limit_seconds: int, *, tell: bool) -> Self:
        """`tell`: whether the wait may be told at all."""
        seconds = found.seconds if tell else None
        known = found.handling if seconds is not None else None
        return cls(
            queue=queue,
            estimate_seconds=None if seconds is None else round(seconds, 1),
            basis=known.basis if known else None,
            handle_seconds=round(known.seconds, 1) if known else None,
            waiting_ahead=found.waiting_ahead,
            call_backs_ahead=found.call_backs_ahead,
            agents=found.agents,
            agents_free=found.free,
            wait_limit_seconds=wait_limit_seconds,
        )

    @classmethod
    def silent(cls, queue: str, wait_limit_seconds: int) -> Self:
        """Nothing is known."""
        return cls(
            queue=queue,
            estimate_seconds=None,
            basis=None,
            handle_seconds=None,
            waiting_ahead=None,
            call_backs_ahead=None,
            agents=None,
            agents_free=None,
            wait_limit_seconds=wait_limit_seconds,
        )
