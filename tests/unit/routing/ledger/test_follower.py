"""The loop from file to store, with a store that goes away and comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from itertools import count, pairwise
from pathlib import Path
from time import sleep

import pytest

from ivr.kernel.clock import SystemClock
from routing.events import Source
from routing.ledger import queue_log
from routing.ledger.follower import Pace, follow
from routing.ledger.tail import Tail
from routing.ports import LedgerBatch, Position
from tests.fakes.ledger_shelf import Shelf
from tests.patience import happens, quickest_awaited

REST = 0.3
"""Seconds between two stores while rows trickle in."""
PACE = Pace(poll=0.01, rest=REST, backlog=3, first_retry=0.01, longest_retry=0.05)


class TimedShelf(Shelf):
    """Remembers when it was asked to store."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[float] = []

    async def store(self, batch: LedgerBatch) -> None:
        self.at.append(asyncio.get_running_loop().time())
        await super().store(batch)


class Following:
    def __init__(self, path: Path, pace: Pace = PACE) -> None:
        self.path, self.shelf, self.stop = path, TimedShelf(), asyncio.Event()
        self.idled = asyncio.Event()
        self.task = asyncio.create_task(
            follow(
                Tail(path, Source.QUEUE_LOG, queue_log.scan),
                self.shelf,
                SystemClock(),
                stop=self.stop,
                pace=pace,
                idle=self._idle,
            )
        )

    async def _idle(self, looked: datetime) -> None:
        self.idled.set()

    def write(self, *numbers: int) -> None:
        with self.path.open("a") as file:
            file.write("".join(f"{1795302000 + n}|a-1.{n}|general|NONE|ABANDON|1|1|{n}\n" for n in numbers))

    async def until(self, waits: list[int]) -> None:
        stored = await happens(lambda: self.shelf.waits == waits)
        assert stored, f"stored {self.shelf.waits}, not {waits}"


@pytest.fixture
async def following(tmp_path: Path) -> AsyncIterator[Following]:
    found = Following(tmp_path / "queue_log")
    yield found
    found.stop.set()
    await asyncio.wait_for(found.task, 20)


async def test_new_rows_are_stored_as_they_come(following: Following) -> None:
    following.write(1)
    await following.until([1])
    following.write(2, 3)
    await following.until([1, 2, 3])
    await asyncio.wait_for(following.idled.wait(), 20)


async def test_rows_that_trickle_in_are_gathered(following: Following) -> None:
    following.write(1)
    await following.until([1])
    following.write(2)
    await asyncio.sleep(REST / 3)
    following.write(3)
    await following.until([1, 2, 3])
    gaps = [later - sooner for sooner, later in pairwise(following.shelf.at)]
    assert min(gaps) >= REST / 3


async def test_two_ledgers_are_stored_to_one_beat(tmp_path: Path) -> None:
    pace, tries = replace(PACE, rest=1.0, backlog=100), count()

    async def apart() -> float:
        folder = tmp_path / str(next(tries))
        folder.mkdir()
        one, other = Following(folder / "queue_log", pace), Following(folder / "other_log", pace)
        one.write(1)
        await asyncio.sleep(0.4)
        other.write(1)
        for n in (2, 3, 4):
            await asyncio.sleep(0.2)
            one.write(n)
            other.write(n)
        for following in (one, other):
            await following.until([1, 2, 3, 4])
            following.stop.set()
            await asyncio.wait_for(following.task, 20)
        return abs(one.shelf.at[-1] - other.shelf.at[-1])

    assert await quickest_awaited(apart, 0.3) < 0.3, "however far apart they began"


async def test_a_backlog_does_not_wait(following: Following) -> None:
    async def one_more_after_a_backlog() -> float:
        known = len(following.shelf.waits)
        following.write(*range(known, known + 3))
        await following.until([*range(known + 3)])
        following.write(known + 3)
        began = asyncio.get_running_loop().time()
        await following.until([*range(known + 4)])
        return asyncio.get_running_loop().time() - began

    assert await quickest_awaited(one_more_after_a_backlog, REST / 2) < REST / 2


async def test_nothing_is_lost_or_doubled_while_the_store_is_away(following: Following) -> None:
    following.write(1)
    await following.until([1])
    following.shelf.away = True
    following.write(2)
    await asyncio.sleep(0.1)
    following.path.rename(following.path.with_name("queue_log.1"))
    following.write(3)
    await asyncio.sleep(0.1)
    following.shelf.away = False
    await following.until([1, 2, 3])


async def test_an_answer_lost_at_the_commit_stores_nothing_twice(following: Following) -> None:
    following.shelf.lose_answers = True
    following.write(1, 2)
    await following.until([1, 2])
    following.shelf.lose_answers = False
    following.write(3)
    await following.until([1, 2, 3])


@pytest.mark.parametrize("rows", [(), (1,)], ids=["while it waits for rows", "while it rests"])
async def test_it_stops_at_once_when_asked(tmp_path: Path, rows: tuple[int, ...]) -> None:
    following = Following(tmp_path / "queue_log", replace(PACE, poll=300, rest=300))
    following.write(*rows)
    await following.until([*rows])
    if not rows:
        await asyncio.wait_for(following.idled.wait(), 20)
    following.stop.set()
    await asyncio.wait_for(following.task, 20)


class SlowTail(Tail):
    """Between the instant before a look and the look itself there is a while, as for a process that was frozen."""

    looked: datetime

    def read_new(self, position: Position | None, now: datetime) -> LedgerBatch | None:
        sleep(0.05)
        self.looked = SystemClock().now()
        return super().read_new(position, now)


async def test_the_end_of_a_ledger_is_that_of_the_instant_before_the_look(tmp_path: Path) -> None:
    """What Asterisk writes while the look comes to its end was not seen, and must not pass for read."""
    tail, stop = SlowTail(tmp_path / "queue_log", Source.QUEUE_LOG, queue_log.scan), asyncio.Event()
    said: list[tuple[datetime, datetime]] = []

    async def idle(before: datetime) -> None:
        said.append((before, tail.looked))
        stop.set()

    await asyncio.wait_for(follow(tail, Shelf(), SystemClock(), stop=stop, pace=PACE, idle=idle), 20)
    assert [before < looked for before, looked in said] == [True]


async def test_a_backlog_read_ahead_is_neither_lost_nor_doubled_when_the_store_goes_away(tmp_path: Path) -> None:
    path, shelf, stop = tmp_path / "queue_log", Shelf(), asyncio.Event()
    waits = list(range(200))
    path.write_text("".join(f"{1795302000 + n}|a-1.{n}|general|NONE|ABANDON|1|1|{n}\n" for n in waits))
    taken: list[int] = []

    def count(batch: LedgerBatch) -> None:
        taken.append(len(batch.events))
        if len(taken) in (3, 7):  # the batch after this one is read already
            shelf.lose_answers, shelf.away = len(taken) == 3, len(taken) == 7
            asyncio.get_running_loop().call_later(0.1, _return, shelf)

    tail = Tail(path, Source.QUEUE_LOG, queue_log.scan, chunk=500)
    following = asyncio.create_task(follow(tail, shelf, SystemClock(), stop=stop, pace=PACE, stored=count))
    async with asyncio.timeout(30):
        while shelf.waits != waits:
            await asyncio.sleep(0.01)
    stop.set()
    await asyncio.wait_for(following, 20)
    assert shelf.positions[Source.QUEUE_LOG].offset == path.stat().st_size


def _return(shelf: Shelf) -> None:
    shelf.away = shelf.lose_answers = False
