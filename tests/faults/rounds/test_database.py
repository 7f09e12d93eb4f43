"""The database goes away in four ways under a light load: calls go on, the web says so honestly, nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from ivr.kernel.clock import SystemClock
from tests.faults.checker.check import check_line
from tests.faults.checker.limits import GRACE
from tests.faults.rounds.asking import dsn_of
from tests.faults.rounds.hurts import by_name
from tests.faults.rounds.load import Asker, callers, witnesses_of
from tests.faults.rounds.play import until_back
from tests.faults.rounds.tally import SEED, Round, Tally
from tests.line import Line
from tests.scenarios.on_the_line.callers import Scenario, eventually, scenario

pytestmark = [pytest.mark.line, pytest.mark.timeout(900)]

WEB_BACK_WITHIN = 15.0
MOST_UNHELD = 0.2
"""Share of callers whom a door may miss because the machine stood still; more of them are the database's doing."""
MANY, TAKEN_WITHIN = 60, 60.0
"""Connections of somebody else, and seconds in which they have them on the slowest machine."""
TERMINATE = by_name("postgres: all our back ends terminated").strike


def stopped(line: Line, seconds: float) -> None:
    line.supervision.stop("postgres")
    time.sleep(seconds)
    line.supervision.start("postgres")


def terminated_again_and_again(line: Line, seconds: float) -> None:
    """Every connection of ours is ended three times a second, whatever it is in the middle of."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        TERMINATE(line)
        time.sleep(0.3)


def exhausted(line: Line, seconds: float) -> None:
    """Somebody else takes every connection that the server has; ours are ended once, so that they need new ones."""

    async def take_all() -> None:
        held: list[asyncpg.Connection] = []
        until = time.monotonic() + TAKEN_WITHIN
        try:
            while time.monotonic() < until:
                with contextlib.suppress(asyncpg.PostgresError, OSError):
                    while time.monotonic() < until:
                        held.append(await asyncpg.connect(dsn_of(line), timeout=10))
                        if len(held) == MANY:
                            await held[0].execute(
                                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                " WHERE application_name LIKE 'line1420%'"
                            )
                        if len(held) == MANY + 1:
                            until = time.monotonic() + seconds
                await asyncio.sleep(0.1)
            assert len(held) > MANY
        finally:
            for connection in held:
                connection.terminate()

    asyncio.run(take_all())


def locked(line: Line, seconds: float) -> None:
    """Another session holds the records for itself alone."""

    async def hold() -> None:
        connection = await asyncpg.connect(dsn_of(line), timeout=30)
        try:
            async with connection.transaction():
                await connection.execute("LOCK TABLE call_record, visit IN ACCESS EXCLUSIVE MODE")
                await asyncio.sleep(seconds)
        finally:
            connection.terminate()

    asyncio.run(hold())


FAULTS: dict[str, tuple[Callable[[Line, float], None], float]] = {
    "stopped": (stopped, 10),
    "back ends terminated again and again": (terminated_again_and_again, 5),
    "connections exhausted": (exhausted, 6),
    "records locked": (locked, 7),
}


@pytest.fixture
def floor(hurt_line: Line, tmp_path: Path):
    with scenario(hurt_line, tmp_path) as play:
        for seat in ("seat16", "seat15"):
            play.operator(seat, talk_seconds=3.0)
        yield play


def suffer(floor: Scenario, folder: Path, serial: int, faults: dict[str, tuple[Callable[[Line, float], None], float]]):
    """One load, the faults one after the other; a round for each. Calls and the verdict are counted with the first."""
    line, since, rounds = floor.line, SystemClock().now(), []
    asker = Asker(line)
    asker.start()
    with callers(line, folder, serial, sum(seconds for _, seconds in faults.values()) + 6 * len(faults)) as crowds:
        time.sleep(3)
        for name, (fault, seconds) in faults.items():
            told = Round("postgres", f"{name} ({seconds:.0f} s)", faults=1)
            rounds.append(told)
            fault(line, seconds)
            mended = time.monotonic()
            told.back_seconds = until_back(line, mended, fresh_after=SystemClock().now())
            with contextlib.suppress(AssertionError):
                eventually(lambda: asker.last == 200, seconds=WEB_BACK_WITHIN, what="the web answers again")
            if asker.last != 200:
                told.breaches.append(f"the web did not answer {WEB_BACK_WITHIN:.0f} s after the database was back")
            if told.back_seconds is None:
                told.breaches.append("the line was not back in time")
            time.sleep(2)
    asker.end()
    settling = time.monotonic()
    first, witnesses = rounds[0], witnesses_of(line, crowds)
    report = check_line(line, witnesses, since=since, until=SystemClock().now())
    first.settled_seconds = round(time.monotonic() - settling, 1)
    first.calls = len(witnesses)
    unheld = sum(not witness.may_end_as for witness in witnesses)
    if unheld > MOST_UNHELD * len(witnesses):
        first.breaches.append(f"doors did not answer {unheld} of {len(witnesses)} callers in time")
    first.endings = {"web": [f"{status}: {count}" for status, count in sorted(asker.answers.items())]}
    first.breaches += [str(breach) for breach in report.breaches]
    first.breaches += [f"the web answered {status}" for status in asker.answers if status not in {"200", "503"}]
    first.breaches += [f"{crowd.name}: {crowd.troubles()[:500]}" for crowd in crowds if crowd.process.returncode]
    for told in rounds:
        told.green = not told.breaches
    return rounds


@pytest.mark.parametrize(
    "ways", [pytest.param(2, id="two ways"), pytest.param(4, id="four ways", marks=pytest.mark.slow)]
)
def test_the_database_goes_away(ways: int, floor: Scenario, tally: Tally, tmp_path: Path) -> None:
    """The printed seed says in which ways: two in every run, all in a long one."""
    names = random.Random(SEED).sample(list(FAULTS), ways)
    rounds = suffer(floor, tmp_path / "load", ways, {name: FAULTS[name] for name in names})
    tally.add(*rounds)
    breaches = [breach for told in rounds for breach in told.breaches]
    assert breaches == [], "\n".join([*breaches, floor.line.logs(8)])
    assert ways == 2 or (rounds[0].settled_seconds or 0) <= GRACE, "everything was caught up too late"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_database_is_away_for_five_minutes(floor: Scenario, tally: Tally, tmp_path: Path) -> None:
    rounds = suffer(floor, tmp_path / "load", 5, {"stopped": (stopped, 300)})
    tally.add(*rounds)
    breaches = [breach for told in rounds for breach in told.breaches]
    assert breaches == [], "\n".join([*breaches, floor.line.logs(8)])
    assert (rounds[0].settled_seconds or 0) <= GRACE, "everything was caught up too late"
