"""Commands and replies over a FastAGI socket. panoramisk's request holds the pieces; reading and writing are ours.

Each command has its deadline: its own time and `reply_slack`. When Asterisk is silent for longer the session ends with
`Unavailable`, so a stuck channel costs one task for seconds and not for ever.
"""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from panoramisk.fast_agi import Request

from agi_scripts.agi_wire import CLOSED, AgiReply, OutOfStep, ReplyStream
from agi_scripts.measures import ROUND_TRIP
from ivr.kernel.errors import Unavailable

_CHUNK = 4096


class SocketExchange:
    """`agi_scripts.agi_phone.Exchange` over the streams of one panoramisk request."""

    def __init__(self, request: Request, reply_slack: timedelta) -> None:
        self._reader: asyncio.StreamReader = request.reader
        self._writer: asyncio.StreamWriter = request.writer
        self._slack = reply_slack.total_seconds()
        self._replies = ReplyStream()
        self._lost = False

    @property
    def hung_up(self) -> bool:
        return self._lost or self._replies.hung_up

    async def ask(self, command: bytes, takes_seconds: float = 0.0) -> AgiReply:
        if self._lost:
            return CLOSED
        try:
            await self._hear_what_came_unasked()
            async with asyncio.timeout(takes_seconds + self._slack):
                asked = time.perf_counter()
                self._writer.write(command)
                await self._writer.drain()
                reply = await self._reply()
            if not takes_seconds:
                ROUND_TRIP.observe(time.perf_counter() - asked)
            return reply
        except TimeoutError:
            self._lost = True
            raise Unavailable("Asterisk did not reply in time; this session is given up", code="agi_silent") from None
        except OutOfStep:
            self._lost = True
            raise
        except OSError:
            self._lost = True
            return CLOSED

    async def _reply(self) -> AgiReply:
        while (reply := self._replies.reply()) is None:
            chunk = await self._reader.read(_CHUNK)
            if not chunk:
                self._lost = True
                return CLOSED
            self._replies.feed(chunk)
        return reply

    async def _hear_what_came_unasked(self) -> None:
        """Between two commands only a hangup notice may arrive; a late second reply must be seen before it misleads."""
        try:
            async with asyncio.timeout(0):  # what lies ready is read at once, without waiting for more
                self._replies.feed(await self._reader.read(_CHUNK))
        except TimeoutError:
            return
        self._replies.next_command()
