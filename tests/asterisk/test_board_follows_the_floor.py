"""The listener with a real Asterisk: what callers and operators do is on the board within a second."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from ivr.kernel.clock import SystemClock
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox
from routing.board import Board
from routing.ledger import cel, queue_log
from routing.ledger.rows import RejectedRow
from routing.listener import Listener, ListenerPace
from routing.ports import BoardPublication
from tests.asterisk.exchange import LIMIT, MUSIC_HERTZ, Exchange
from tests.asterisk.overheard import Overheard
from tests.patience import quickest_awaited

OPERATOR = 800.0
SEAT = "seat12"
"""Of no other test: Asterisk keeps a seat's rest after a talk, so one used a moment ago would begin in it."""


class Wall:
    """Keeps what was shown, and every state a seat was shown in."""

    def __init__(self) -> None:
        self.shown: list[BoardPublication] = []

    async def publish(self, publication: BoardPublication) -> None:
        self.shown.append(publication)

    def queue(self, name: str) -> dict[str, Any]:
        return next(queue for queue in self.shown[-1].board["queues"] if queue["name"] == name)

    def seat(self, name: str = SEAT) -> dict[str, Any]:
        return next(seat for seat in self.shown[-1].board["seats"] if seat["seat"] == name)

    def states(self, name: str = SEAT) -> list[str]:
        found: list[str] = []
        for publication in self.shown:
            state = next(seat["state"] for seat in publication.board["seats"] if seat["seat"] == name)
            if not found or found[-1] != state:
                found.append(state)
        return found

    async def until(self, check: Callable[[], object]) -> float:
        """Waits for what must happen; how long it took."""
        began = time.monotonic()
        while not (self.shown and check()):
            assert time.monotonic() - began < LIMIT, f"not within {LIMIT} s: {self.shown[-1:]}"
            await asyncio.sleep(0.02)
        return time.monotonic() - began


@contextlib.asynccontextmanager
async def watched(exchange: Exchange) -> AsyncIterator[tuple[Wall, Listener]]:
    wall = Wall()
    secret = exchange.settings.ami_listener_secret.get_secret_value()
    link = AmiLink(LinkSettings("127.0.0.1", exchange.settings.ami_port, "listener", secret), Inbox(), SystemClock())
    board = Board(settings=exchange.settings.queues)
    listener = Listener(link, board, wall, SystemClock(), ListenerPace(snapshot_every=3.0))
    task = asyncio.create_task(listener.run())
    await wall.until(lambda: True)
    yield wall, listener
    listener.close()
    await asyncio.wait_for(task, LIMIT)


@pytest.fixture
async def floor(exchange: Exchange) -> AsyncIterator[tuple[Wall, Listener]]:
    async with watched(exchange) as found:
        yield found


