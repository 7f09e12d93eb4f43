"""Whole sessions with the real doors on a real socket, against an Asterisk that breaks its word somewhere in the middle.

Every session ends and leaves nothing behind: no task, no exception that nobody expected, and the server goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from agi_scripts.desk import NoDesk
from agi_scripts.health import doors_answer
from agi_scripts.house import House
from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from agi_scripts.sounds import SoundShelf
from agi_scripts.wiring import build_house, open_doors
from ivr.kernel.tracking_code import TrackingCode
from tests.effort import explore, tried
from tests.fakes.asterisk_agi import TOKEN, FakeAsterisk
from tests.patience import LIMIT, happens
from tests.unit.agi_scripts.agi_storm import KINDS, mutated

ROUTES = ("reception", "voice_message", "survey", "case_status", "callback", "seat_desk", "ping")
EXPECTED = {"knock", "left", "knock_refused", "conversation_broken", "connection_lost", "prompt_alarm", "lease_not_renewed",
            "milestone_not_written", "variable_not_set", "not_handed_over", "doors_open", "doors_draining", "doors_closed", "opening"}  # fmt: skip
"""What may stand in the log. `door_failed` is not among them: it means an exception that nobody foresaw."""

ACTS = st.sampled_from(["1", "2", "3", "4", "5", "9", "0", "*", "#", "!1", "!#", "silence", "pause", "hangup"])
VALUES = st.sampled_from(["", "review", "prepare", "waiting", "after_hours", "x)", "a\nb", "main", "arrival:main", "ERROR",
                          "m-" + "0" * 32, "../../etc/passwd", str(TrackingCode.from_number(1)), "hangup", "seat05"])  # fmt: skip


@dataclass
class Broken:
    """One session: who calls, what the dialplan has set, and at which command Asterisk goes wrong, and how."""

    route: str
    caller: list[str]
    variables: dict[str, str]
    hangup_at: int | None
    wrong_at: int
    kind: str
    cut: int
    closes: bool


SESSIONS = st.builds(
    Broken,
    route=st.sampled_from(ROUTES),
    caller=st.lists(ACTS, max_size=12),
    variables=st.dictionaries(
        st.sampled_from(["LINE_PHASE", "LINE_NODE", "LINE_KIND", "LINE_QUEUE", "LINE_MESSAGE", "LINE_CODE", "RECORD_STATUS",
                         "CHANNEL(linkedid)", "CHANNEL(endpoint)"]), VALUES),
    hangup_at=st.one_of(st.none(), st.integers(1, 40)),
    wrong_at=st.integers(1, 40),
    kind=st.sampled_from(KINDS),
    cut=st.integers(0, 40),
    closes=st.booleans(),
)  # fmt: skip


async def play(port: int, session: Broken) -> int:
    """Knock, answer, go wrong once; how many commands came. Ends when the server closes the connection."""
    call = FakeAsterisk(session.caller, variables=dict(session.variables), hangup_at=session.hangup_at)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    commands = 0
    with contextlib.suppress(ConnectionError):
        writer.write(call.header(session.route))
        while line := await reader.readline():
            commands += 1
            assert commands < 3000, "this conversation has no end"
            command = line.decode().rstrip("\n")
            honest = call.answer(command)
            if commands != session.wrong_at:
                writer.write(honest)
                continue
            writer.write(mutated(session.kind, command.rpartition(" ")[2], session.cut))
            if session.closes:
                break
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return commands


async def answers_again(port: int) -> bool:
    """Whether an honest knock is served within half a minute: fifty milliseconds for a reply are short on a busy machine."""
    end = time.monotonic() + LIMIT
    while not await doors_answer("127.0.0.1", port, TOKEN):
        if time.monotonic() > end:
            return False
        await asyncio.sleep(0.01)
    return True


@contextlib.asynccontextmanager
async def opened(settings: DoorSettings, house: House) -> AsyncIterator[DoorServer]:
    server = DoorServer(settings, open_doors(house), SoundShelf(settings.sounds))
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@tried(quick=120, thorough=10_000)
def test_every_session_ends_and_the_server_goes_on(door_settings: DoorSettings, examples: int) -> None:
    hasty = door_settings.model_copy(update={"reply_slack": timedelta(seconds=0.05)})
    house = build_house(hasty, NoDesk())

    async def several(sessions: list[Broken]) -> None:
        async with opened(hasty, house) as server:
            await asyncio.wait_for(asyncio.gather(*(play(server.port, session) for session in sessions)), 60)
            # closing is told to the client a moment before the task is gone
            ended = await happens(lambda: not server._sessions)  # pyright: ignore[reportPrivateUsage]
            assert ended, "a connection was kept"
            assert await answers_again(server.port), "after these sessions nobody is served any more"

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:

        @given(st.lists(SESSIONS, min_size=1, max_size=4))
        def holds(sessions: list[Broken]) -> None:
            with capture_logs() as lines:
                runner.run(several(sessions))
            unforeseen = [line for line in lines if line["event"] not in EXPECTED]
            assert not unforeseen

        explore(examples, holds)
