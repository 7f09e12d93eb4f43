"""The keeper of duties with its own two ways out: a user of the manager interface who may act, and word from the pages."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any

from api.db.engine import Sessions
from api.db.notify import Listener as Words
from api.duty.floor_facts import DutyRules
from api.duty.keeper import Keeper
from api.duty.service import CHANNEL
from api.settings import ApiSettings
from ivr.kernel.clock import Clock
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox
from routing.members import Members


class Keeping:
    """`keeper` and everything it needs to run."""

    def __init__(self, settings: ApiSettings, sessions: Sessions, clock: Clock) -> None:
        secret = settings.ami_keeper_secret.get_secret_value()
        self._inbox = Inbox()
        self._link = AmiLink(
            LinkSettings(settings.ami_host, settings.ami_port, settings.ami_keeper_user, secret), self._inbox, clock
        )
        self._words = Words(settings.database_url, (CHANNEL,), resync=settings.notify_resync)
        rules = DutyRules(settings.queues, settings.missed_limit, settings.phone_gone_limit, settings.desk_gone_limit)
        self.keeper = Keeper(Members(self._link), sessions, self._words, clock, rules)

    def works(self) -> Sequence[Coroutine[Any, Any, None]]:
        """All that must go on together; none of them ends by itself."""
        return self._link.run(), self._words.run(), self.keeper.run(), self._empty_the_inbox()

    async def _empty_the_inbox(self) -> None:
        """The acting user hears nothing but the ups and downs of its own link; after one the keeper looks again by itself."""
        while True:
            await self._inbox.get()
            await asyncio.sleep(0)
