"""What the doors need of the place where voice messages and call backs are put down until the worker takes them over."""

from __future__ import annotations

from typing import Protocol

from agi_scripts.conversation import MessageInHand
from ivr.kernel.ids import MessageId
from ivr.kernel.spool_notes import CallbackNote, Sidecar
from ivr.kernel.tracking_code import TrackingCode


class MessageBox(Protocol):
    """Raises `Unavailable` when the disk does not do what it must."""

    async def has_room(self) -> bool:
        """Whether a message of full length can be taken."""
        ...

    async def may_record_talks(self) -> bool:
        """Whether the spool has room for talks that no rule requires to be recorded; True when it cannot be measured."""
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
