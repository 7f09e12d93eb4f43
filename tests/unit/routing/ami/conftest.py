"""A link of ours and an Asterisk that does what a test tells it to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from ivr.kernel.clock import SystemClock
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox, LinkUp
from tests.fakes.asterisk_ami import FakeAmi

FAST = {"first_retry": 0.05, "longest_retry": 0.2, "ping_every": 0.1}
"""The limits stay as they are in production where they are not what is tested: a busy machine loses no link."""

Start = Callable[..., Awaitable[AmiLink]]


@pytest.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as fake:
        yield fake


@pytest.fixture
async def start(ami: FakeAmi) -> AsyncIterator[Start]:
    running: list[tuple[AmiLink, asyncio.Task[None]]] = []

    async def begin(*, wait: bool = True, limit: int = 10_000, **changes: object) -> AmiLink:
        settings = replace(LinkSettings("127.0.0.1", ami.port, "listener", "s3cret"), **{**FAST, **changes})  # type: ignore[arg-type]
        link = AmiLink(settings, Inbox(limit), SystemClock())
        running.append((link, asyncio.create_task(link.run())))
        if wait:
            assert isinstance(await asyncio.wait_for(link.inbox.get(), 20), LinkUp)
        return link

    yield begin
    for link, task in running:
        link.close()
        await asyncio.wait_for(task, 20)
