"""Between the reader of the AMI link and its one consumer: ordered, bounded, honest when it overflows.

Asterisk cuts a reader that falls some 4 MB behind and loses the rest without a word. So the reader only puts things
here, and when the consumer falls `limit` messages or `heaviest` characters behind, all of them are dropped at once and
one `Overflow` says so: a fresh snapshot is better than old news in good order.
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


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Somebody changed what Asterisk tells no event of: a fresh snapshot is wanted at once."""


Item = Heard | LinkUp | LinkDown | Overflow | LookAgain


class Inbox:
    """First in, first out, at most `limit` items and at most `heaviest` characters in them."""

    def __init__(self, limit: int = 10_000, heaviest: int = 8 << 20) -> None:
        self.limit = limit
        self.heaviest = heaviest
        self.overflows = 0
        self.dropped = 0
        """Items lost by overflows so far."""
        self._items: deque[Item] = deque()
        self._weight = 0
        self._filled = asyncio.Event()

    def put(self, item: Item) -> None:
        """Never waits, never refuses."""
        weight = _weight_of(item)
        if len(self._items) >= self.limit or self._weight + weight > self.heaviest:
            dropped = len(self._items)
            self._items.clear()
            self._items.append(Overflow(dropped))
            self._weight = 0
            self.overflows += 1
            self.dropped += dropped
        self._items.append(item)
        self._weight += weight
        self._filled.set()

    async def get(self) -> Item:
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        item = self._items.popleft()
        self._weight -= _weight_of(item)
        return item

    def drain(self) -> list[Item]:
        """Everything there is, without waiting."""
        items = list(self._items)
        self._items.clear()
        self._weight = 0
        return items

    def __len__(self) -> int:
        return len(self._items)


def _weight_of(item: Item) -> int:
    return item.message.size if isinstance(item, Heard) else 0
