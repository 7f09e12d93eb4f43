"""By what the keeper knows that pages can be there: the connection on which the web process listens."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from api.db.engine import Sessions
from api.duty.repository import web_since
from ivr.kernel.clock import SystemClock
from tests.integration.conftest import Server
from tests.integration.test_web_process import web


async def since(sessions: Sessions, *, there: bool) -> datetime | None:
    """What is known once the web is there, or once it is gone."""
    async with asyncio.timeout(30):
        while True:
            async with sessions() as session:
                found = await web_since(session)
            if (found is not None) is there:
                return found
            await asyncio.sleep(0.1)


async def test_pages_are_there_as_long_as_the_web_process_lives(
    sessions: Sessions, postgres_server: Server, tmp_path: Path
) -> None:
    began = SystemClock().now()
    assert await since(sessions, there=False) is None
    with web(postgres_server.url, tmp_path):
        found = await since(sessions, there=True)
        assert found is not None
        assert began - timedelta(seconds=1) <= found <= SystemClock().now() + timedelta(seconds=1)
    assert await since(sessions, there=False) is None
