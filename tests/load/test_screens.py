"""Many screens and a storm of events: the page stays young, and who does not read costs nobody anything."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.second_opinion import Manager, Truth
from tests.line import Line
from tests.load.pages import Asked, pages_ask
from tests.load.screens import Latency, deaf_screen, event_to_screen, storm_over, watch
from tests.load.traffic import write_figures

pytestmark = [pytest.mark.line, pytest.mark.timeout(900)]

MIB = 1 << 20
LISTENER_MEMORY = 64 * MIB
"""What a storm may add to the listener for good; its inbox holds at most 8 MiB of text."""


class LateError(AssertionError):
    """A figure that a machine with other work may spoil. Whatever is lost, grows or dies is none."""


def in_time(held: bool, figures: object) -> None:
    if not held:
        raise LateError(figures)


def holds_in_a_run(run: Callable[[], None], runs: int = 3) -> None:
    """What is slow by its code is slow in every run; what the machine held up is not."""
    for _ in range(runs - 1):
        with contextlib.suppress(LateError):
            return run()
    return run()


def truth_of(line: Line) -> Truth:
    with Manager(
        int(line.environment["LINE1420_AMI_PORT"]), line.environment["LINE1420_AMI_LISTENER_SECRET"]
    ) as manager:
        return manager.truth()


def wrong(line: Line) -> list[str]:
    """Where the board of a whole line, as the API shows it, is not what Asterisk says."""
    truth = truth_of(line)
    with line.api() as client:
        board = client.get("/board").json()
    found = ["stale"] if board["stale"] else []
    for queue in board["queues"]:
        waiting = [caller["leg_id"] if "leg_id" in caller else caller["call_id"] for caller in queue["waiting"]]
        members = sum(name == queue["name"] for name, _ in truth.members)
        if len(waiting) != len(truth.waiting[queue["name"]]) or queue["members_total"] != members:
            found.append(f"{queue['name']}: {queue}")
    for seat in board["seats"]:
        reasons = {
            reason for (_, name), (_, paused, reason) in truth.members.items() if name == seat["seat"] and paused
        }
        if {seat["pause_reason"] or ""} != (reasons or {""}):
            found.append(f"{seat['seat']}: {seat['pause_reason']}, Asterisk says {reasons}")
    return found


def is_right(line: Line, seconds: float) -> float:
    began = time.monotonic()
    while found := wrong(line):
        assert time.monotonic() - began < seconds, found
        time.sleep(0.2)
    return time.monotonic() - began


def memory(pid: int) -> int:
    """Resident bytes of a process."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    return int(re.findall(r"VmRSS:\s+(\d+) kB", status)[0]) * 1024


