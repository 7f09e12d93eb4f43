"""Sixteen robot operators: they come and go by the plan, rest for its causes, and end their own work after a talk.

What they do goes through the API as their own browser would send it; two sign in by dialling 10 from their seat. What
they believe of themselves (`beliefs`) is what the line must still know after something died.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import SEAT_DESK
from tests.line import Line
from tests.scenarios.day.plan import Profile, Turn
from tests.scenarios.day.rota import account_of
from tests.scenarios.desk import Desk
from tests.scenarios.on_the_line.callers import signed_in

EARLY_SECONDS = 10.0
"""Of the run: so long before the first turn its agents are there; the first caller meets somebody."""
DIALLING_SECONDS = 20.0
"""A sign-in by telephone begins so much earlier; who is not signed in when it is over does it at the desk."""
_LOOK_EVERY = 0.25
_SHOWS_THE_DESK_EVERY = 60.0
"""An open desk page asks by itself now and then; who does not ask for minutes is signed out."""


@dataclass(frozen=True, order=True)
class _Act:
    at: float
    order: int
    what: Callable[[], None] = field(compare=False)


class Staff(threading.Thread):
    """`start()` before the run's beginning; `go_home()` when the last caller has gone."""

    def __init__(
        self,
        line: Line,
        folder: Path,
        profile: Profile,
        turns: Sequence[Turn],
        *,
        zero: float,
        closes: float,
        seed: int,
    ) -> None:
        """`zero`: the run's beginning by the monotonic clock; `closes`: its end in seconds of the run."""
        super().__init__(name="staff", daemon=True)
        self._line, self._folder, self._profile, self._zero = line, folder, profile, zero
        self._dice = random.Random(f"{seed}/staff")
        self._desks: dict[str, Desk] = {}
        self._stack = ExitStack()
        self._calls: list[Caller] = []
        self._cause: dict[str, str] = {}
        """Seat → the cause of the break its agent takes; empty for one who takes calls."""
        self._leaving: set[str] = set()
        self._done_at: dict[tuple[str, str], float] = {}
        """Seat and beginning of a wrap-up → when its agent is done with it, by the monotonic clock."""
        self._over, self._lock = threading.Event(), threading.Lock()
        self.troubles: list[str] = []
        self.ended_wrap_ups = self.returned_after_misses = 0
        self._acts = sorted(_Act(at, n, what) for n, (at, what) in enumerate(self._plan(turns, closes)))
        self._seats = sorted({seat for turn in turns for seat in turn.seats})

    def beliefs(self) -> dict[str, str]:
        """Who is on duty, and why not taking calls (empty: taking them)."""
        with self._lock:
            return dict(self._cause)

    def log_in(self) -> None:
        """Everybody opens their pages; to be done before the run, because passwords are slow on purpose."""
        for seat in self._seats:
            account = account_of(seat)
            self._desks[_name(seat)] = Desk(self._stack.enter_context(signed_in(self._line, account)), account)

    def go_home(self, seconds: float = 40) -> None:
        """Everybody who is still there leaves after the talk they are in. Returns when all have."""
        with self._lock:
            self._leaving |= set(self._cause)
        end = time.monotonic() + seconds
        while self.beliefs() and time.monotonic() < end and self.is_alive():
            time.sleep(0.2)
        if left := self.beliefs():
            self.troubles.append(f"could not go home: {sorted(left)}")
        self.close()

    def close(self) -> None:
        """Stop acting, wherever everybody is."""
        self._over.set()
        if self.is_alive():
            self.join(10)
        for call in self._calls:
            call.stop()
        self._stack.close()

    def run(self) -> None:
        shown = time.monotonic()
        with self._line.api() as api:
            while not self._over.wait(_LOOK_EVERY):
                now = time.monotonic()
                try:
                    while self._acts and self._acts[0].at <= now - self._zero:
                        self._acts.pop(0).what()
                    answer = api.get("/duties").raise_for_status()
                    self._look(answer.json()["items"], now)
                    if now - shown > _SHOWS_THE_DESK_EVERY:
                        shown = now
                        for seat in self.beliefs():
                            self._desks[seat].show()
                except Exception as error:  # noqa: BLE001 - a robot that stops working would hide what made it stop
                    self.troubles.append(f"{now - self._zero:.1f} s: {type(error).__name__}: {error}")

    def _plan(self, turns: Sequence[Turn], closes: float) -> Sequence[tuple[float, Callable[[], None]]]:
        acts: list[tuple[float, Callable[[], None]]] = []
        for turn in turns:
            comes = turn.begins - EARLY_SECONDS if turn.begins == 0 else turn.begins
            for seat in turn.seats:
                name = _name(seat)
                if seat in self._profile.by_telephone:
                    acts.append((comes - DIALLING_SECONDS, lambda s=seat: self._dials(s)))
                acts.append((comes, lambda s=name: self._comes(s)))
                for rest in turn.rests:
                    acts.append((rest.begins, lambda s=name, c=rest.cause: self._rests(s, c)))
                    acts.append((rest.begins + rest.seconds, lambda s=name: self._is_back(s)))
                if turn.ends < closes:
                    acts.append((turn.ends, lambda s=name: self._leaving.add(s)))
        return acts

    def _dials(self, seat: int) -> None:
        account, name = self._line.run["accounts"][account_of(seat)], _name(seat)
        call = Caller(
            self._folder / f"{name}-dials", f"127.0.0.1:{self._line.sip_port}", number=SEAT_DESK, user=name,
            secret=self._line.run["seats"][name]["secret"],
        )  # fmt: skip
        self._calls.append(call)
        call.pause(1.5).press(f"{account['agent_number']}#{account['pin']}").until_bye(40).dial(limit_seconds=60)

    def _comes(self, seat: str) -> None:
        desk = self._desks[seat]
        if desk.duty is None:
            desk.do("POST", "/duty", seat=seat)
        self._believe(seat, "")

    def _rests(self, seat: str, cause: str) -> None:
        self._desks[seat].do("POST", "/duty/pauses", cause=cause)
        self._believe(seat, cause)

    def _is_back(self, seat: str) -> None:
        self._desks[seat].do("POST", "/duty/ready")
        self._believe(seat, "")

    def _believe(self, seat: str, cause: str) -> None:
        with self._lock:
            self._cause[seat] = cause

    def _look(self, duties: Sequence[Mapping[str, Any]], now: float) -> None:
        """End the work after a talk when its time has come; go when the turn is over and nobody is on the line."""
        busy = self._busy() if self._leaving else set[str]()
        for duty in duties:
            seat, work = duty["seat"], duty["wrap_up"]
            if seat in self._leaving and seat not in busy:
                self._desks[seat].do("DELETE", "/duty")
                with self._lock:
                    self._leaving.discard(seat)
                    self._cause.pop(seat, None)
                continue
            if any(pause["cause"] == "missed_calls" for pause in duty["pauses"]) and not self.beliefs().get(seat):
                self._desks[seat].do("POST", "/duty/ready")
                self.returned_after_misses += 1
            if work is None:
                continue
            key = (seat, work["since"])
            if key not in self._done_at:
                drawn = self._profile.lengths["wrap_up"].drawn(self._profile.speed, self._dice)
                self._done_at[key] = now + drawn
            elif now >= self._done_at[key]:
                self._done_at[key] = float("inf")
                self._ends_work(seat)

    def _ends_work(self, seat: str) -> None:
        answer = self._desks[seat].ask("DELETE", "/duty/wrap-up")
        if answer.status_code < 300:
            self.ended_wrap_ups += 1
        elif answer.status_code != 404:  # its limit was faster
            self.troubles.append(f"{seat} could not end its work: {answer.status_code} {answer.text}")

    def _busy(self) -> set[str]:
        """Seats with a call, as the floor's page shows them."""
        with self._line.api() as api:
            board = api.get("/board").raise_for_status().json()
        return {seat["seat"] for seat in board["seats"] if seat["state"] in {"ringing", "talking", "holding"}}


def _name(seat: int) -> str:
    return f"seat{seat:02d}"
