"""Commands and replies over a FastAGI socket. panoramisk's request holds the pieces; reading and writing are ours.

Each command has its deadline: its own time and `reply_slack`. When Asterisk is silent for longer the session ends with
`Unavailable`, so a stuck channel costs one task for seconds and not for ever.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from panoramisk.fast_agi import Request

from agi_scripts.agi_wire import REPLY_LIMIT, AgiReply, OutOfStep, ReplyParser
from ivr.kernel.errors import Unavailable

_NOTICE = b"HANGUP\n"
_CHUNK = 4096


class SocketExchange:
    """`agi_scripts.agi_phone.Exchange` over the streams of one panoramisk request."""

    def __init__(self, request: Request, reply_slack: timedelta) -> None:
        self._reader: asyncio.StreamReader = request.reader
        self._writer: asyncio.StreamWriter = request.writer
        self._slack = reply_slack.total_seconds()
        self._parser = ReplyParser()
        self._buffer = b""
        self._lost = False

    @property
    def hung_up(self) -> bool:
        return self._lost or self._parser.hung_up

    async def ask(self, command: bytes, takes_seconds: float = 0.0) -> AgiReply:
        if self._lost:
            return _CLOSED
        try:
            async with asyncio.timeout(takes_seconds + self._slack):
                self._writer.write(command)
                await self._writer.drain()
                reply = await self._reply()
        except TimeoutError:
            self._lost = True
            raise Unavailable("Asterisk did not reply in time; this session is given up", code="agi_silent") from None
        except OutOfStep:
            self._lost = True
            raise
        except OSError:
            self._lost = True
            return _CLOSED
        self._refuse_surplus()
        return reply

    async def _reply(self) -> AgiReply:
        while True:
            line, end, rest = self._buffer.partition(b"\n")
            if end:
                self._buffer = rest
                if reply := self._parser.take(line):
                    return reply
                continue
            if len(self._buffer) > REPLY_LIMIT:
                raise OutOfStep("a reply line without an end; the session ends here")
            chunk = await self._reader.read(_CHUNK)
            if not chunk:
                self._lost = True
                return _CLOSED
            self._buffer += chunk

    def _refuse_surplus(self) -> None:
        """After a reply only a hangup notice may lie ready: anything else would answer the next command wrongly."""
        if self._buffer == _NOTICE:
            self._parser.take(_NOTICE[:-1])
            self._buffer = b""
        elif not _NOTICE.startswith(self._buffer):
            self._lost = True
            raise OutOfStep("Asterisk sent more than one reply to one command; the session ends here")


_CLOSED = AgiReply(511, text="connection closed")
