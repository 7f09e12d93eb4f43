"""A real listener behind a fault proxy, and what a page would say of the board it shows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Self

from api.floor.schemas import BoardNow
from api.floor.view import StoredBoard, board_now
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox
from routing.board import Board
from routing.listener import Listener, ListenerPace
from routing.ports import BoardLink, BoardPublication
from tests.faults.ami_proxy import AmiProxy
from tests.faults.second_opinion import Manager, disagreements

RIGHT_AFTER_LOGIN = 5.0
STALE_AFTER = timedelta(seconds=ApiSettings.model_fields["board_stale"].default.total_seconds())


class WatchedFloor:
    """`async with WatchedFloor(ami_port, secret) as floor`: proxy, link, listener and the last picture shown."""

    def __init__(self, port: int, secret: str, *, pace: ListenerPace | None = None, **settings: object) -> None:
        self.port, self.secret = port, secret
        self.proxy = AmiProxy(port)
        self._settings, self._pace = settings, pace or ListenerPace()
        self.shown: BoardPublication | None = None
        self.pictures = 0

    async def __aenter__(self) -> Self:
        await self.proxy.__aenter__()
        link = LinkSettings("127.0.0.1", self.proxy.port, "listener", self.secret)
        self.link = AmiLink(replace(link, **self._settings), Inbox(), SystemClock())  # type: ignore[arg-type]
        self.listener = Listener(self.link, Board(), self, SystemClock(), self._pace)
        self._task = asyncio.create_task(self.listener.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.listener.close()
        await asyncio.wait_for(self._task, 5)
        await self.proxy.__aexit__()

    async def publish(self, publication: BoardPublication) -> None:
        """The listener's sink."""
        self.shown = publication
        self.pictures += 1

    def page(self) -> BoardNow:
        """What a page would show now."""
        shown = self.shown
        stored = None
        if shown is not None:
            stored = StoredBoard(shown.epoch, shown.version, shown.as_of, {**shown.board, "link": shown.link.value})
        return board_now(
            stored,
            None,
            now=SystemClock().now(),
            stale_after=STALE_AFTER,
            is_open=lambda _queue, _now: True,
            places=self.listener.board.places,
            waits=lambda _board, _now: {},
        )

    @property
    def live(self) -> bool:
        return self.listener.state is BoardLink.LIVE and self.link.live

    async def until(self, true: Callable[[], object], seconds: float, what: str = "it") -> float:
        """Wait for it; how long it took."""
        began = time.monotonic()
        while not true():
            assert not self._task.done(), self._task
            taken = time.monotonic() - began
            assert taken < seconds, f"{what} did not happen within {seconds} s: {self.listener.figures()}"
            await asyncio.sleep(0.02)
        return time.monotonic() - began

    def wrong(self) -> list[str]:
        """Where board and page differ from what Asterisk itself says at this moment."""
        with Manager(self.port, self.secret) as tester:
            truth = tester.truth()
        return disagreements(self.listener.board, self.page().model_dump(), truth)

    async def is_right(self, seconds: float = RIGHT_AFTER_LOGIN) -> float:
        """Wait until board and page are Asterisk's own picture; how long it took."""
        began = time.monotonic()
        while (wrong := await asyncio.to_thread(self.wrong)) or self.page().stale:
            assert time.monotonic() - began < seconds, f"wrong after {seconds} s: {wrong}, {self.listener.figures()}"
            await asyncio.sleep(0.1)
        return time.monotonic() - began
