"""Stands between Asterisk's manager port and a listener, and does to the wire whatever a test asks, at any moment.

Faults of the connection: `drop`, `reset`, `refuse`, `stalled` (open and silent), `bytes_per_second`, `slices` (pieces of a
few bytes). Faults of single messages on the way from Asterisk: duplicated, put behind the next one, lost, corrupted.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections import Counter
from dataclasses import dataclass
from typing import Self

END = b"\r\n\r\n"


@dataclass
class Shares:
    """Of all messages from Asterisk, the shares (0–1) that get each fault."""

    duplicated: float = 0.0
    reordered: float = 0.0
    lost: float = 0.0
    corrupted: float = 0.0


class AmiProxy:
    """`async with AmiProxy(port, seed) as proxy`: connect to `proxy.port`; change its attributes while it runs."""

    def __init__(self, upstream: int, seed: int = 0, host: str = "127.0.0.1") -> None:
        self.upstream, self.host = upstream, host
        self.port = 0
        self.refuse = False
        """Close whoever connects at once."""
        self.stalled = False
        self.bytes_per_second: float | None = None
        self.slices: int | None = None
        """Send pieces of at most so many bytes, each in a segment of its own."""
        self.shares = Shares()
        self.connected: list[float] = []
        """Loop times at which somebody connected."""
        self.done: Counter[str] = Counter()
        """Faults of messages so far."""
        self._random = random.Random(seed)
        self._open: set[tuple[asyncio.StreamWriter, asyncio.StreamWriter]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        self.stalled, self.bytes_per_second = False, None
        self.drop()
        await asyncio.sleep(0)

    def drop(self) -> None:
        """End all connections in the proper way."""
        for pair in self._open:
            for writer in pair:
                writer.close()

    def reset(self) -> None:
        """End all connections with a RST towards the listener."""
        for client, upstream in self._open:
            raw = client.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.transport.abort()
            upstream.close()

    def heal(self) -> None:
        """No fault any more on what comes from now on."""
        self.refuse = self.stalled = False
        self.bytes_per_second = self.slices = None
        self.shares = Shares()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected.append(asyncio.get_running_loop().time())
        if self.refuse:
            writer.close()
            return
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            from_asterisk, to_asterisk = await asyncio.open_connection(self.host, self.upstream, limit=1 << 20)
        except OSError:
            writer.close()
            return
        pair = (writer, to_asterisk)
        self._open.add(pair)
        ways = [
            asyncio.create_task(self._carry(from_asterisk, writer)),
            asyncio.create_task(self._pass_on(reader, to_asterisk)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._open.discard(pair)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            for end in pair:
                end.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                await self._while_stalled()
                writer.write(data)
                await writer.drain()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Message by message, so that each can have its own fate."""
        held: bytes | None = None
        pending = b""
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                *messages, pending = (pending + data).split(END)
                out: list[bytes] = []
                for body in messages:
                    fates = self._fates(body + END)
                    if held is not None and fates:
                        fates, held = [*fates, held], None
                    elif fates and self._happens(self.shares.reordered, "reordered"):
                        held, fates = fates[0], fates[1:]
                    out += fates
                if not messages and pending and len(pending) < 64:
                    out, pending = [pending], b""  # the banner has no blank line after it
                await self._send(writer, b"".join(out))

    def _fates(self, message: bytes) -> list[bytes]:
        if self._happens(self.shares.lost, "lost"):
            return []
        if self._happens(self.shares.corrupted, "corrupted"):
            broken = bytearray(message)
            for _ in range(self._random.randint(1, 4)):
                broken[self._random.randrange(len(broken))] = self._random.randrange(256)
            message = bytes(broken)
        return [message] * (2 if self._happens(self.shares.duplicated, "duplicated") else 1)

    def _happens(self, share: float, name: str) -> bool:
        if share <= 0 or self._random.random() >= share:
            return False
        self.done[name] += 1
        return True

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        while data:
            await self._while_stalled()
            size = len(data)
            if self.bytes_per_second is not None:
                size = max(int(self.bytes_per_second / 20), 1)
                await asyncio.sleep(0.05)
            if self.slices is not None:
                size = min(size, self._random.randint(1, self.slices))
            piece, data = data[:size], data[size:]
            writer.write(piece)
            await writer.drain()
            if self.slices is not None:
                await asyncio.sleep(0)

    async def _while_stalled(self) -> None:
        while self.stalled:
            await asyncio.sleep(0.02)
