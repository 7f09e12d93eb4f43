"""The door server as a process: it starts, answers, drains on SIGTERM, refuses wrong settings, and dies of a stall."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

from agi_scripts.health import doors_answer
from agi_scripts.settings import DoorSettings
from ivr.kernel.watchdog import Watchdog
from tests.fakes.asterisk_agi import TOKEN
from tests.patience import one_try_of_several

REPOSITORY = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


async def start(settings: DoorSettings, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agi_scripts", cwd=REPOSITORY, stderr=asyncio.subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "LINE1420_VAR": str(settings.var), **environment},
    )  # fmt: skip


async def test_it_answers_and_ends_cleanly_on_sigterm(door_settings: DoorSettings) -> None:
    port = free_port()
    process = await start(door_settings, LINE1420_AGI_PORT=str(port), LINE1420_AGI_TOKEN=TOKEN)
    deadline = time.monotonic() + 100
    while not await doors_answer("127.0.0.1", port, TOKEN):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    _, errors = await asyncio.wait_for(process.communicate(), 100)
    assert process.returncode == 0
    assert TOKEN not in errors.decode()


async def test_without_a_token_it_says_what_is_missing(door_settings: DoorSettings) -> None:
    process = await start(door_settings)
    _, errors = await asyncio.wait_for(process.communicate(), 100)
    assert process.returncode == 2
    assert "LINE1420_AGI_TOKEN" in errors.decode()


async def test_a_menu_that_is_not_there_is_told_before_a_call_comes(door_settings: DoorSettings) -> None:
    process = await start(door_settings, LINE1420_AGI_TOKEN=TOKEN, LINE1420_MENU="/nowhere/menu.toml")
    _, errors = await asyncio.wait_for(process.communicate(), 100)
    assert process.returncode == 2
    assert "/nowhere/menu.toml" in errors.decode()


@one_try_of_several
async def test_the_watchdog_bites_when_the_loop_stalls() -> None:
    bitten = threading.Event()
    watchdog = Watchdog(timedelta(seconds=0.3), bitten.set)
    watchdog.start()
    await asyncio.sleep(0.6)
    too_soon = bitten.is_set()
    bites = bitten.wait(20)  # the loop stands still in here
    await watchdog.stop()
    assert (too_soon, bites) == (False, True)


@one_try_of_several
async def test_the_watchdog_sleeps_while_the_loop_turns() -> None:
    bitten = threading.Event()
    watchdog = Watchdog(timedelta(seconds=0.6), bitten.set)
    watchdog.start()
    for _ in range(4):
        time.sleep(0.25)  # slow, but not stalled
        await asyncio.sleep(0.02)
    await watchdog.stop()
    assert not bitten.is_set()


async def test_a_stalled_process_ends_itself() -> None:
    code = (
        "import asyncio,time\nfrom datetime import timedelta\nfrom ivr.kernel.watchdog import Watchdog\n"
        "async def main():\n Watchdog(timedelta(seconds=0.3)).start()\n await asyncio.sleep(0.1)\n time.sleep(60)\n"
        "asyncio.run(main())"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=REPOSITORY, stderr=asyncio.subprocess.DEVNULL
    )
    assert await asyncio.wait_for(process.wait(), 100) == -signal.SIGABRT
