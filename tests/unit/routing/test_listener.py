"""The listener between an Asterisk (scripted, over a real socket) and whoever shows the board."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import pytest

from ivr.kernel.clock import SystemClock
from ivr.kernel.errors import Unavailable
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox
from routing.board import Board
from routing.listener import Listener, ListenerPace
from routing.ports import BoardLink, BoardPublication
from tests.fakes.asterisk_ami import FakeAmi, Headers, Session
from tests.patience import happens, quickest_awaited

MEMBER = {
    "Queue": "insurance", "StateInterface": "PJSIP/seat01", "LastCall": "0", "InCall": "0", "Status": "1", "Paused": "0",
    "Wrapuptime": "0",
    "Penalty": "0",
}  # fmt: skip
QUEUE_STATUS: list[Headers] = [
    {"Event": "QueueParams", "Queue": "insurance"},
    {"Event": "QueueMember", "Name": "operator01", "Location": "PJSIP/seat01", **MEMBER},
]
WAITING: Headers = {
    "Event": "QueueEntry",
    "Queue": "insurance",
    "Position": "1",
    "Uniqueid": "a-7.7",
    "CallerIDNum": "0912",
    "Wait": "3",
}
JOIN = {
    "Event": "QueueCallerJoin",
    "Queue": "insurance",
    "Uniqueid": "a-1.1",
    "Linkedid": "a-1.1",
    "CallerIDNum": "0912",
    "Position": "1",
}


class Wall:
    """A sink that remembers; can be made to fail."""

    def __init__(self) -> None:
        self.shown: list[tuple[float, BoardPublication]] = []
        self.broken = False

    async def publish(self, publication: BoardPublication) -> None:
        if self.broken:
            raise Unavailable("the database is away")
        self.shown.append((time.monotonic(), publication))

    @property
    def last(self) -> BoardPublication:
        return self.shown[-1][1]

    def waiting(self) -> list[str]:
        return [w["leg_id"] for q in self.last.board["queues"] if q["name"] == "insurance" for w in q["waiting"]]

    def seat(self) -> dict[str, Any]:
        return self.last.board["seats"][0]


class Floor:
    """A fake Asterisk, a wall and the running listener between them."""

    def __init__(self, ami: FakeAmi, limit: int = 10_000, ping_limit: float = 5.0, **pace_changes: float) -> None:
        self.ami, self.wall = ami, Wall()
        settings = LinkSettings(
            "127.0.0.1", ami.port, "listener", "s3cret", ping_every=0.2, ping_limit=ping_limit, first_retry=0.05
        )
        self.link = AmiLink(settings, Inbox(limit), SystemClock())
        pace = replace(
            ListenerPace(snapshot_every=0.5, snapshot_retry=0.05, heartbeat=0.3, sink_retry=0.05), **pace_changes
        )
        self.listener = Listener(self.link, Board(), self.wall, SystemClock(), pace)
        self.task = asyncio.create_task(self.listener.run())

    async def until(self, check: Callable[[], object]) -> None:
        held = await happens(lambda: self.task.done() or (self.wall.shown and check()))
        assert not self.task.done(), self.task.exception()
        assert held, f"it did not happen: {self.wall.shown[-1:]}"


@contextlib.asynccontextmanager
async def watched(limit: int = 10_000, **changes: float) -> AsyncIterator[Floor]:
    async with FakeAmi() as ami:
        ami.queue_status = list(QUEUE_STATUS)
        found = Floor(ami, limit, **changes)
        yield found
        found.listener.close()
        await asyncio.wait_for(found.task, 20)


@pytest.fixture
async def floor() -> AsyncIterator[Floor]:
    async with watched() as found:
        yield found


@pytest.fixture
async def told() -> AsyncIterator[Floor]:
    """A floor known by events alone: no snapshot, which knows nothing of our callers, takes them off again."""
    async with watched(snapshot_every=60) as found:
        await found.until(lambda: found.listener.state is BoardLink.LIVE)
        yield found


async def test_the_first_picture_is_a_whole_snapshot(floor: Floor) -> None:
    await floor.until(lambda: True)
    assert (floor.wall.last.version, floor.wall.last.link) == (1, BoardLink.LIVE)
    assert floor.wall.seat()["state"] == "available"


async def test_a_caller_who_joins_is_on_the_wall_at_once(told: Floor) -> None:
    async def joins() -> float:
        leg, began = f"a-1.{len(told.wall.waiting())}", time.monotonic()
        told.ami.session.send(**JOIN | {"Uniqueid": leg, "Linkedid": leg})
        await told.until(lambda: leg in told.wall.waiting())
        return time.monotonic() - began

    assert await quickest_awaited(joins, 0.5) < 0.5


async def test_a_burst_is_a_few_pictures(told: Floor) -> None:
    await told.until(lambda: True)
    before, began = len(told.wall.shown), time.monotonic()
    for n in range(300):
        told.ami.session.send(**JOIN | {"Uniqueid": f"a-1.{n}", "Linkedid": f"a-1.{n}", "Position": str(n + 1)})
        await asyncio.sleep(0)
    await told.until(lambda: len(told.wall.waiting()) == 300)
    assert len(told.wall.shown) - before <= 2 + (time.monotonic() - began) / 0.05


async def test_a_quiet_floor_is_shown_again_with_a_new_proof_of_life(floor: Floor) -> None:
    await floor.until(lambda: len(floor.wall.shown) >= 3)
    first, last = floor.wall.shown[0][1], floor.wall.last
    assert first.version == last.version
    assert first.epoch == last.epoch
    assert last.as_of > first.as_of


async def test_when_asterisk_is_gone_the_proof_of_life_stands_still(floor: Floor) -> None:
    await floor.until(lambda: True)
    await floor.ami.__aexit__()
    await floor.until(lambda: floor.wall.last.link is BoardLink.STALE)
    as_of = floor.wall.last.as_of
    await asyncio.sleep(0.5)
    assert floor.wall.last.as_of == as_of


async def test_a_frozen_asterisk_is_noticed_without_a_closed_socket() -> None:
    async with watched(ping_limit=0.3) as floor:
        await floor.until(lambda: True)
        floor.ami.answer_pings = False

        async def silence(_session: Session, action: Headers) -> bool:
            return action["Action"] == "QueueStatus"

        floor.ami.on_action = silence
        await floor.until(lambda: floor.wall.last.link is BoardLink.STALE)


async def test_what_happened_while_away_is_there_after_the_link_returns(floor: Floor) -> None:
    floor.ami.queue_status = [*QUEUE_STATUS]
    await floor.until(lambda: True)
    floor.ami.queue_status = [*QUEUE_STATUS, WAITING]
    floor.ami.session.drop()
    await floor.until(lambda: floor.wall.waiting() == ["a-7.7"])
    assert floor.listener.counts.differences == 0  # a new link's first snapshot corrects nobody's mistake


async def test_a_missed_event_is_corrected_and_counted_by_the_next_snapshot(floor: Floor) -> None:
    await floor.until(lambda: True)
    floor.ami.queue_status = [*QUEUE_STATUS, WAITING]
    await floor.until(lambda: floor.wall.waiting() == ["a-7.7"])
    assert floor.listener.counts.differences == 1


async def test_events_during_a_snapshot_are_applied_after_it(floor: Floor) -> None:
    await floor.until(lambda: True)
    entry = {
        "Event": "QueueEntry",
        "Queue": "insurance",
        "Position": "1",
        "Uniqueid": "a-1.1",
        "CallerIDNum": "0912",
        "Wait": "0",
    }

    async def busy(session: Session, action: Headers) -> bool:
        if action["Action"] != "QueueStatus":
            return False
        floor.ami.on_action = None
        session.send(**JOIN)  # happened before the snapshot, told in the middle of it
        session.send(Event="QueueCallerLeave", Queue="insurance", Uniqueid="a-1.1")
        session.reply(action, EventList="start")
        for item in [*QUEUE_STATUS, entry]:
            session.send(**item, ActionID=action["ActionID"])
        session.send(Event="QueueStatusComplete", ActionID=action["ActionID"], ListItems="3")
        return True

    floor.ami.on_action = busy
    await floor.until(lambda: floor.listener.counts.snapshots >= 2)
    await floor.until(lambda: floor.wall.waiting() == [])
    assert floor.listener.counts.events == 2


async def test_a_board_that_no_snapshot_confirms_any_more_is_old_although_the_link_lives() -> None:
    async with watched(unchecked_limit=0.8) as floor:
        await floor.until(lambda: floor.listener.state is BoardLink.LIVE)
        floor.ami.queue_status = [{"Event": "QueueMember", "Queue": "insurance"}]  # garbled, every time
        await floor.until(lambda: floor.wall.last.link is BoardLink.STALE)
        assert floor.link.live
        floor.ami.queue_status = list(QUEUE_STATUS)
        await floor.until(lambda: floor.wall.last.link is BoardLink.LIVE)


async def test_an_event_without_its_headers_is_counted_and_costs_nothing(told: Floor) -> None:
    told.ami.session.send(Event="QueueCallerJoin", Queue="insurance")
    told.ami.session.send(**JOIN)
    await told.until(lambda: told.wall.waiting() == ["a-1.1"])
    assert told.listener.counts.rejected == 1


async def test_a_wall_that_fails_gets_the_newest_picture_when_it_returns(told: Floor) -> None:
    await told.until(lambda: True)
    told.wall.broken = True
    told.ami.session.send(**JOIN)
    await told.until(lambda: told.listener.counts.unpublished >= 1)
    told.wall.broken = False
    await told.until(lambda: told.wall.waiting() == ["a-1.1"])


async def test_an_overflow_leads_to_a_fresh_snapshot_and_the_board_is_old_until_then() -> None:
    async with watched(limit=20) as floor:
        ami = floor.ami
        await floor.until(lambda: floor.listener.state is BoardLink.LIVE)

        async def silence(_session: Session, action: Headers) -> bool:
            return action["Action"] == "QueueStatus"

        ami.on_action = silence
        for n in range(2000):
            ami.session.send(**JOIN | {"Uniqueid": f"a-1.{n}", "Linkedid": f"a-1.{n}"})
        await floor.until(lambda: floor.wall.last.link is BoardLink.STALE)
        ami.on_action = None
        ami.session.drop()
        await floor.until(lambda: floor.listener.state is BoardLink.LIVE and floor.wall.waiting() == [])
        figures = floor.listener.figures()
        assert figures["resyncs"] >= 1
        assert figures["overflow_drops"] >= 20
        await floor.until(lambda: floor.listener.figures()["ami_age_seconds"] < 2)


async def test_an_overflow_leads_to_a_fresh_snapshot() -> None:
    async with watched(limit=20) as floor:
        await floor.until(lambda: True)
        for n in range(2000):
            floor.ami.session.send(**JOIN | {"Uniqueid": f"a-1.{n}", "Linkedid": f"a-1.{n}"})
        await floor.until(lambda: floor.listener.counts.resyncs >= 1 and floor.wall.waiting() == [])


async def test_news_that_change_nothing_are_not_shown_before_the_next_heartbeat() -> None:
    async with watched(snapshot_every=60, heartbeat=60) as floor:
        await floor.until(lambda: floor.listener.state is BoardLink.LIVE)
        floor.ami.session.send(**JOIN)
        await floor.until(lambda: floor.wall.waiting() == ["a-1.1"])
        before = len(floor.wall.shown)
        for _ in range(10):
            floor.ami.session.send(**JOIN)  # the same news again
            await asyncio.sleep(0.06)
        await floor.until(lambda: floor.listener.counts.events == 11)
        await asyncio.sleep(0.2)
        assert len(floor.wall.shown) - before <= 1


async def test_an_order_that_we_changed_is_seen_at_once_and_is_no_mistake(told: Floor) -> None:
    told.ami.queue_status = [*QUEUE_STATUS, WAITING]
    told.listener.look_again()
    await told.until(lambda: told.wall.waiting() == ["a-7.7"])
    assert told.listener.counts.differences == 0
