"""Screens that watch the floor while a storm of events goes over it: how late each one is.

`event_to_screen(line, per_second=200, seconds=10)` is the measure "manager event to screen": from the moment before the
action that makes the events is sent to Asterisk, to the moment a screen holds a picture with their effect. Each pause of
the storm has its number as its reason, so a picture tells the newest pause it knows.
"""

from __future__ import annotations

import asyncio
import re
import socket
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from routing.seats import seat_names
from tests.faults.second_opinion import Manager, Storm
from tests.line import Line

_REASONS = re.compile(rb'"pause_reason":"(\d+)"')
OPENS_SECONDS = 30.0
"""In which fifty screens that come at once must all be served."""
SETTLES_SECONDS = 60.0
"""In which every screen must have a picture with the last pause; what takes longer never comes."""


@dataclass(frozen=True)
class Latency:
    """Seconds from event to screen; `events` were seen of `made`."""

    made: int
    events: int
    p50: float
    p95: float
    p99: float
    longest: float

    def __str__(self) -> str:
        shown = " · ".join(f"{name} {getattr(self, name) * 1000:.0f} ms" for name in ("p50", "p95", "p99", "longest"))
        return f"{self.events} of {self.made} pauses on screen: {shown}"


@dataclass
class Screen:
    """One page that reads all it gets."""

    arrivals: list[tuple[float, int]] = field(default_factory=list)
    """(monotonic time, newest pause in the picture)."""
    ended: bool = False

    async def watch(self, url: str, token: str) -> None:
        reader, writer = await ask_for_the_stream(url, token)
        try:
            while True:
                event = await reader.readuntil(b"\r\n\r\n")
                newest = max(map(int, _REASONS.findall(event)), default=0)
                if b"event: board" in event:
                    self.arrivals.append((time.monotonic(), newest))
        except asyncio.IncompleteReadError:
            self.ended = True
        finally:
            writer.close()

    def latency(self, sent: dict[int, float]) -> Latency:
        """Of each pause: the first picture that knows it or a newer one."""
        late: list[float] = []
        waiting = iter(sorted(sent.items()))
        number, at = next(waiting, (0, 0.0))
        for arrived, newest in self.arrivals:
            while number and number <= newest:
                late.append(arrived - at)
                number, at = next(waiting, (0, 0.0))
        late.sort()
        if not late:
            return Latency(len(sent), 0, *[float("inf")] * 4)
        share = [late[min(int(len(late) * part), len(late) - 1)] for part in (0.5, 0.95, 0.99)]
        return Latency(len(sent), len(late), *share, late[-1])


def request(url: str, token: str) -> bytes:
    host = urlsplit(url).netloc
    return f"GET /api/v1/board/stream HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


async def ask_for_the_stream(url: str, token: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Asks again, as a browser does, where the server says that it can serve nobody at this moment."""
    where, until = urlsplit(url), time.monotonic() + OPENS_SECONDS
    while True:
        reader, writer = await asyncio.open_connection(where.hostname, where.port, limit=1 << 20)
        try:
            writer.write(request(url, token))
            head = await reader.readuntil(b"\r\n\r\n")
        except BaseException:
            writer.close()
            raise
        if b" 200 " in head.splitlines()[0]:
            return reader, writer
        writer.close()
        assert b" 503 " in head.splitlines()[0], head
        assert time.monotonic() < until, head
        await asyncio.sleep(1)


def deaf_screen(url: str, token: str) -> socket.socket:
    """Asks for the stream and never reads a byte of it."""
    where = urlsplit(url)
    deaf = socket.create_connection((where.hostname, where.port))
    deaf.sendall(request(url, token))
    return deaf


def storm_over(line: Line, per_second: float) -> Storm:
    environment = line.environment
    return Storm(
        int(environment["LINE1420_AMI_PORT"]), environment["LINE1420_AMI_LISTENER_SECRET"], per_second,
        seats=int(environment.get("LINE1420_SEATS", "16")),
    )  # fmt: skip


async def watch(line: Line, *, per_second: float, seconds: float, screens: int = 1) -> list[Latency]:
    """Each screen's own latency under a storm of `per_second` events for `seconds`."""
    pages = [Screen() for _ in range(screens)]
    tasks = [asyncio.create_task(page.watch(line.web, line.run["api_token"])) for page in pages]
    try:
        while not all(page.arrivals for page in pages):
            await asyncio.sleep(0.05)
            failed: list[Any] = [task for task in tasks if task.done()]
            assert not failed, failed
        async with storm_over(line, per_second) as storm:
            await asyncio.sleep(seconds)
        last, until = max(storm.sent), time.monotonic() + SETTLES_SECONDS
        while any(page.arrivals[-1][1] < last for page in pages) and time.monotonic() < until:
            await asyncio.sleep(0.1)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.to_thread(all_work_again, line)
    return [page.latency(storm.sent) for page in pages]


def all_work_again(line: Line) -> None:
    """The storm has paused everybody; whoever places calls next needs operators."""
    environment = line.environment
    with Manager(int(environment["LINE1420_AMI_PORT"]), environment["LINE1420_AMI_LISTENER_SECRET"]) as manager:
        for seat in seat_names(int(environment.get("LINE1420_SEATS", "16"))):
            manager.pause(seat, "", paused=False)


def event_to_screen(line: Line, *, per_second: float = 200, seconds: float = 10.0) -> Latency:
    """The measure, on a running line that renders test contexts, with one screen."""
    (latency,) = asyncio.run(watch(line, per_second=per_second, seconds=seconds))
    return latency
