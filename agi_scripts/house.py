"""What all doors share: the menu, the hours, the desk, the message box, the time. Built once by `wiring`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from agi_scripts.desk import Desk
from agi_scripts.message_box import MessageBox
from ivr.dialogue.news import News
from ivr.kernel.clock import Clock
from ivr.menu.tree import MenuTree


@dataclass(frozen=True, slots=True)
class House:
    """Ports and data of one door server."""

    tree: MenuTree
    desk: Desk
    box: MessageBox
    clock: Clock
    open_queues: Callable[[], Awaitable[frozenset[str]]]
    """Queues that take callers at this instant: hours, holidays, sudden closures."""
    waits_until: Callable[[str], Awaitable[datetime | None]]
    """Until when somebody who enters this queue now may wait in it; None while it does not close soon."""
    news: Callable[[], Awaitable[News]]
    """Emergency announcements that callers are told at this instant."""

    @property
    def operator_queue(self) -> str:
        """Where a caller goes who chooses nothing; while it is closed, the line is."""
        return self.tree.exit(self.tree.entries["arrival"].give_up).queue
