"""What an open floor page asks for besides its stream: the parts that the server draws, at least as often as a page does."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2

from tests.line import Line

PARTS = (("/floor/under-way", 5.0), ("/floor/parts/alarms", 5.0), ("/floor/parts/day", 15.0))
"""Address and seconds between two askings. The strip is asked for every 5 s; alarms and day only when their mark on the board
changes, which is rarer."""


@dataclass
class Asked:
    """What came of it."""

    answered: int = 0
    refused: int = 0


@contextlib.asynccontextmanager
async def pages_ask(line: Line, number: int) -> AsyncIterator[Asked]:
    """So many pages ask for their parts, out of step, until the block ends."""
    asked = Asked()
    headers = {"Authorization": f"Bearer {line.run['api_token']}", "HX-Request": "true"}
    async with httpx2.AsyncClient(base_url=line.web, headers=headers, timeout=30) as client:

        async def ask(path: str, every: float, first: float) -> None:
            await asyncio.sleep(first)
            while True:
                answer = await client.get(path)
                asked.answered += answer.status_code == 200
                asked.refused += answer.status_code != 200
                await asyncio.sleep(every)

        tasks = [
            asyncio.create_task(ask(path, every, every * page / number))
            for page in range(number)
            for path, every in PARTS
        ]
        try:
            yield asked
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
