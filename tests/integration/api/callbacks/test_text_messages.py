"""What is told to whoever sends text messages, over a real socket; and what happens when nobody answers there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from api.callbacks.text_messages import HttpTextMessages, TextKind, number_of
from ivr.kernel.errors import Unavailable
from tests.integration.api.callbacks.conftest import Desk, code, note


class Receiver:
    """A little HTTP server that keeps each body and answers with `status`."""

    def __init__(self) -> None:
        self.status, self.bodies = 204, list[dict[str, str]]()
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length:")[2].split("\r\n")[0])
        self.bodies.append(json.loads(await reader.readexactly(length)))
        writer.write(f"HTTP/1.1 {self.status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    server = await asyncio.start_server(found.serve, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/sms"
    yield found
    server.close()


async def test_code_number_and_kind_are_told(receiver: Receiver, desk: Desk) -> None:
    await desk.ask(note(1))
    async with desk.sessions() as session:
        number = await number_of(session, code(1))
    await HttpTextMessages(receiver.url).send(code(1), number, TextKind.PROMISED)
    assert receiver.bodies == [{"code": code(1), "number": "+989121234567", "kind": "promised"}]


@pytest.mark.parametrize("status", [302, 404, 500])
async def test_an_answer_that_is_no_yes_is_tried_again(receiver: Receiver, status: int) -> None:
    receiver.status = status
    with pytest.raises(Unavailable, match=str(status)):
        await HttpTextMessages(receiver.url).send("1", "+989121234567", TextKind.MISSED)


async def test_nobody_at_the_address_is_tried_again() -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        await HttpTextMessages("http://127.0.0.1:9/sms").send("1", "+989121234567", TextKind.GIVEN_UP)


async def test_a_request_that_is_gone_has_no_number(desk: Desk) -> None:
    async with desk.sessions() as session:
        assert await number_of(session, code(5)) == ""
