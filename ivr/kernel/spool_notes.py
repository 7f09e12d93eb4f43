"""What a door writes down for the worker in the spool, and its form on disk: one file, whole or not at all.

The door writes before the caller speaks or the ledger knows, so that each note is enough to open a case if everything
else died. Readers trust nothing in it: a field that makes no sense raises, and the note is left for a person.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from ivr.kernel.clock import aware, from_epoch
from ivr.kernel.ids import CallId, MessageId
from ivr.kernel.phone_number import parse_caller, stored_form
from ivr.kernel.tracking_code import TrackingCode

_DIGITS = re.compile(r"[0-9]{1,10}")


@dataclass(frozen=True, slots=True)
class Sidecar:
    """`messages/<message>.json`: everything a case needs of a voice message beside its sound."""

    message: MessageId
    call_id: CallId
    kind: str
    code: TrackingCode
    caller: str
    """E.164, bare digits, or empty when withheld."""
    language: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class CallbackNote:
    """`callbacks/<code>.json`: a call back with the number to ring, which may not stand in the ledger when it was keyed."""

    code: TrackingCode
    call_id: CallId
    number: str
    """E.164."""
    keyed: bool
    queue: str
    when: str
    """`keep_place` or `when_open`."""
    asked_at: datetime
    joined_at: datetime | None = None
    """When the caller entered the queue, to the second; None: was in none."""
    priority: int = 0
    """0 to 10, with which they waited in that queue."""


def joined_of(text: str) -> datetime | None:
    """The second of a joining, since 1970, as channel variables and milestones have it; None for what is none."""
    return from_epoch(int(text)) if _DIGITS.fullmatch(text) else None


def rank_of(text: str) -> int:
    """A priority, 0 to 10, in the same way; what is none is 0."""
    return min(int(text), 10) if _DIGITS.fullmatch(text) else 0


def on_disk(note: Sidecar | CallbackNote) -> dict[str, object]:
    """The note as JSON takes it: instants in ISO 8601, everything else as it is."""
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in asdict(note).items()}


def read_sidecar(data: Mapping[str, Any], message: MessageId) -> Sidecar:
    """Raises `ValueError`, `KeyError`, `TypeError` or `Invalid` for what no door wrote."""
    if data["message"] != message:
        raise ValueError("the sidecar names another message")
    return Sidecar(
        message=message,
        call_id=CallId(data["call_id"]),
        kind=str(data["kind"])[:40],
        code=TrackingCode(data["code"]),
        caller=str(data.get("caller") or "")[:40],
        language=str(data.get("language") or "fa")[:8],
        started_at=aware(datetime.fromisoformat(data["started_at"])),
    )


def read_callback(data: Mapping[str, Any], code: str) -> CallbackNote:
    """Raises `ValueError`, `KeyError`, `TypeError` or `Invalid` for what no door wrote."""
    if data["code"] != code:
        raise ValueError("the note names another code")
    return CallbackNote(
        code=TrackingCode(code),
        call_id=CallId(data["call_id"]),
        number=stored_form(parse_caller(str(data["number"])[:40])),
        keyed=bool(data.get("keyed")),
        queue=str(data.get("queue") or "")[:40],
        when=str(data.get("when") or "")[:40],
        asked_at=aware(datetime.fromisoformat(data["asked_at"])),
        joined_at=aware(datetime.fromisoformat(data["joined_at"])) if data.get("joined_at") else None,
        priority=min(max(int(data.get("priority") or 0), 0), 10),
    )
