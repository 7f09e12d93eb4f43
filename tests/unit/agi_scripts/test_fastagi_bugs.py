"""Ways in which FastAGI servers have lost calls in the field; each must not happen to ours. Real sockets, real server."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from agi_scripts.door import Knock
from agi_scripts.health import doors_answer
from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from agi_scripts.sounds import SoundShelf
from agi_scripts.variables import Variable
from ivr.dialogue.replies import HungUp, NoKey
from ivr.dialogue.verbs import Gather
from ivr.kernel.milestones import Milestone
from tests.fakes.asterisk_agi import TOKEN, FakeAsterisk
from tests.patience import quickest_awaited, until

Act = Callable[[Knock], Awaitable[object]]

PATIENT = timedelta(seconds=20)


class OneDoor:
    """A server whose `reception` does what the test says; `results` holds what it came to."""

    def __init__(self, settings: DoorSettings, act: Act) -> None:
        self.results: list[object] = []
        self.ended = asyncio.Event()

        async def door(knock: Knock) -> None:
            try:
                self.results.append(await act(knock))
            except BaseException as error:
                self.results.append(error)
                raise
            finally:
                self.ended.set()

        self.server = DoorServer(settings, {"reception": door}, SoundShelf(settings.sounds))

    async def __aenter__(self) -> OneDoor:
        await self.server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.stop()

    async def session(self, *replies: bytes, header: bytes | None = None, eof: bool = False) -> list[bytes]:
        """Knock, answer the n-th command with the n-th piece of bytes, give back the commands."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        writer.write(header or FakeAsterisk().header("reception"))
        commands = []
        for reply in replies:
            commands.append(await asyncio.wait_for(reader.readline(), 20))
            writer.write(reply)
        if eof:
            writer.write_eof()
        commands.append(await asyncio.wait_for(reader.readline(), 20))
        writer.close()
        await asyncio.wait_for(self.ended.wait(), 20)
        return commands


async def test_a_port_probe_does_not_silence_the_other_callers(doors: DoorServer) -> None:
    """A connection closed before its blank line made panoramisk 1.4 spin for ever without giving the loop a turn."""
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", doors.port)
        writer.write(b"agi_network: yes\n")
        writer.close()

    async def spent() -> float:
        before = time.process_time()
        await asyncio.sleep(0.2)
        return time.process_time() - before

    assert await quickest_awaited(spent, 0.15) < 0.15
    assert await doors_answer("127.0.0.1", doors.port, TOKEN, PATIENT)


async def test_a_header_without_end_is_cut_off_quickly(doors: DoorServer) -> None:
    """Junk without a limit grew in memory and was searched from the start at each chunk: seconds of busy loop."""

    async def cut_off_after() -> float:
        _, writer = await asyncio.open_connection("127.0.0.1", doors.port)
        started = time.perf_counter()
        with contextlib.suppress(ConnectionError):
            while time.perf_counter() - started < 5:
                writer.write(b"agi_x: " + b"x" * 65_000)
                await writer.drain()
        seconds = time.perf_counter() - started
        writer.close()
        return seconds

    assert await quickest_awaited(cut_off_after, 2) < 2
    assert await doors_answer("127.0.0.1", doors.port, TOKEN, PATIENT)


async def test_a_slow_header_ends_at_its_deadline(door_settings: DoorSettings) -> None:
    """Without read limits a handful of clients that send a byte now and then hold every place."""
    hasty = door_settings.model_copy(update={"header_deadline": timedelta(seconds=0.3)})
    async with OneDoor(hasty, lambda _: asyncio.sleep(0)) as one:

        async def cut_off_after() -> float:
            reader, writer = await asyncio.open_connection("127.0.0.1", one.server.port)
            started = time.perf_counter()
            writer.write(b"agi_network: yes\n")
            assert await asyncio.wait_for(reader.read(), 20) == b""
            writer.close()
            return time.perf_counter() - started

        assert await quickest_awaited(cut_off_after, 1) < 1


async def test_a_name_cut_in_the_middle_of_a_letter_costs_nothing(doors: DoorServer) -> None:
    """Asterisk cuts names at a byte limit; strict UTF-8 raised before the session was guarded and left dead air."""
    call = FakeAsterisk(["0"])
    header = call.header("reception").replace(b"agi_calleridname: unknown", "agi_calleridname: محمد".encode()[:-1])
    call.header = lambda route: header  # type: ignore[method-assign]
    await call.call(doors.port)
    assert call.done


async def test_replies_after_a_hangup_belong_to_their_own_commands(door_settings: DoorSettings) -> None:
    """The hangup notice stands between replies; counted as a reply, it shifts every later one by a command."""

    async def act(knock: Knock) -> object:
        said = await knock.phone.say(("welcome",))
        marked = await knock.phone.mark(Milestone.STEP, {"node": "main"})
        return (
            said,
            marked,
            await knock.phone.get_variables(Variable.NODE),
            await knock.phone.get_variables(Variable.KIND),
        )

    async with OneDoor(door_settings, act) as one:
        commands = await one.session(
            b"200 result=0\n",
            b"200 result=-1 endpos=800\n",
            b"HANGUP\n200 result=6\n",  # the notice comes before the reply to the next command
            b"200 result=0\n",
            b"200 result=1 (main)\n",
            b"200 result=1 (complaint)\n",
        )
    assert one.results == [(HungUp(), HungUp(), ("main",), ("complaint",))]
    assert commands[2].startswith(b"CHANNEL STATUS")


