"""A light steady load of callers, and a client who asks the web all the while: what goes on around a fault."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from asterisk_conf.robots.crowd import Crowd, HangUp, Press, Seen, Wait, crowd_numbers
from tests.faults.checker.witness import Witness
from tests.line import Line
from tests.load.traffic import met_a_fallback

RATE = 0.5
"""Calls per second of each journey."""
JOURNEYS = {
    "asks for information": (
        [Wait(2.5, 4), Press("4"), Wait(0.8), Press(("1", "2", "3")), Wait(4, 9), HangUp()],
        frozenset({"self_served", "menu_abandoned"}),
    ),
    "wants an operator": (
        [Wait(2.5, 4), Press("1"), Wait(0.8), Press(("1", "2", "3")), Wait(12, 18), HangUp()],
        frozenset({"answered", "abandoned"}),
    ),
}


@contextmanager
def callers(line: Line, folder: Path, serial: int, seconds: float) -> Iterator[list[Crowd]]:
    """Callers of every journey, one after the other for `seconds`; at the end those who are up may finish."""
    crowds = [
        Crowd(folder, f"load-{n}", f"127.0.0.1:{line.sip_port}", steps, rate=RATE, seed=serial).start(
            crowd_numbers(f"0914{serial % 1000:03}{n}", max(1, round(seconds * RATE)))
        )
        for n, (steps, _) in enumerate(JOURNEYS.values())
    ]
    try:
        yield crowds
        for crowd in crowds:
            crowd.no_more()
        for crowd in crowds:
            crowd.wait(60)
    finally:
        for crowd in crowds:
            crowd.stop()


def witnesses_of(line: Line, crowds: list[Crowd]) -> list[Witness]:
    """What the callers met. Their calls go on whatever happens to a database; whom a door did not answer in time, on a machine
    that had none to give, may have ended in any way that the ledgers tell."""
    hurt = met_a_fallback(line)
    return [
        _witness(seen, journey, frozenset() if seen.number in hurt else ends)
        for crowd, (journey, (_, ends)) in zip(crowds, JOURNEYS.items(), strict=True)
        for seen in crowd.seen()
    ]


def _witness(seen: Seen, journey: str, ends: frozenset[str]) -> Witness:
    return Witness(
        seen.number, journey, seen.dialled_at, seen.answered_at, seen.ended_at, seen.ended_by, seen.keys, ends
    )


class Asker(threading.Thread):
    """Asks for the newest calls four times a second, as a page would, and notes every answer."""

    def __init__(self, line: Line) -> None:
        super().__init__(daemon=True)
        self._line, self._over = line, threading.Event()
        self.answers: Counter[str] = Counter()
        """Status, `no answer`, or `503 without Retry-After`."""
        self.last = 0
        self.slowest = 0.0

    def run(self) -> None:
        with self._line.api() as api:
            while not self._over.wait(0.25):
                began = time.monotonic()
                try:
                    answer = api.get("/calls", params={"limit": "5"})
                except httpx2.HTTPError as error:
                    self.answers[f"no answer: {type(error).__name__}"] += 1
                    continue
                self.last = answer.status_code
                honest = answer.status_code != 503 or "retry-after" in answer.headers
                self.answers[f"{answer.status_code}" if honest else "503 without Retry-After"] += 1
                self.slowest = max(self.slowest, time.monotonic() - began)

    def end(self) -> None:
        self._over.set()
        self.join(60)
