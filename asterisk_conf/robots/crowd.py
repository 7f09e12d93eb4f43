"""Many robot callers of one journey in one SIPp process: hundreds of calls cost what one process costs.

    crowd = Crowd(folder, "gives-up", target, [Wait(1, 3), Press("11"), Wait(5, 20), HangUp()], rate=0.5, seed=7)
    crowd.start(crowd_numbers("0912555", 300))
    crowd.wait(400)
    for seen in crowd.seen(): …

Each caller has a number of its own, by which its call is found again. Callers sound a quiet tone unless the steps say
otherwise: an exchange takes one who is silent for long to be gone.
"""

from __future__ import annotations

import random
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from asterisk_conf.robots import sound
from asterisk_conf.robots.crowd_script import (
    Choice,
    HangUp,
    Patience,
    Press,
    PressUntilEnd,
    Sound,
    Step,
    Wait,
    choices,
    written,
)
from asterisk_conf.robots.sippline import free_port

__all__ = ["Crowd", "HangUp", "Patience", "Press", "PressUntilEnd", "Seen", "Sound", "Wait", "crowd_numbers"]

_WAITING_AT_A_SECOND = 200.0
"""Callers with moments of their own are made this fast, and then wait for theirs."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What SIPp wrote about one caller; instants are aware (UTC). `refused` is the SIP status of a refusal."""

    number: str
    dialled_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    ended_by: Literal["caller", "line"] | None
    refused: int | None
    keys: tuple[tuple[datetime, str], ...]
    """Keys the line has acknowledged, with the moment of that."""


def crowd_numbers(first_digits: str, count: int) -> list[str]:
    """`count` different numbers of eleven digits that begin so (e.g. `0912555`)."""
    room = 11 - len(first_digits)
    if count > 10**room:
        raise ValueError(f"{first_digits} leaves room for {10**room} numbers, not for {count}")
    return [f"{first_digits}{n:0{room}d}" for n in range(count)]


class Crowd:
    """`start` it with the callers' numbers, `wait` for the last one or `stop` it, then ask what was `seen`."""

    def __init__(
        self,
        folder: Path,
        name: str,
        target: str,
        steps: Sequence[Step],
        *,
        rate: float = _WAITING_AT_A_SECOND,
        with_operator: Sequence[Step] | None = None,
        seed: int = 0,
        dialled: str = "1420",
        limit_seconds: int = 600,
    ) -> None:
        """`rate`: calls per second. `seed` draws what differs from caller to caller. After `limit_seconds` all is ended.

        `with_operator`: steps that take the place of what is left of `steps` once `ear.Ear` tells that an operator answered.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self._folder, self._target, self._dialled = folder, target, dialled
        self._steps, self._rate, self._limit = steps, rate, limit_seconds
        self._with_operator = with_operator
        self.port = free_port()
        self._dice = random.Random(f"{seed}/{name}")  # noqa: S311 - a play, not a secret
        self.log = folder / f"{name}.events.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, numbers: Sequence[str], moments: Sequence[float] | None = None) -> Crowd:
        """Begin to call, one after the other at the rate, each number once; or each at its own moment, in seconds from now."""
        tone = sound.write(self._folder / "crowd.alaw", sound.tone(430, 1, 0.1))
        steps = [Sound(str(tone)), *self._steps]
        script, rows = self._folder / f"{self.name}.xml", self._folder / f"{self.name}.csv"
        told = written(steps, dialled=self._dialled, with_operator=self._with_operator, at_moments=moments is not None)
        script.write_text(told, encoding="utf-8")
        made = [self.row(n, number, moments) for n, number in enumerate(numbers)]
        rows.write_text("SEQUENTIAL\n" + "".join(made), encoding="utf-8")
        line = ["sipp", self._target, "-sf", str(script), "-inf", str(rows), "-nostdin"]
        line += ["-m", str(len(numbers)), "-l", str(len(numbers))]
        line += ["-r", str(max(1, round(self._rate * 1000))), "-rp", "1000000"]  # per 1,000 s: rates below one, too
        line += ["-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(self.port), "-mp", str(free_port(8))]
        line += ["-timeout", f"{self._limit}s", "-trace_logs", "-log_file", str(self.log), "-log_overwrite", "true"]
        line += ["-trace_err", "-error_file", str(self._folder / f"{self.name}.errors.log")]
        with (self._folder / f"{self.name}.screen.log").open("wb") as screen:
            self._process = subprocess.Popen(line, stdout=screen, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        return self

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("start first")
        return self._process

    @property
    def over(self) -> bool:
        """Whether nobody of them calls any more, or ever did."""
        return self._process is None or self._process.poll() is not None

    def wait(self, seconds: float) -> int:
        """SIPp's exit code: 0 when every call went as written. What is not done in time is ended."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            return -1

    def no_more(self) -> None:
        """Place no new calls; those that are up go on to their end."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGUSR1)

    def stop(self) -> None:
        """End it now: callers who are talking vanish without a goodbye."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        if self._process is not None:
            self._process.wait()

    def seen(self) -> list[Seen]:
        """Every caller who has dialled so far, in the order of dialling."""
        events: dict[str, list[tuple[datetime, list[str]]]] = {}
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        for line in text.splitlines():
            number, _, _, seconds, event = [*line.split("\t"), "", "", "", ""][:5]
            if event:
                at = datetime.fromtimestamp(float(seconds), UTC)
                events.setdefault(number, []).append((at, event.split()))
        return [_seen(number, found) for number, found in events.items()]

    def troubles(self) -> str:
        """SIPp's error log: what it did not expect."""
        path = self._folder / f"{self.name}.errors.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def row(self, n: int, number: str, moments: Sequence[float] | None) -> str:
        """The line of the injection file for caller `n`."""
        drawn = [number]
        if moments is not None:
            drawn.append(_milliseconds(moments[n] - n / self._rate))
        for choice in choices([*self._steps, *(self._with_operator or ())]):
            drawn += self._drawn(choice)
        return ";".join(drawn) + ";\n"

    def _drawn(self, choice: Choice) -> list[str]:
        match choice:
            case Patience(mean, most):
                return [_milliseconds(min(most, self._dice.expovariate(1 / mean)))]
            case (float() | int() as low, float() | int() as high):
                return [_milliseconds(self._dice.uniform(low, high))]
            case _:
                return list(str(self._dice.choice(choice)))  # a column a key


def _milliseconds(seconds: float) -> str:
    return str(max(1, round(seconds * 1000)))


def _seen(number: str, events: Sequence[tuple[datetime, list[str]]]) -> Seen:
    def first(word: str) -> tuple[datetime, list[str]] | None:
        return next(((at, said) for at, said in events if said[0] == word), None)

    answered, ended, refused = first("answered"), first("bye"), first("refused")
    return Seen(
        number=number,
        dialled_at=events[0][0],
        answered_at=answered[0] if answered else None,
        ended_at=ended[0] if ended else refused[0] if refused else None,
        ended_by=("line" if refused else None) if ended is None else "line" if ended[1][1] == "line" else "caller",
        refused=int(refused[1][1]) if refused else None,
        keys=tuple((at, said[1]) for at, said in events if said[0] == "key"),
    )
