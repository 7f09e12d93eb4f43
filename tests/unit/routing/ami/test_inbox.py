"""The inbox between the wire and its one reader: what it keeps, and what it says when it kept nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from routing.ami.inbox import Heard, Inbox, LinkUp, Overflow
from routing.ami.message import AmiMessage

T0 = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def heard(number: int, size: int = 0) -> Heard:
    return Heard(AmiMessage.parse(f"Event: Tick\r\nN: {number}\r\nJunk: {'x' * size}"), T0)


def test_an_inbox_is_full_by_number() -> None:
    inbox = Inbox(limit=3)
    for number in range(4):
        inbox.put(heard(number))
    assert inbox.drain() == [Overflow(3), heard(3)]
    assert (inbox.overflows, inbox.dropped) == (1, 3)


async def test_an_inbox_is_full_by_weight_too() -> None:
    inbox = Inbox(heaviest=1_000_000)
    for number in range(11):
        inbox.put(heard(number, 100_000))
    assert await inbox.get() == Overflow(9)
    assert len(inbox.drain()) == 2
    for number in range(9):  # what was taken out weighs nothing any more
        inbox.put(heard(number, 100_000))
    inbox.put(LinkUp(T0))
    assert inbox.overflows == 1
