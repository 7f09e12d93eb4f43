"""An Asterisk that speaks AMI over a real socket and does exactly what a test tells it to, good or bad."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Self

BANNER = b"Asterisk Call Manager/11.0.0\r\n"

Headers = dict[str, str]


class Session:
    """One accepted connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.began = asyncio.get_running_loop().time()
        self.actions: list[Headers] = []

    def raw(self, data: bytes) -> None:
        self.writer.write(data)

    def send(self, **headers: str) -> None:
        self.raw("".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n")

    def reply(self, action: Headers, **headers: str) -> None:
        self.send(Response="Success", ActionID=action["ActionID"], **headers)

    def drop(self) -> None:
        self.writer.transport.abort()

    async def action(self) -> Headers:
        """The next action; raises when the connection ends."""
        text = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        action = dict(line.split(": ", 1) for line in text.strip("\r\n").split("\r\n"))
        self.actions.append(action)
        return action


class FakeAmi:
    """`async with FakeAmi() as ami`: accepts logins with `secret`, answers pings, QueueStatus with `queue_status` and Status
    with `channels`."""

    def __init__(self) -> None:
        self.secret = "s3cret"
        self.banner = BANNER
        self.answer_logins = True
        self.answer_pings = True
        self.queue_status: list[Headers] = []
        self.channels: list[Headers] = []
        self.held: set[str] = set()
        """Channels whose talk is on hold."""
        self.on_action: Callable[[Session, Headers], Awaitable[bool]] | None = None
        """Looks at each action first; True when it dealt with it."""
        self.sessions: list[Session] = []
        self.logged_in = asyncio.Event()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for session in self.sessions:
            session.drop()
        await asyncio.sleep(0)

    @property
    def session(self) -> Session:
        return self.sessions[-1]

    def actions(self, name: str) -> list[Headers]:
        return [action for session in self.sessions for action in session.actions if action["Action"] == name]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(reader, writer)
        self.sessions.append(session)
        session.raw(self.banner)
        try:
            while True:
                await self._deal(session, await session.action())
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    async def _deal(self, session: Session, action: Headers) -> None:
        if self.on_action is not None and await self.on_action(session, action):
            return
        if action["Action"] == "Login" and self.answer_logins:
            if action["Secret"] != self.secret:
                session.send(Response="Error", ActionID=action["ActionID"], Message="Authentication failed")
                session.writer.close()
                return
            session.reply(action, Message="Authentication accepted")
            self.logged_in.set()
        elif action["Action"] == "Ping" and self.answer_pings:
            session.reply(action, Ping="Pong", Timestamp="1.0")
        elif action["Action"] == "Status":
            session.reply(action, EventList="start", Message="Channel status will follow")
            for channel in self.channels:
                session.send(Event="Status", ActionID=action["ActionID"], **channel)
            session.send(Event="StatusComplete", ActionID=action["ActionID"], Items=str(len(self.channels)))
        elif action["Action"] == "Getvar":
            held = action["Channel"] in self.held
            session.reply(action, Variable=action["Variable"], Value=str(int(held)))
        elif action["Action"] == "QueueStatus":
            session.reply(action, EventList="start", Message="Queue status will follow")
            for item in self.queue_status:
                session.send(**item, ActionID=action["ActionID"])
            session.send(
                Event="QueueStatusComplete",
                ActionID=action["ActionID"],
                EventList="Complete",
                ListItems=str(len(self.queue_status)),
            )
