"""One replay: the plan on a line, everybody at work, troubles at their moments, and everything that was found of it."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from asterisk_conf.robots.crew import Crew
from asterisk_conf.robots.ear import Ear
from ivr.kernel.clock import SystemClock
from tests.line import Line
from tests.scenarios.day import rota
from tests.scenarios.day.callers import LAST_CALL_SECONDS, Callers, lengths_of_talks, ways
from tests.scenarios.day.judging import Played
from tests.scenarios.day.plan import Profile, Window, arrivals, moments, turns
from tests.scenarios.day.staff import DIALLING_SECONDS, EARLY_SECONDS, Staff
from tests.scenarios.day.troubles import ROOM_SECONDS, Breaker, Trouble
from tests.scenarios.day.watching import Screen, Watch
from tests.scenarios.desk import Desk
from tests.scenarios.on_the_line.callers import signed_in

_PREPARING = timedelta(seconds=EARLY_SECONDS + DIALLING_SECONDS + 20)
"""Before the run's beginning, which is a whole minute: passwords, telephones, the first signing in."""
RING_SECONDS = 0.5


def replay(
    line: Line, folder: Path, speech: Path, profile: Profile, window: Window, kinds: Sequence[str], *, seed: int
) -> Played:
    """Play the window with these troubles. `folder` keeps the robots' logs."""
    dice = random.Random(f"{seed}/day")
    plan, comes = turns(profile, window), arrivals(profile, window, dice)
    begins = _next_minute(SystemClock().now() + _PREPARING)
    zero = time.monotonic() + (begins - SystemClock().now()).total_seconds()
    limit = window.seconds + _PREPARING.total_seconds() + 3 * LAST_CALL_SECONDS
    target = f"127.0.0.1:{line.sip_port}"
    secrets = {name: seat["secret"] for name, seat in line.run["seats"].items()}
    crew = Crew(
        folder,
        target,
        secrets,
        ring_seconds=RING_SECONDS,
        lengths=lengths_of_talks(profile, seed),
        limit_seconds=int(limit),
    )
    people = Callers(folder, target, ways(profile, speech), seed=seed, limit_seconds=limit)
    staff = Staff(line, folder, profile, plan, zero=zero, closes=window.seconds, seed=seed)
    found: list[Trouble] = []
    with signed_in(line, "supervisor") as browser:
        lead = Desk(browser, "supervisor")
        rota.enter(lead, plan, begins)
        crew.sign_in()
        try:
            staff.log_in()
            staff.start()
            with Screen(line) as screen, Ear(crew.log, people.crowds):
                watch = Watch(line, screen, lambda: window.spoken(time.monotonic() - zero))
                breaker = Breaker(line, screen, staff.beliefs)
                _until(zero - 2)
                people.start([at + 2 for at in comes])
                watch.start()
                for at, kind in moments(kinds, window.seconds, ROOM_SECONDS, dice) if kinds else ():
                    _until(zero + at)
                    with watch.looks_away():
                        found.append(breaker.suffer(kind, window.spoken(time.monotonic() - zero)))
                _until(zero + window.seconds)
                end = time.monotonic() + LAST_CALL_SECONDS
                while not people.over and time.monotonic() < end:
                    time.sleep(0.2)
                staff.go_home()
                watch.stop()
        finally:
            people.stop()
            staff.close()
            crew.sign_out()
        measured = rota.adherence(lead, begins)
    since = begins - _PREPARING - timedelta(minutes=1)
    return Played(line, folder, profile, window, seed, since, crew, people, staff, watch.checks, found, measured)


def _next_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0) + timedelta(minutes=1)


def _until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
