"""What the listener's process does for those who lead the floor: it closes out who waits in a queue that was closed, and
looks again when the order of callers was changed, of which Asterisk tells no event."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from api.db.notify import Listener as Words
from api.floor.opening import Opening
from api.leading.closing_out import ClosingOut
from api.leading.waiting import CHANNEL
from api.settings import ApiSettings
from ivr.kernel.clock import Clock
from ivr.kernel.ids import LegId, QueueName
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox
from routing.leading import Lead
from routing.listener import Listener


class Leading:
    """Everything with a link of its own."""

    def __init__(self, settings: ApiSettings, listener: Listener, clock: Clock) -> None:
        secret = settings.ami_lead_secret.get_secret_value()
        self._inbox = Inbox()
        self._link = AmiLink(
            LinkSettings(settings.ami_host, settings.ami_port, settings.ami_lead_user, secret), self._inbox, clock
        )
        self._listener = listener
        self._words = Words(settings.database_url, (CHANNEL,), resync=settings.notify_resync)
        opening = Opening.of(settings)
        self._closing_out = ClosingOut(Lead(self._link), opening, self._waiting, clock)

    def works(self) -> Sequence[Coroutine[Any, Any, None]]:
        """All that must go on together; none of them ends by itself."""
        return self._link.run(), self._words.run(), self._hear(), self._empty_the_inbox(), self._closing_out.run()

    def _waiting(self) -> Mapping[QueueName, Sequence[LegId]]:
        return {queue: line.legs for queue, line in self._listener.board.lines.items()}

    async def _hear(self) -> None:
        async for word in self._words.words(CHANNEL):
            if word:
                self._listener.look_again()

    async def _empty_the_inbox(self) -> None:
        """The acting user hears nothing but the ups and downs of its own link."""
        while True:
            await self._inbox.get()
            await asyncio.sleep(0)
