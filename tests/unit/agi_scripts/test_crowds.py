"""Many connections at once to one door server, callers and others. Real sockets, real server."""

from __future__ import annotations

import asyncio
import socket
from datetime import timedelta

from agi_scripts.door import Knock
from agi_scripts.settings import DoorSettings
from tests.fakes.asterisk_agi import FakeAsterisk
from tests.patience import until
from tests.unit.agi_scripts.test_fastagi_bugs import OneDoor


async def test_one_conversation_too_many_is_turned_away(door_settings: DoorSettings) -> None:
    small = door_settings.model_copy(update={"connections_limit": 2, "drain": timedelta(seconds=0.1)})
    inside: list[Knock] = []
    async with OneDoor(small, lambda knock: inside.append(knock) or asyncio.sleep(60)) as one:
        held: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        for number in range(3):
            await until(lambda: len(inside) == number)  # noqa: B023 - awaited at once
            held.append(await asyncio.open_connection("127.0.0.1", one.server.port))
            held[-1][1].write(FakeAsterisk().header("reception"))
        assert await asyncio.wait_for(held[2][0].read(), 20) == b""
        for reader, writer in held:
            assert reader.at_eof() is (reader is held[2][0])
            writer.close()


async def test_silent_connections_shut_nobody_out(door_settings: DoorSettings) -> None:
    """Idle connections up to their limit, and new ones all the while, turned every call away."""
    small = door_settings.model_copy(update={"silent_limit": 5, "header_deadline": timedelta(seconds=30)})
    async with OneDoor(small, lambda _: asyncio.sleep(0, "served")) as one:
        idle = [await asyncio.open_connection("127.0.0.1", one.server.port) for _ in range(5)]
        await asyncio.sleep(0.05)
        await one.session()
        assert one.results == ["served"]
        idle += [await asyncio.open_connection("127.0.0.1", one.server.port) for _ in range(20)]
        await until(lambda: sum(reader.at_eof() for reader, _ in idle) >= 20)
        assert [reader.at_eof() for reader, _ in idle] == [True] * 20 + [False] * 5, "the oldest have gone"
        for _, writer in idle:
            writer.close()


async def test_connections_of_one_moment_beyond_the_limit_are_closed_and_not_left_open(
    door_settings: DoorSettings,
) -> None:
    """A session that was ended before its first step left its caller in silence."""
    small = door_settings.model_copy(update={"silent_limit": 5, "header_deadline": timedelta(seconds=30)})
    async with OneDoor(small, lambda _: asyncio.sleep(0, "served")) as one:
        rush = [
            socket.create_connection(("127.0.0.1", one.server.port)) for _ in range(8)
        ]  # the loop sees them at once
        loop = asyncio.get_running_loop()
        for connection in rush[:3]:
            connection.setblocking(False)
            assert await asyncio.wait_for(loop.sock_recv(connection, 1), 30) == b""
        await one.session()
        assert one.results == ["served"]
        for connection in rush:
            connection.close()