async def test_a_usage_reply_of_many_lines_is_one_reply(door_settings: DoorSettings) -> None:
    async def act(knock: Knock) -> object:
        return await knock.phone.get_variables(Variable.NODE), await knock.phone.get_variables(Variable.KIND)

    usage = (
        b"520-Invalid command syntax.  Proper usage follows:\nReturns <literal>0</literal>.\n200 result=1 (not me)\n"
        b"    <value>SUCCESS</value>\n520 End of proper usage.\n"
    )
    async with OneDoor(door_settings, act) as one:
        await one.session(usage, b"200 result=1 (complaint)\n")
    assert one.results == [(("",), ("complaint",))]


async def test_an_unknown_command_is_one_reply_too(door_settings: DoorSettings) -> None:
    async def act(knock: Knock) -> object:
        return await knock.phone.get_variables(Variable.NODE), await knock.phone.get_variables(Variable.KIND)

    async with OneDoor(door_settings, act) as one:
        await one.session(b"510 Invalid or unknown command\n", b"200 result=1 (complaint)\n")
    assert one.results == [(("",), ("complaint",))]


@pytest.mark.parametrize("cut", [b"", b"200 resu", b"200 result=0", b"520-Invalid\nusage"])
async def test_the_end_of_the_stream_is_a_hangup(door_settings: DoorSettings, cut: bytes) -> None:
    """It used to be `ValueError: invalid literal for int()`, or a usage reply read for ever."""
    async with OneDoor(door_settings, lambda knock: knock.phone.gather(Gather(()))) as one:
        await one.session(cut, eof=True)
    assert one.results == [HungUp()]


async def test_a_dead_channel_is_a_hangup(door_settings: DoorSettings) -> None:
    async with OneDoor(door_settings, lambda knock: knock.phone.gather(Gather(()))) as one:
        await one.session(b"200 result=0\n", b"511 Command Not Permitted on a dead channel or intercept routine\n")
    assert one.results == [HungUp()]


async def test_a_value_that_reads_hangup_is_no_hangup(door_settings: DoorSettings) -> None:
    async def act(knock: Knock) -> object:
        return await knock.phone.get_variables(Variable.NODE), await knock.phone.gather(Gather((), first_seconds=0.1))

    async with OneDoor(door_settings, act) as one:
        await one.session(b"200 result=1 (hangup)\n", b"200 result=0\n", b"200 result=0\n")
    assert one.results == [(("hangup",), NoKey())]


async def test_any_async_callable_can_be_a_door(door_settings: DoorSettings) -> None:
    """Routes used to need coroutine functions, and anything else failed on Python 3.11."""

    class Object:
        async def __call__(self, knock: Knock) -> None:
            await knock.phone.set_variable(Variable.DONE, "1")

    server = DoorServer(door_settings, {"reception": Object()}, SoundShelf(door_settings.sounds))
    await server.start()
    assert (await FakeAsterisk().call(server.port)).done
    await server.stop()


async def test_a_cancelled_conversation_is_cancelled(door_settings: DoorSettings) -> None:
    """A handler that swallows the cancellation cannot be stopped; the process would need SIGKILL."""
    impatient = door_settings.model_copy(update={"drain": timedelta(seconds=0.1)})

    async def stopped_after() -> float:
        inside: list[Knock] = []
        async with OneDoor(impatient, lambda knock: inside.append(knock) or asyncio.sleep(60)) as one:
            reader, writer = await asyncio.open_connection("127.0.0.1", one.server.port)
            writer.write(FakeAsterisk().header("reception"))
            await until(lambda: inside)
            started = time.perf_counter()
            await one.server.stop()
            seconds = time.perf_counter() - started
            assert isinstance(one.results[0], asyncio.CancelledError)
            assert await reader.read() == b""
            writer.close()
        return seconds

    assert await quickest_awaited(stopped_after, 1) < 1


async def test_a_conversation_under_way_may_finish_while_draining(doors: DoorServer) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", doors.port)
    call = FakeAsterisk(["4"])
    port = doors.port
    writer.write(call.header("survey"))
    first = await reader.readline()
    stopping = asyncio.create_task(doors.stop())
    await asyncio.sleep(0.05)
    assert not await doors_answer("127.0.0.1", port, TOKEN)
    writer.write(call.answer(first.decode().rstrip()))
    while line := await reader.readline():
        writer.write(call.answer(line.decode().rstrip()))
    await stopping
    writer.close()
    assert call.done


async def test_two_replies_to_one_command_end_the_session(door_settings: DoorSettings) -> None:
    """A line break in a value makes one reply look like two; trusting the second would answer the wrong question."""

    async def act(knock: Knock) -> object:
        return await knock.phone.get_variables(Variable.NODE), await knock.phone.get_variables(Variable.KIND)

    async with OneDoor(door_settings, act) as one:
        await one.session(b"200 result=1 (x)\n200 result=1 (forged)\n")
    assert getattr(one.results[0], "code", "") == "agi_out_of_step"


async def test_silence_of_asterisk_ends_the_session(door_settings: DoorSettings) -> None:
    hasty = door_settings.model_copy(update={"reply_slack": timedelta(seconds=0.2)})
    async with OneDoor(hasty, lambda knock: knock.phone.say(("welcome",))) as one:
        await one.session(b"")
    assert getattr(one.results[0], "code", "") == "agi_silent"