def processor(pid: int) -> float:
    """Seconds of processor time so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def asterisk_of(line: Line) -> int:
    """Asterisk runs in a sandbox; its own process is the one that is called so."""
    ours = str(line.var / "asterisk" / "etc")
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if command[0].endswith("/asterisk") and any(ours in part for part in command):
            return int(entry.name)
    raise AssertionError("Asterisk does not run")


def kept_by_the_kernel(line: Line) -> list[int]:
    """Bytes waiting in each connection of the web process that its other end has not taken."""
    port = f"{int(line.environment['LINE1420_WEB_PORT']):04X}"
    rows = [row.split() for row in Path("/proc/net/tcp").read_text("utf-8").splitlines()[1:]]
    return [int(row[4].split(":")[0], 16) for row in rows if row[1].endswith(f":{port}") and row[3] == "01"]


@pytest.mark.parametrize("seconds", [10, pytest.param(60, marks=pytest.mark.slow)])
def test_a_storm_neither_cuts_the_link_nor_makes_the_page_old(busy_line: Line, seconds: int) -> None:
    """A thousand events a second: the link holds, the listener stays small, and the page is at most two seconds late."""
    holds_in_a_run(lambda: storm_and_page(busy_line, seconds))


def storm_and_page(busy_line: Line, seconds: int) -> None:
    listener, web = (busy_line.supervision.pids()[name] for name in ("listener", "web"))
    before, spent = memory(listener), processor(listener) + processor(web)
    (latency,) = asyncio.run(watch(busy_line, per_second=1000, seconds=seconds))
    used = processor(listener) + processor(web) - spent
    figures = {
        "latency": str(latency),
        "listener grew by MiB": round((memory(listener) - before) / MIB, 1),
        "processor seconds of listener and web per second": round(used / seconds, 2),
    }
    write_figures(f"event-storm-{seconds}-s", figures)
    assert latency.events == latency.made, figures
    in_time(latency.made >= 1000 / 4 * seconds * 0.8, figures)
    in_time(latency.p99 <= 2.0, figures)
    assert memory(listener) - before < LISTENER_MEMORY
    is_right(busy_line, 30)
    assert busy_line.supervision.pids()["listener"] == listener


def test_a_change_is_on_the_screen_within_two_hundred_milliseconds(busy_line: Line) -> None:
    """Two hundred events a second, one screen; the bench measures the same on a quiet machine and holds it to 200 ms.

    Other lanes start whole lines beside this one, and one halt of a second is four of four hundred changes: here the
    greater part is held to 200 ms, and nothing may be older than in a storm."""
    holds_in_a_run(lambda: change_to_screen(busy_line))


def change_to_screen(busy_line: Line) -> None:
    latency = event_to_screen(busy_line, per_second=200, seconds=8)
    write_figures("event-to-screen", {"latency": str(latency), "p99_ms": round(latency.p99 * 1000)})
    assert latency.events == latency.made
    in_time(latency.p50 <= 0.2 and latency.p95 <= 1.0 and latency.p99 <= 2.0, latency)


async def one_screen(line: Line, seconds: float) -> float:
    web = line.supervision.pids()["web"]
    spent = processor(web)
    await watch(line, per_second=200, seconds=seconds)
    return processor(web) - spent


async def fifty_pages(line: Line, seconds: float) -> tuple[list[Latency], Asked]:
    async with pages_ask(line, 45) as asked:
        return await watch(line, per_second=200, seconds=seconds, screens=45), asked


@pytest.mark.parametrize("seconds", [15, pytest.param(300, marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
def test_fifty_screens_of_which_five_never_read(busy_line: Line, seconds: int) -> None:
    """The five are cut off and cost at most 1 MiB each meanwhile; the others, which ask for their parts as a page does, are
    never more than two seconds late and take less than one core together."""
    holds_in_a_run(lambda: fifty_screens(busy_line, seconds), runs=1 if seconds > 60 else 3)


def fifty_screens(busy_line: Line, seconds: int) -> None:
    web = busy_line.supervision.pids()["web"]
    alone = asyncio.run(one_screen(busy_line, 8.0)) / 8.0
    before, spent = memory(web), processor(web)
    deaf = [deaf_screen(busy_line.web, busy_line.run["api_token"]) for _ in range(5)]
    try:
        began, kept, cut = time.monotonic(), Kept(busy_line), False
        with kept:
            latencies, asked = asyncio.run(fifty_pages(busy_line, seconds))
        together = (processor(web) - spent) / (time.monotonic() - began)
        cut = all(is_cut(end) for end in deaf)
    finally:
        for end in deaf:
            end.close()
    worst = max(latencies, key=lambda latency: latency.p99)
    figures = {
        "worst screen": str(worst),
        "web processor, 1 screen": round(alone, 3),
        "web processor, 50 screens": round(together, 3),
        "web grew by MiB": round((memory(web) - before) / MIB, 1),
        "most bytes the kernel kept for one connection": kept.most,
        "the five were cut off": cut,
        "parts drawn for pages": asked.answered,
    }
    write_figures(f"fifty-screens-{seconds}-s", figures)
    assert all(latency.events == latency.made for latency in latencies), figures
    in_time(asked.answered > 45 * seconds / 15, figures)
    # the short run shares two cores with the suite's other lanes; a page that is told 503 asks again
    in_time(asked.refused <= (0 if seconds > 60 else 0.05 * asked.answered), figures)
    in_time(together < 1.0, figures)
    in_time(worst.p99 <= 2.0 if seconds > 60 else worst.p95 <= 4.0, figures)
    assert kept.most + (memory(web) - before) / 50 <= MIB, figures
    assert cut, figures


class Kept:
    """Watches, in a thread, the most that the kernel keeps for one connection of the web process."""

    def __init__(self, line: Line) -> None:
        self.most = 0
        self._line, self._stop = line, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)

    def _look(self) -> None:
        while not self._stop.wait(0.5):
            self.most = max([self.most, *kept_by_the_kernel(self._line)])


def is_cut(deaf: socket.socket) -> bool:
    """Whether the server reset this connection: then what is still in the buffer is followed by an error or the end."""
    deaf.settimeout(15.0)
    until = time.monotonic() + 30
    try:
        while deaf.recv(1 << 20):
            if time.monotonic() > until:
                return False
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_listener_that_stands_still_in_a_storm_comes_back_right_and_asterisk_forgets_it(busy_line: Line) -> None:
    """For thirty seconds it reads nothing of a thousand events a second. Asterisk cuts it off, or keeps the news for it;
    afterwards the board is right within five seconds of the login, and Asterisk's memory is what it was."""
    asterisk = asterisk_of(busy_line)
    asyncio.run(watch(busy_line, per_second=1000, seconds=10))  # both have grown to their working size
    before = memory(asterisk)
    busy_line.supervision.signal("listener", "STOP")
    try:
        storm = storm_over(busy_line, 1000).start()
        time.sleep(30)
        peak = memory(asterisk)
        with busy_line.api() as client:
            assert client.get("/board").json()["stale"]
    finally:
        busy_line.supervision.signal("listener", "CONT")
        storm.stop()
    took = is_right(busy_line, 20)
    time.sleep(5)
    figures = {
        "right again after s": round(took, 1),
        "events": storm.made,
        "Asterisk MiB before, peak, after": [round(size / MIB, 1) for size in (before, peak, memory(asterisk))],
    }
    write_figures("listener-frozen-30-s", figures)
    assert memory(asterisk) - before < 8 * MIB, figures
