"""The floor's page as a browser gets it, and the check of it against Asterisk's own word every few seconds."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import httpx2

from ivr.kernel.clock import SystemClock
from tests.faults.second_opinion import Manager
from tests.line import Line
from tests.scenarios.day.comparing import Said, judged, said_by, shown_by, wrong
from tests.scenarios.on_the_line.callers import signed_in

EVERY_SECONDS = 5.0
"""Between two checks."""
SECOND = 1.0
LOOKS = 5
"""Questions to Asterisk in that second; one more comes after the board was taken, which may be ahead of the last."""
_NO_ANSWER = (OSError, ConnectionError, AssertionError, KeyError)


class Screen:
    """A supervisor's browser on the floor page: the newest picture of the stream, and how old it is at this moment."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.picture: dict[str, Any] | None = None
        self._came = 0.0
        self.pictures = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="screen", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(10)

    @property
    def age(self) -> float:
        """Seconds since the picture was last proved true."""
        if self.picture is None or self.picture["age_seconds"] is None:
            return float("inf")
        return self.picture["age_seconds"] + time.monotonic() - self._came

    @property
    def says_stale(self) -> bool:
        return self.picture is None or self.picture["stale"]

    def _run(self) -> None:
        with signed_in(self._line, "supervisor") as browser:
            while not self._over.is_set():
                with contextlib.suppress(httpx2.HTTPError):
                    self._watch(browser)
                self._over.wait(0.2)

    def _watch(self, browser: httpx2.Client) -> None:
        with browser.stream("GET", "/api/v1/board/stream", timeout=10) as stream:
            for row in stream.iter_lines():
                if row.startswith("data:"):
                    self.picture, self._came = json.loads(row[5:]), time.monotonic()
                    self.pictures += 1
                if self._over.is_set():
                    return


class Exchange:
    """Asterisk's own word, over a connection of our own that comes back when Asterisk does."""

    def __init__(self, line: Line) -> None:
        self._port = int(line.run["ports"]["ami"])
        self._secret = line.environment["LINE1420_AMI_LISTENER_SECRET"]
        self._manager: Manager | None = None

    def said(self) -> Said | None:
        """What it holds now; None when it does not answer."""
        try:
            if self._manager is None:
                self._manager = Manager(self._port, self._secret).__enter__()
            items = self._manager.items("QueueStatus", "QueueStatusComplete")
        except _NO_ANSWER:
            self.close()
            return None
        return said_by(items, SystemClock().now().timestamp())

    def close(self) -> None:
        if self._manager is not None:
            with contextlib.suppress(*_NO_ANSWER):
                self._manager.__exit__()
            self._manager = None


@dataclass
class Checks:
    """What the checks of a run found."""

    made: int = 0
    unanswered: int = 0
    """Not made, because Asterisk gave no answer outside of a trouble."""
    healed: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


class Watch(threading.Thread):
    """Checks every few seconds while it is not asked to look away."""

    def __init__(self, line: Line, screen: Screen, when: Callable[[], str]) -> None:
        """`when`: the time of the replayed day, for what is told."""
        super().__init__(name="watch", daemon=True)
        self._screen, self._when, self._exchange = screen, when, Exchange(line)
        self._over, self._free = threading.Event(), threading.Lock()
        self.checks = Checks()

    @contextlib.contextmanager
    def looks_away(self) -> Iterator[None]:
        """While something is broken on purpose, which is judged otherwise. Waits for the check that is being made."""
        with self._free:
            yield

    def stop(self) -> None:
        self._over.set()
        self.join(15)
        self._exchange.close()

    def run(self) -> None:
        while not self._over.wait(EVERY_SECONDS):
            with self._free:
                self._check()

    def _check(self) -> None:
        first = self._wrong_in_a_second()
        then = self._wrong_in_a_second() if first else {}
        if first is None or then is None:
            self.checks.unanswered += 1
            return
        self.checks.made += 1
        real, healed = judged(first, then)
        self.checks.differences += [f"{self._when()} {words}" for words in real]
        self.checks.healed += [f"{self._when()} {words}" for words in healed]

    def _wrong_in_a_second(self) -> dict[Any, str] | None:
        said: list[Said | None] = []
        for _ in range(LOOKS):
            said.append(self._exchange.said())
            time.sleep(SECOND / LOOKS)
        picture = self._screen.picture
        said.append(self._exchange.said())
        answers = [one for one in said if one is not None]
        if picture is None or len(answers) < len(said):
            return None
        if self._screen.says_stale:
            return {("board", "itself"): f"it calls itself stale, {self._screen.age:.0f} s old, and nothing is broken"}
        return wrong(shown_by(picture), answers)
