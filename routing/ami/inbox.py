"""Between the reader of the AMI link and its one consumer: ordered, bounded, honest when it overflows.

Asterisk cuts a reader that falls some 4 MB behind and loses the rest without a word. So the reader only puts things
here, and when the consumer falls `limit` messages behind, all of them are dropped at once and one `Overflow` says so: a
fresh snapshot is better than old news in good order.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from routing.ami.message import AmiMessage


@dataclass(frozen=True, slots=True)
class Heard:
    """An event."""

    message: AmiMessage
    at: datetime


@dataclass(frozen=True, slots=True)
class LinkUp:
    """Logged in: whatever was known before is old."""

    at: datetime


@dataclass(frozen=True, slots=True)
class LinkDown:
    """The link ended."""

    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Overflow:
    """So many items were dropped here."""

    dropped: int


Item = Heard | LinkUp | LinkDown | Overflow


class Inbox:
    """First in, first out, at most `limit` items."""

    def __init__(self, limit: int = 10_000) -> None:
        self.limit = limit
        self.overflows = 0
        self._items: deque[Item] = deque()
        self._filled = asyncio.Event()

    def put(self, item: Item) -> None:
        """Never waits, never refuses."""
        if len(self._items) >= self.limit:
            dropped = len(self._items)
            self._items.clear()
            self._items.append(Overflow(dropped))
            self.overflows += 1
        self._items.append(item)
        self._filled.set()

    async def get(self) -> Item:
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        return self._items.popleft()

    def drain(self) -> list[Item]:
        """Everything there is, without waiting."""
        items = list(self._items)
        self._items.clear()
        return items

    def __len__(self) -> int:
        return len(self._items)
