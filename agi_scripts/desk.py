"""The one question a call may ask the written side: how does the case with this code stand?"""

from __future__ import annotations

from typing import Protocol

from ivr.dialogue.replies import CaseFound, CaseNotFound, DeskUnavailable
from ivr.kernel.tracking_code import TrackingCode


class Desk(Protocol):
    """Answers within its limit or says `DeskUnavailable`; never raises, never keeps a caller waiting."""

    async def look_up_case(self, code: TrackingCode) -> CaseFound | CaseNotFound | DeskUnavailable: ...


class NoDesk:
    """A desk that is never there: for phones that must work alone (fallback, terminal)."""

    async def look_up_case(self, code: TrackingCode) -> DeskUnavailable:
        return DeskUnavailable()
