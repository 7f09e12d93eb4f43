"""What is broken during a day, and what the floor's page says meanwhile.

Three kinds: the listener is killed and kept away, the wire to the manager interface is cut and refused, Asterisk is killed
or restarted. Of each is measured, from outside: how soon the page called itself stale, how soon after the return it was
Asterisk's own picture again, and how soon Asterisk held every agent as the agents believe. What returns is what was broken:
the listener when its process holds a connection to Asterisk, the wire when it is mended, Asterisk when it answers a question.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ivr.kernel.clock import SystemClock
from tests.faults.behind_proxy import listener_behind, proxy
from tests.faults.rounds.hurts import by_name
from tests.line import Line
from tests.scenarios.day.comparing import Said, shown_by, wrong
from tests.scenarios.day.watching import Exchange, Screen

AWAY_SECONDS = 12.0
"""The listener and the wire are kept away so long: longer than the page may take to say that it is old."""
STALE_WITHIN = 10.0
RIGHT_WITHIN = 5.0
AGENTS_WITHIN = 10.0
"""After the return, as everywhere (tests/scenarios/agents)."""
BACK_WITHIN = 40.0
"""Until what was broken is there again, so that a day does not hang on it."""
ROOM_SECONDS = 45.0
"""One trouble with all that is waited for."""
LISTENER, WIRE, KILLED, RESTARTED = "listener: kill -9", "AMI link: cut", "asterisk: kill -9", "asterisk: restart"
_AHEAD_OF_ASTERISK = ("", "wrap_up", "missed_calls")
"""Reasons that the line itself gives to agents who believe that they take calls."""


@dataclass(slots=True)
class Trouble:
    """Seconds; None where it never came, or (stale) where the line was back before anything was old."""

    kind: str
    day_time: str
    struck_at: float
    """Since 1970; with `right_at` the span in which calls cannot be counted from outside."""
    right_at: float = 0.0
    back: float | None = None
    stale: float | None = None
    oldest_unsaid: float = 0.0
    """The greatest age of a picture that was not called stale."""
    right: float | None = None
    agents: float | None = None
    wrong: str = ""
    cut_calls: bool = False

    def breaches(self) -> list[str]:
        """What was promised and not kept."""
        found: list[str] = []
        if self.oldest_unsaid > STALE_WITHIN:
            found.append(f"a picture {self.oldest_unsaid:.1f} s old did not say so")
        if self.kind in (LISTENER, WIRE) and (self.stale is None or self.stale > STALE_WITHIN):
            found.append(f"stale after {self.stale} s")
        if self.back is None:
            found.append("it did not come back")
        elif self.right is None or self.right > RIGHT_WITHIN:
            found.append(f"right {self.right} s after the return: {self.wrong}")
        elif self.agents is None or self.agents > AGENTS_WITHIN:
            found.append(f"agents where they were {self.agents} s after the return: {self.wrong}")
        return [f"{self.day_time} {self.kind}: {text}" for text in found]


class Breaker:
    """`suffer(kind)` breaks one thing and returns when all is well again, or its time is up."""

    def __init__(self, line: Line, screen: Screen, beliefs: Callable[[], dict[str, str]]) -> None:
        self._line, self._screen, self._beliefs = line, screen, beliefs
        self._port = int(line.environment["LINE1420_AMI_PORT"])
        self._struck = 0.0

    def suffer(self, kind: str, day_time: str) -> Trouble:
        trouble = Trouble(kind, day_time, SystemClock().now().timestamp())
        if kind == WIRE:
            with self._behind_a_proxy() as (cut, heal):
                trouble.struck_at, self._struck = SystemClock().now().timestamp(), time.monotonic()
                cut()
                self._see(trouble, AWAY_SECONDS)
                heal()
                self._mended(trouble, lambda _: True)
        else:
            self._struck = time.monotonic()
            self._strike(kind, trouble)
            trouble.cut_calls = kind in (KILLED, RESTARTED)
            self._mended(trouble, _answers if trouble.cut_calls else self._own_listener_is_connected)
        trouble.right_at = SystemClock().now().timestamp()
        return trouble

    def _strike(self, kind: str, trouble: Trouble) -> None:
        if kind == LISTENER:
            self._line.supervision.signal("listener", "KILL")
            for _ in range(
                3
            ):  # the supervisor starts it again; between its death and that there is nothing to be stopped
                self._line.supervision.stop("listener")
                time.sleep(0.4)
            self._see(trouble, AWAY_SECONDS)
            self._line.supervision.start("listener")
        else:
            by_name(kind).strike(self._line)

    @contextmanager
    def _behind_a_proxy(self) -> Iterator[tuple[Callable[[], None], Callable[[], None]]]:
        """The listener behind a wire that can be cut; yields when the board lives on it."""
        epoch = self._screen.picture["epoch"] if self._screen.picture else ""
        with proxy(self._port) as (wire, do), listener_behind(self._line, wire.port):

            def lives() -> bool:
                now = self._screen.picture
                return now is not None and now["epoch"] != epoch and not now["stale"]

            def cut() -> None:
                wire.refuse = True
                do(wire.drop)

            _until(lives, BACK_WITHIN)
            yield cut, wire.heal
        _until(lambda: self._own_listener_is_connected(None) and not self._screen.says_stale, BACK_WITHIN)

    def _own_listener_is_connected(self, _: Exchange | None) -> bool:
        pid = self._line.supervision.pids().get("listener")
        return pid is not None and connected(pid, self._port)

    def _see(self, trouble: Trouble, seconds: float) -> None:
        """Look at the page until so long after the strike."""
        while time.monotonic() < self._struck + seconds:
            self._glance(trouble)
            time.sleep(0.05)

    def _glance(self, trouble: Trouble) -> None:
        if not self._screen.says_stale:
            trouble.oldest_unsaid = max(trouble.oldest_unsaid, self._screen.age)
        elif trouble.stale is None:
            trouble.stale = round(time.monotonic() - self._struck, 1)

    def _mended(self, trouble: Trouble, back: Callable[[Exchange], bool]) -> None:
        """From here on: its return, then the page, then the agents."""
        exchange, end = Exchange(self._line), time.monotonic() + BACK_WITHIN
        try:
            while not back(exchange) and time.monotonic() < end:
                self._glance(trouble)
                time.sleep(0.1)
            returned = time.monotonic()
            if returned >= end:
                return
            trouble.back = round(returned - self._struck, 1)
            trouble.right = self._soon(trouble, returned, lambda: self._page_is_right(exchange, trouble, returned))
            trouble.agents = self._soon(trouble, returned, lambda: self._agents_are_there(exchange, trouble))
        finally:
            exchange.close()

    def _soon(self, trouble: Trouble, returned: float, true: Callable[[], bool]) -> float | None:
        end = returned + max(RIGHT_WITHIN, AGENTS_WITHIN) + 2
        while time.monotonic() < end:
            if true():
                return round(time.monotonic() - returned, 1)
            self._glance(trouble)
            time.sleep(0.1)
        return None

    def _page_is_right(self, exchange: Exchange, trouble: Trouble, returned: float) -> bool:
        """One look at each side, a moment apart, of a picture that was proved since the return; on a moving floor one of many
        agrees."""
        picture, said = self._screen.picture, exchange.said()
        if picture is None or said is None or self._screen.age > time.monotonic() - returned:
            return False
        found = wrong(shown_by(picture), [said])
        trouble.wrong = "; ".join(found.values())
        return not found

    def _agents_are_there(self, exchange: Exchange, trouble: Trouble) -> bool:
        said = exchange.said()
        if said is None:
            return False
        found = misplaced(self._beliefs(), said)
        trouble.wrong = "; ".join(found)
        return not found


def _answers(exchange: Exchange) -> bool:
    return exchange.said() is not None


def misplaced(beliefs: dict[str, str], said: Said) -> list[str]:
    """Agents whom Asterisk does not hold as they believe. `beliefs`: seat → cause of a break, empty for taking calls."""
    found: list[str] = []
    for (what, seat), allowed in sorted(said.items()):
        if what != "seat":
            continue
        agents, reasons = {value[0] for value in allowed}, {value[2] or "" for value in allowed}
        if (agents != {None}) != (seat in beliefs):
            found.append(f"{seat}: Asterisk holds {agents}, believed {'on duty' if seat in beliefs else 'away'}")
        elif seat in beliefs and not reasons <= {beliefs[seat] or "", *([] if beliefs[seat] else _AHEAD_OF_ASTERISK)}:
            found.append(f"{seat}: Asterisk says {reasons}, believed {beliefs[seat] or 'taking calls'}")
    return found


def connected(pid: int, port: int) -> bool:
    """Whether this process holds a connection to this port of loopback, by the kernel's word."""
    try:
        sockets = {Path(f"/proc/{pid}/fd/{fd.name}").readlink().name for fd in Path(f"/proc/{pid}/fd").iterdir()}
        rows = Path(f"/proc/{pid}/net/tcp").read_text("ascii").splitlines()[1:]
    except OSError:
        return False
    there = f"0100007F:{port:04X}"
    return any(row[2] == there and row[3] == "01" and f"socket:[{row[9]}]" in sockets for row in map(str.split, rows))


def _until(true: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds:.0f} s: the listener behind its wire")
        time.sleep(0.1)