async def test_a_call_moves_a_seat_through_its_states(
    exchange: Exchange,
    floor: tuple[Wall, Listener],
    new_caller: Callable[..., Caller],
    new_seat: Callable[..., Seat],
) -> None:
    wall, listener = floor
    assert [queue["name"] for queue in wall.shown[-1].board["queues"]] == [
        "general",
        "insurance",
        "pensions",
        "treatment",
    ]
    assert wall.queue("general")["members_total"] == 16
    seat = await asyncio.to_thread(new_seat, SEAT, ring=2.0, talk=None)
    await wall.until(lambda: wall.seat()["state"] == "available")
    assert wall.seat()["agent"] == "operator12"
    assert wall.queue("insurance")["members_available"] == 1

    first = new_caller().pause(2).press("11").pause(90).hang_up().dial()
    await wall.until(lambda: wall.seat()["state"] == "talking" and wall.seat()["call_id"])
    assert wall.seat()["queue"] == "insurance"
    call = exchange.rows(first.user)[0].call
    assert wall.seat()["call_id"] == call

    async def somebody_waits() -> float:
        """After how long the board shows the only one who does."""
        for earlier in made:
            await asyncio.to_thread(exchange.hang_up, exchange.rows(earlier.user)[0].columns["channame"])
        await wall.until(lambda: not wall.queue("insurance")["waiting"])
        made.append(new_caller().pause(2).press("11").pause(90).hang_up().dial())
        await asyncio.to_thread(exchange.await_row, made[-1].user, "talk")
        return await wall.until(lambda: wall.queue("insurance")["waiting"])

    made: list[Caller] = []
    assert await quickest_awaited(somebody_waits, enough=1.0) < 1.0
    (waiting,) = wall.queue("insurance")["waiting"]
    assert waiting["call_id"] == exchange.rows(made[-1].user)[0].call
    assert (waiting["position"], waiting["caller_masked"]) == (1, f"…{made[-1].user[-4:]}")
    await asyncio.to_thread(exchange.hang_up, f"PJSIP/{SEAT}-")
    await wall.until(lambda: not wall.queue("insurance")["waiting"] and wall.seat()["state"] == "talking")
    await asyncio.to_thread(exchange.hang_up, f"PJSIP/{SEAT}-")
    await wall.until(lambda: wall.seat()["state"] == "available")
    states = wall.states()
    if states[4:7] == ["wrap_up", "available", "ringing"]:  # Asterisk looks once a second at who may ring
        del states[5]
    assert states == [
        "offline",
        "available",
        "ringing",
        "talking",
        "wrap_up",
        "ringing",
        "talking",
        "wrap_up",
        "available",
    ]

    await asyncio.to_thread(seat.sign_out)
    await wall.until(lambda: wall.seat()["state"] == "offline")
    await wall.until(lambda: listener.counts.snapshots >= 4)
    assert (listener.counts.differences, listener.counts.rejected) == (0, 0)


async def test_a_caller_on_hold_is_seen_by_who_heard_it_and_by_a_listener_that_comes_later(
    exchange: Exchange,
    floor: tuple[Wall, Listener],
    new_caller: Callable[..., Caller],
    new_seat: Callable[..., Seat],
) -> None:
    wall, listener = floor
    await asyncio.to_thread(new_seat, SEAT, talk=None, holds=(8.0, 10.0), hertz=OPERATOR)
    new_caller().pause(2).press("11").until_bye(90).dial()
    await wall.until(lambda: wall.seat()["state"] == "talking")
    with Overheard(exchange.settings.rtp_first, exchange.settings.rtp_last) as heard:
        both = [OPERATOR, MUSIC_HERTZ]
        one_hears = [(), (OPERATOR,)]
        assert await asyncio.to_thread(heard.until_tones, one_hears, both, 1.0) == one_hears
        await wall.until(lambda: wall.seat()["state"] == "holding")
        music = [(MUSIC_HERTZ,)]
        assert await asyncio.to_thread(heard.until_tones, music, both, 1.0) == music
    call = wall.seat()["call_id"]
    assert call
    async with watched(exchange) as (late, latecomer):
        await late.until(lambda: late.seat()["state"] == "holding")
        await late.until(lambda: late.seat()["state"] == "talking")
        assert latecomer.counts.differences == 0
    await asyncio.to_thread(exchange.hang_up, f"PJSIP/{SEAT}-")
    await wall.until(lambda: wall.seat()["state"] == "available")
    assert wall.states()[-6:] == ["ringing", "talking", "holding", "talking", "wrap_up", "available"]
    assert (listener.counts.differences, listener.counts.rejected) == (0, 0)


def test_our_readers_accept_every_row_asterisk_wrote(exchange: Exchange, new_caller: Callable[..., Caller]) -> None:
    caller = new_caller(name="رضا محمدی").pause(0.5).press("1").pause(0.5).hang_up().dial()
    caller.wait()
    exchange.await_row(caller.user, "LINKEDID_END")
    log = exchange.settings.asterisk / "log"
    for scan, path in ((cel.scan, log / "cel-custom" / "line.csv"), (queue_log.scan, log / "queue_log")):
        data = path.read_bytes()
        found = scan(data, 0, SystemClock().now())
        assert [row for row in found.rows if isinstance(row, RejectedRow)] == []
        assert found.end == len(data)
        assert found.rows
