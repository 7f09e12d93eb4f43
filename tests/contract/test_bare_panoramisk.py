"""The bugs of panoramisk's FastAGI server (1.4) that ours stands in front of, against the bare library.

Each is expected to fail, strictly: when a new release closes one, this file says so, and a guard of ours may go. The
same bugs against our own server are in `test_fastagi_bugs` (F) and `test_who_may_knock` (K) of `tests/unit/agi_scripts`:

P1 a connection closed before its blank line spins for ever (F) · P2 a header without end is searched again and again (F) ·
P3 nobody is ever cut off for being slow (F) · P4 a name cut in mid-letter raises before anything is guarded (F) ·
P5 a hangup notice shifts every later reply by one (F) · P6 so does a usage reply of many lines (F) · P7 the end of the stream
is a ValueError, a dead channel an "unknown error" (F) · P8 a value that reads "hangup" is one (F) · P9 only coroutine
functions can be routes (F) · P10 a cancelled handler says it is done (F) · P11 of two headers the later one chooses (K).
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
import time

import pytest
from panoramisk.fast_agi import Application, Request
from panoramisk.utils import parse_agi_result

still_broken = pytest.mark.xfail(strict=True)

HEADER = b"agi_network: yes\nagi_network_script: x\nagi_callerid: 1\n\n"


def within(seconds: float, program: str) -> subprocess.CompletedProcess[str]:
    """A program of its own, because some of these bugs never come back. Raises when it takes longer."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], timeout=seconds, capture_output=True, text=True
    )


class Deaf:
    """A writer that takes everything."""

    def __init__(self) -> None:
        self.closed = False

    def write(self, data: bytes) -> None: ...

    async def drain(self) -> None: ...

    def close(self) -> None:
        self.closed = True

    def get_extra_info(self, name: str) -> str:
        return "127.0.0.1"


def heard(data: bytes, *, ends: bool = True) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    if ends:
        reader.feed_eof()
    return reader


def bare_request(replies: bytes) -> Request:
    return Request(app=None, headers={}, reader=heard(replies), writer=Deaf())


@still_broken
def test_p1_panoramisk_survives_a_port_probe() -> None:
    done = within(
        4,
        """
        import asyncio
        from panoramisk.fast_agi import Application
        async def main():
            reader = asyncio.StreamReader()
            reader.feed_data(b"agi_network: yes\\n")
            reader.feed_eof()
            async with asyncio.timeout(1):
                await Application(loop=asyncio.get_running_loop()).handler(reader, None)
        asyncio.run(main())
        """,
    )
    assert done.returncode == 1


@still_broken
async def test_p2_panoramisk_limits_its_header() -> None:
    reader = heard(b"agi_x: " + b"x" * 300_000, ends=False)
    handling = asyncio.create_task(Application(loop=asyncio.get_running_loop()).handler(reader, Deaf()))
    began = time.process_time()
    await asyncio.wait({handling}, timeout=0.2)
    ended, spent = handling.done(), time.process_time() - began
    handling.cancel()
    await asyncio.gather(handling, return_exceptions=True)
    assert ended
    assert spent < 0.05


@still_broken
async def test_p3_panoramisk_gives_up_on_somebody_slow() -> None:
    handling = asyncio.create_task(
        Application(loop=asyncio.get_running_loop()).handler(heard(b"agi_", ends=False), Deaf())
    )
    await asyncio.wait({handling}, timeout=3)
    ended = handling.done()
    handling.cancel()
    await asyncio.gather(handling, return_exceptions=True)
    assert ended


@still_broken
async def test_p4_panoramisk_takes_a_name_cut_in_mid_letter() -> None:
    header = HEADER.replace(b"agi_callerid: 1", b"agi_calleridname: " + "محمد".encode()[:-1])
    await Application(loop=asyncio.get_running_loop()).handler(heard(header), Deaf())


@still_broken
async def test_p5_panoramisk_takes_a_hangup_notice_for_no_reply() -> None:
    request = bare_request(b"200 result=-1\nHANGUP\n200 result=1 (second)\n")
    await request.send_command("STREAM FILE x")
    assert (await request.send_command("GET VARIABLE Y"))["result"] == ("1", "second")


@still_broken
async def test_p6_panoramisk_reads_a_usage_reply_to_its_end() -> None:
    request = bare_request(b"520-Invalid\nusage\nmore\n520 End of proper usage.\n200 result=1 (second)\n")
    await request.send_command("NOOP a b")
    assert (await request.send_command("GET VARIABLE Y"))["result"] == ("1", "second")


@still_broken
def test_p7_panoramisk_survives_the_end_of_the_stream() -> None:
    parse_agi_result("")


@still_broken
def test_p7_panoramisk_knows_a_dead_channel() -> None:
    assert parse_agi_result("511 Command Not Permitted on a dead channel")["error"] != "AGIUnknownError"


@still_broken
def test_p8_panoramisk_takes_the_word_hangup_for_a_value() -> None:
    assert "error" not in parse_agi_result("200 result=1 (hangup)")


@still_broken
async def test_p9_panoramisk_takes_a_plain_function_for_a_route() -> None:
    Application(loop=asyncio.get_running_loop()).add_route("x", lambda request: None)


@still_broken
async def test_p10_panoramisk_lets_a_handler_be_cancelled() -> None:
    began = asyncio.Event()

    async def route(request: Request) -> None:
        began.set()
        await asyncio.sleep(60)

    application = Application(loop=asyncio.get_running_loop())
    application.add_route("x", route)
    handling = asyncio.create_task(application.handler(heard(HEADER, ends=False), Deaf()))
    await began.wait()
    handling.cancel()
    await asyncio.wait({handling}, timeout=2)
    assert handling.cancelled()


@still_broken
async def test_p11_panoramisk_refuses_a_second_route_in_the_header() -> None:
    opened: list[str] = []

    async def secret(request: Request) -> None:
        opened.append("secret")

    application = Application(loop=asyncio.get_running_loop())
    application.add_route("secret", secret)
    await application.handler(heard(HEADER[:-1] + b"agi_network_script: secret\n\n"), Deaf())
    assert opened == []
