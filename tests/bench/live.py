"""From an event in Asterisk to a screen: seats are paused with a running number as reason, and a reader of the stream
notes when it first sees that number, or a later one, at that seat.

The time begins before the order is sent, so Asterisk's own part is in it. A pause without a queue is one event a queue.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import httpx2

from routing.queues import QUEUES
from tests.bench.sides import Sides

EVENTS_AN_ORDER = len(QUEUES)
_GRACE_SECONDS = 5.0


@dataclass
class _Seen:
    """Per seat: the number sent last and the moments of those not seen yet."""

    sent: dict[str, list[tuple[int, float]]]
    seconds: list[float]

    def picture(self, board: dict[str, object], at: float) -> None:
        seats = board["seats"]
        assert isinstance(seats, list)
        for seat in seats:
            reason = str(seat.get("pause_reason") or "")
            if not reason.isdigit():
                continue
            waiting = self.sent.get(seat["seat"], [])
            while waiting and waiting[0][0] <= int(reason):
                self.seconds.append(at - waiting.pop(0)[1])


def delays(sides: Sides, *, events_a_second: float, seconds: float) -> list[float]:
    """Seconds from each order to the screen. Raises `AssertionError` when an order was never seen."""
    return asyncio.run(_delays(sides, events_a_second / EVENTS_AN_ORDER, seconds))


async def _delays(sides: Sides, rate: float, seconds: float) -> list[float]:
    seats = sorted(sides.line.run["seats"])[:16]
    seen = _Seen({seat: [] for seat in seats}, [])
    stopping = asyncio.Event()
    reader = asyncio.create_task(_watch(sides, seen, stopping))
    await asyncio.sleep(1.0)
    await _pause(sides, seats, seen, rate, seconds)
    deadline = time.monotonic() + _GRACE_SECONDS
    while any(seen.sent.values()) and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
    stopping.set()
    reader.cancel()
    await asyncio.gather(reader, return_exceptions=True)
    missing = sum(map(len, seen.sent.values()))
    if missing:
        raise AssertionError(f"{missing} orders were never seen on the stream")
    return seen.seconds


async def _watch(sides: Sides, seen: _Seen, stopping: asyncio.Event) -> None:
    headers = {"Authorization": f"Bearer {sides.line.run['api_token']}"}
    async with httpx2.AsyncClient(timeout=30) as client:
        url = f"{sides.line.run['urls']['api']}/board/stream"
        async with client.stream("GET", url, headers=headers) as answer:
            async for row in answer.aiter_lines():
                if row.startswith("data:"):
                    seen.picture(json.loads(row[5:]), time.monotonic())
                if stopping.is_set():
                    return


async def _pause(sides: Sides, seats: Sequence[str], seen: _Seen, rate: float, seconds: float) -> None:
    port = sides.line.run["ports"]["ami"]
    secret = sides.line.environment["LINE1420_AMI_LISTENER_SECRET"]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    swallowing = asyncio.create_task(_swallow(reader))
    try:
        writer.write(_action("Login", Username="tester", Secret=secret, Events="off"))
        begin = time.monotonic() + 0.5
        for number in range(1, round(rate * seconds) + 1):
            await asyncio.sleep(max(0.0, begin + number / rate - time.monotonic()))
            seat = seats[number % len(seats)]
            seen.sent[seat].append((number, time.monotonic()))
            writer.write(_action("QueuePause", Interface=f"PJSIP/{seat}", Paused="true", Reason=str(number)))
            await writer.drain()
        await asyncio.sleep(_GRACE_SECONDS / 2)
        for seat in seats:
            writer.write(_action("QueuePause", Interface=f"PJSIP/{seat}", Paused="false"))
        await writer.drain()
        await asyncio.sleep(0.5)
    finally:
        swallowing.cancel()
        await asyncio.gather(swallowing, return_exceptions=True)
        writer.close()


async def _swallow(reader: asyncio.StreamReader) -> None:
    while await reader.read(65_536):
        pass


def _action(name: str, **headers: str) -> bytes:
    rows = [f"Action: {name}", *(f"{key}: {value}" for key, value in headers.items())]
    return ("\r\n".join(rows) + "\r\n\r\n").encode()
