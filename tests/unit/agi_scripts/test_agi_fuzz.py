"""Any replies in any pieces, over socket and pipe: each answer is the command's own, or the session ends, and soon.

A session that ends says so by `OutOfStep`, by `Unavailable` or by the answer of a lost connection, and from then on
every command is answered by the latter. Nothing else may come out of it.
"""

from __future__ import annotations

import asyncio
import os
import time
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from panoramisk.fast_agi import Request

from agi_scripts.agi_wire import CLOSED, AgiReply, command_line
from agi_scripts.fastagi_phone import SocketExchange
from agi_scripts.stdio_phone import StdioAgi
from ivr.kernel.errors import Unavailable
from tests.effort import explore, tried
from tests.fakes.asterisk_agi import FakeAsterisk
from tests.patience import quickest
from tests.unit.agi_scripts.agi_storm import REPLIES, Storm

QUESTIONS = 8
SLACK = timedelta(seconds=0.02)


def judge(marker: str, reply: AgiReply) -> None:
    """A reply to the command with this marker that an honest reader may give."""
    assert reply == CLOSED or reply.code in {200, 510, 511, 520}
    assert len(reply.key) <= 1
    if reply.ok and reply.data:
        assert reply.data.startswith(marker), "this is another command's answer"


class Wire:
    """A writer whose every command is answered by the storm, piece by piece, a turn of the loop each."""

    def __init__(self, storm: Storm, ends: bool, loop: asyncio.AbstractEventLoop) -> None:
        self.reader = asyncio.StreamReader(loop=loop)
        self._storm, self._ends, self._loop = storm, ends, loop
        self._over = False

    def write(self, command: bytes) -> None:
        self._feed(self._storm.reply(command))

    async def drain(self) -> None:
        return

    def _feed(self, pieces: list[bytes]) -> None:
        if self._over:
            return
        if pieces:
            self.reader.feed_data(pieces[0])
            self._loop.call_soon(self._feed, pieces[1:])
        elif self._ends:
            self._over = True
            self.reader.feed_eof()


@tried(quick=250, thorough=20_000)
def test_over_a_socket_no_reply_answers_another_command(examples: int) -> None:
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:

        @given(st.lists(REPLIES, max_size=QUESTIONS), st.booleans())
        def holds(replies: list[tuple[str, int, int]], ends: bool) -> None:
            def longest() -> float:
                wire = Wire(Storm(replies), ends, runner.get_loop())
                request = Request(app=None, headers={}, reader=wire.reader, writer=wire)
                return runner.run(asyncio.wait_for(ask_all(SocketExchange(request, SLACK)), 20))

            assert quickest(longest, 2) < 2

        explore(examples, holds)


async def ask_all(exchange: SocketExchange) -> float:
    """Ask everything; seconds of the question that took longest."""
    over, longest = False, 0.0
    for number in range(QUESTIONS):
        began = time.monotonic()
        try:
            reply = await exchange.ask(command_line("NOOP", f"marker-{number}"))
        except Unavailable:
            assert not over, "a session that is over has one answer"
            over = True
            assert exchange.hung_up
        else:
            assert not over or reply == CLOSED
            judge(f"marker-{number}", reply)
        longest = max(longest, time.monotonic() - began)
    return longest


@tried(quick=150, thorough=10_000)
def test_over_a_pipe_no_reply_answers_another_command(examples: int) -> None:
    @given(st.lists(REPLIES, max_size=QUESTIONS))
    def holds(replies: list[tuple[str, int, int]]) -> None:
        storm = Storm(replies)
        ear, mouth = os.pipe()
        with os.fdopen(ear, "rb", buffering=0) as stdin, os.fdopen(mouth, "wb", buffering=0) as voice:
            voice.write(FakeAsterisk().header("fallback"))
            agi = StdioAgi(stdin, Pipe(storm, voice))
            over = False
            for number in range(QUESTIONS):
                try:
                    reply = agi._ask(command_line("NOOP", f"marker-{number}"))  # pyright: ignore[reportPrivateUsage]
                except Unavailable:
                    assert not over
                    over = True
                    assert agi.hung_up
                else:
                    assert not over or reply == CLOSED
                    judge(f"marker-{number}", reply)

    explore(examples, holds)


class Pipe:
    """Asterisk's end: answers what is written at once, and closes when a reply was not whole, as nobody else would."""

    def __init__(self, storm: Storm, voice: object) -> None:
        self._storm, self._voice = storm, voice

    def write(self, command: bytes) -> int:
        arrives = b"".join(self._storm.reply(command))[:60_000]
        self._voice.write(arrives)  # type: ignore[attr-defined]
        if b"\n" not in arrives or (arrives.startswith(b"520-") and b"\n520 " not in arrives):
            self._voice.close()  # type: ignore[attr-defined]
        return len(command)

    def flush(self) -> None:
        return
