"""A fault proxy beside a test that is no coroutine, and the listener of a whole line behind it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.faults.ami_proxy import AmiProxy
from tests.line import REPOSITORY, Line


@contextmanager
def proxy(port: int) -> Iterator[tuple[AmiProxy, Callable[[Callable[[], None]], object]]]:
    """A fault proxy with a loop of its own: its attributes may be set from here, what it does goes through the second."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    found = AmiProxy(port)
    asyncio.run_coroutine_threadsafe(found.__aenter__(), loop).result(30)
    try:
        yield found, loop.call_soon_threadsafe
    finally:
        asyncio.run_coroutine_threadsafe(found.__aexit__(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@contextmanager
def listener_behind(line: Line, port: int) -> Iterator[None]:
    """The line's own listener makes room for one that reaches Asterisk through `port`."""
    line.supervision.stop("listener")
    environment = line.environment | {"LINE1420_AMI_PORT": str(port), "LINE1420_PROCESS": "listener"}
    with (line.var / "log" / "listener-behind-proxy.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.processes.listener"], cwd=REPOSITORY, env=environment, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)
        line.supervision.start("listener")
