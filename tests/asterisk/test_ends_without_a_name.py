"""Callers who hang up first, one after the other: Asterisk may forget some of them before it tells that the talk has ended.

How many depends on how busy the machine is, and may be none; the case prints it. What must hold holds for both kinds of end.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import pytest

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from ivr.kernel.clock import SystemClock
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Heard, Inbox
from routing.board import Board
from routing.listener import Listener, ListenerPace
from tests.asterisk.exchange import Exchange
from tests.asterisk.test_board_follows_the_floor import Wall

SEATS = [f"seat{n:02d}" for n in range(1, 9)]
CALLERS, EVERY_SECONDS, TALKS_UNTIL = 160, 0.45, 2.2
NEVER = 600.0


@pytest.fixture
def secret(exchange: Exchange) -> str:
    return exchange.settings.ami_listener_secret.get_secret_value()


@pytest.fixture
async def ends(exchange: Exchange, secret: str) -> AsyncIterator[list[bool]]:
    """For each talk that Asterisk said had ended, whether it told the call; a second listener, with no code of the board's."""
    found: list[bool] = []
    inbox = Inbox()
    link = AmiLink(LinkSettings("127.0.0.1", exchange.settings.ami_port, "listener", secret), inbox, SystemClock())

    async def hear() -> None:
        while True:
            item = await inbox.get()
            if isinstance(item, Heard) and item.message.get("Event") == "AgentComplete":
                found.append(bool(item.message.get("Linkedid")))

    tasks = [asyncio.create_task(link.run()), asyncio.create_task(hear())]
    yield found
    link.close()
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_seat_never_talks_on_after_its_caller_has_gone(
    exchange: Exchange,
    secret: str,
    ends: list[bool],
    new_caller: Callable[..., Caller],
    new_seat: Callable[..., Seat],
) -> None:
    wall = Wall()
    link = AmiLink(LinkSettings("127.0.0.1", exchange.settings.ami_port, "listener", secret), Inbox(), SystemClock())
    # no picture within the test but the first: what is right at the end was heard
    pace = ListenerPace(snapshot_every=NEVER, unchecked_limit=NEVER, moved_retries=0)
    listener = Listener(link, Board(settings=exchange.settings.queues), wall, SystemClock(), pace)
    listening = asyncio.create_task(listener.run())
    await wall.until(lambda: True)
    for seat in SEATS:
        await asyncio.to_thread(new_seat, seat, ring=0.1, talk=None)

    callers: list[Caller] = []
    for _ in range(CALLERS):
        caller = new_caller().pause(0.8).press("11", between_seconds=0.4).pause(TALKS_UNTIL).hang_up().dial()
        callers.append(caller)
        await asyncio.sleep(EVERY_SECONDS)
    for caller in callers:
        await asyncio.to_thread(caller.wait)

    def states() -> set[str]:
        return {seat["state"] for seat in wall.shown[-1].board["seats"] if seat["seat"] in SEATS}

    await wall.until(lambda: states() == {"available"})

    print(f"{len(ends)} talks ended, {ends.count(False)} of them told without their call")
    assert len(ends) > CALLERS // 2, "too few talks to tell"
    assert listener.counts.rejected == 0
    listener.close()
    await asyncio.wait_for(listening, 60)
