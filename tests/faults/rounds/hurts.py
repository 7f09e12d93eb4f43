"""What is done to a process: killed, frozen and thawed, or restarted in order; the database also in its own ways."""

from __future__ import annotations

import contextlib
import os
import random
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.faults.rounds.asking import ask_database, backends
from tests.faults.rounds.places import arm, folder_of
from tests.line import Line

__all__ = ["HURTS", "Hurt", "by_name"]

DOORS = ("doors-a", "doors-b")


@dataclass(frozen=True, slots=True)
class Hurt:
    """One fault. `strike` does it; `mend` takes it back after `lasting` seconds (a killed process comes back by itself)."""

    process: str
    action: str
    strike: Callable[[Line], None]
    mend: Callable[[Line], None] | None = None
    lasting: float = 0.0
    cuts_calls: bool = False
    """Calls that are up end with it: only Asterisk carries them."""

    @property
    def name(self) -> str:
        return f"{self.process}: {self.action}"


def _send(number: signal.Signals, *names: str) -> Callable[[Line], None]:
    def strike(line: Line) -> None:
        pids = line.supervision.pids()
        for name in names:
            os.kill(_own(pids[name], name), number)

    return strike


def _own(pid: int, name: str) -> int:
    """The process itself below what wraps it: Asterisk may be a child of its sandbox."""
    if name != "asterisk":
        return pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split():
        with contextlib.suppress(OSError):
            if Path(f"/proc/{child}/comm").read_text("ascii").strip() == "asterisk":
                return int(child)
    return pid


def _restart(*names: str) -> Callable[[Line], None]:
    def strike(line: Line) -> None:
        for name in names:
            line.supervision.stop(name)
            line.supervision.start(name)

    return strike


def _stop(name: str) -> Callable[[Line], None]:
    return lambda line: line.supervision.stop(name)


def _start(name: str) -> Callable[[Line], None]:
    return lambda line: line.supervision.start(name)


def _kill(process: str, *names: str) -> Hurt:
    return Hurt(process, "kill -9", _send(signal.SIGKILL, *names))


def _freeze(process: str, seconds: float, *names: str) -> Hurt:
    return Hurt(
        process, f"frozen {seconds:.0f} s", _send(signal.SIGSTOP, *names), _send(signal.SIGCONT, *names), seconds
    )


def _kill_a_back_end(line: Line) -> None:
    """SIGKILL to one connection's process: PostgreSQL then ends all connections and recovers."""
    os.kill(random.choice(backends(line)), signal.SIGKILL)


def _terminate_back_ends(line: Line) -> None:
    with contextlib.suppress(asyncpg.PostgresError):
        ask_database(
            line,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'line1420%' AND pid <> pg_backend_pid()",
        )


JUMPS = {"+1 h": 3_600, "-1 h": -3_600, "-30 s": -30, "+1 day": 86_400}


def _set_clock(line: Line, seconds: int, *names: str) -> None:
    for name in names:
        arm(line, f"clock.{name}", str(seconds))


def _right_clock(line: Line, *names: str) -> None:
    for name in names:
        (folder_of(line.var) / f"clock.{name}").unlink(missing_ok=True)


def _jump(process: str, jump: str, *names: str) -> Hurt:
    """The clock of a process jumps, and after ten seconds jumps back to the right time."""
    return Hurt(
        process,
        f"clock {jump}",
        lambda line: _set_clock(line, JUMPS[jump], *names),
        lambda line: _right_clock(line, *names),
        10,
    )


CLOCKS: tuple[Hurt, ...] = (
    _jump("doors-a and doors-b", "+1 h", *DOORS),
    _jump("follower", "-1 h", "follower"),
    _jump("worker", "+1 day", "worker"),
    _jump("listener", "-30 s", "listener"),
    _jump("web", "+1 day", "web"),
    *(_jump("all processes of ours", jump, *DOORS, "follower", "worker", "listener", "web") for jump in JUMPS),
)

HURTS: tuple[Hurt, ...] = (
    *CLOCKS,
    _kill("doors-a and doors-b", *DOORS),
    _freeze("doors-a and doors-b", 6, *DOORS),
    Hurt("doors-a and doors-b", "restart", _restart(*DOORS)),
    _kill("doors-a", "doors-a"),
    _freeze("doors-a", 6, "doors-a"),
    _kill("doors-b", "doors-b"),
    Hurt("asterisk", "kill -9", _send(signal.SIGKILL, "asterisk"), cuts_calls=True),
    _freeze("asterisk", 4, "asterisk"),
    Hurt("asterisk", "restart", _restart("asterisk"), cuts_calls=True),
    _kill("follower", "follower"),
    _freeze("follower", 8, "follower"),
    Hurt("follower", "restart", _restart("follower")),
    _kill("listener", "listener"),
    _freeze("listener", 8, "listener"),
    Hurt("listener", "restart", _restart("listener")),
    _kill("worker", "worker"),
    _freeze("worker", 8, "worker"),
    Hurt("worker", "restart", _restart("worker")),
    _kill("web", "web"),
    _freeze("web", 8, "web"),
    Hurt("web", "restart", _restart("web")),
    Hurt("postgres", "kill -9 of the postmaster", _send(signal.SIGKILL, "postgres")),
    Hurt("postgres", "immediate stop", _send(signal.SIGQUIT, "postgres")),
    Hurt("postgres", "restart", _restart("postgres")),
    Hurt("postgres", "stopped 10 s", _stop("postgres"), _start("postgres"), 10),
    Hurt("postgres", "one back end killed", _kill_a_back_end),
    Hurt("postgres", "all our back ends terminated", _terminate_back_ends),
)


def by_name(name: str) -> Hurt:
    return next(hurt for hurt in HURTS if hurt.name == name)
