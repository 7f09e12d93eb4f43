"""What cases need from the outside: rows, free codes, the notes that the callback door leaves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from api.access.principal import Principal
from api.cases.case import Case
from ivr.kernel.ids import RecordingId
from ivr.kernel.spool_notes import CallbackNote
from ivr.kernel.tracking_code import TrackingCode


class CaseStore(Protocol):
    """Cases within one transaction."""

    async def add(self, case: Case) -> bool:
        """Write a new case. False when its code or its recording has a case already."""
        ...

    async def of_recording(self, recording_id: RecordingId) -> Case | None: ...

    async def of_code(self, code: TrackingCode, *, lock: bool = False) -> Case | None:
        """With `lock` the row is ours until the transaction ends, so that two people cannot both take it."""
        ...

    async def save(self, case: Case) -> None: ...

    async def audit(
        self, case: Case, action: str, *, actor: Principal | str, at: datetime, details: Mapping[str, Any]
    ) -> None: ...


class Codes(Protocol):
    """Tracking codes that nobody has been given yet."""

    def reserve(self) -> TrackingCode: ...


class CallbackNotes(Protocol):
    """The notes that have no case yet, or whose case was just made."""

    def all(self) -> list[CallbackNote]: ...

    def remove(self, code: TrackingCode) -> None: ...
