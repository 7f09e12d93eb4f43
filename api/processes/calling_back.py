"""The dialler of call backs with its own two ways out: a user of the manager interface who may originate, and word from
worker and pages."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.callbacks.dialler import Dialler
from api.callbacks.following import Moved
from api.callbacks.keeping import CHANNEL
from api.db.engine import Sessions
from api.db.notify import Listener as Words
from api.floor.opening import Opening
from api.processes.means import means_of
from api.reactions import CallbackMoved, react
from api.settings import ApiSettings
from ivr.kernel.clock import Clock
from ivr.kernel.disk_space import may_record_talk
from recordings.adapters.volumes import space_at
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox
from routing.board import Board
from routing.callbacks.floor import Places


class CallingBack:
    """`dialler` and everything it needs to run."""

    def __init__(self, settings: ApiSettings, board: Board, sessions: Sessions, clock: Clock) -> None:
        secret = settings.ami_dialler_secret.get_secret_value()
        self._inbox = Inbox()
        self._link = AmiLink(
            LinkSettings(settings.ami_host, settings.ami_port, settings.ami_dialler_user, secret), self._inbox, clock
        )
        self._words = Words(settings.database_url, (CHANNEL,), resync=settings.notify_resync)
        means = means_of(settings, clock)
        calls = settings.spool.absolute() / "calls"

        async def follows(session: AsyncSession, moved: Moved) -> None:
            await react(means, session, CallbackMoved(moved))

        def may_record() -> bool:
            try:
                return may_record_talk(space_at(calls))
            except OSError:
                return True  # a disk that cannot be measured is no reason to lose a recording

        opening = Opening.of(settings)
        self.dialler = Dialler(
            Places(board), self._link, sessions, self._words, clock, opening, settings.callbacks, follows,
            node=settings.systemname, step_seconds=settings.routing.step_seconds,
            winding_down=settings.wait_after_closing, may_record=may_record,
        )  # fmt: skip

    def works(self) -> Sequence[Coroutine[Any, Any, None]]:
        """All that must go on together; none of them ends by itself."""
        return self._link.run(), self._words.run(), self.dialler.run(), self._empty_the_inbox()

    async def _empty_the_inbox(self) -> None:
        """The dialler hears through the listener; this user hears nothing but its own link's ups and downs."""
        while True:
            await self._inbox.get()
            await asyncio.sleep(0)
