"""What the doors need of the place where voice messages and call backs are put down until the worker takes them over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agi_scripts.conversation import MessageInHand
from ivr.kernel.ids import CallId, MessageId
from ivr.kernel.tracking_code import TrackingCode


@dataclass(frozen=True, slots=True)
class Sidecar:
    """Everything a case needs of a message beside its sound; written before the first sound is recorded."""

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
    """A call back with the number to ring, which may not stand in the ledger when it was keyed."""

    code: TrackingCode
    call_id: CallId
    number: str
    """E.164."""
    keyed: bool
    queue: str
    when: str
    """`keep_place` or `when_open`."""
    asked_at: datetime


class MessageBox(Protocol):
    """Raises `Unavailable` when the disk does not do what it must."""

    async def has_room(self) -> bool:
        """Whether a message of full length can be taken."""
        ...

    async def reserve_code(self) -> TrackingCode:
        """A code that nobody else has or will get."""
        ...

    async def prepare(self, sidecar: Sidecar) -> None:
        """The message exists from now on, even if everything but the disk dies."""
        ...

    async def note_callback(self, note: CallbackNote) -> None: ...

    def message(self, message: MessageId) -> MessageInHand:
        """The message with its recorded sound."""
        ...


def as_json(fields: Mapping[str, object]) -> dict[str, object]:
    """Instants in ISO 8601, everything else as it is."""
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in fields.items()}
