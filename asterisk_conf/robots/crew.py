"""Many robot operators in one SIPp process: all seats register with one address, which takes every call that rings there.

crew = Crew(folder, target, {"seat01": secret, …}, ring_seconds=1.0, talk_seconds=(15, 25))
crew.sign_in()
…
crew.sign_out()
"""

from __future__ import annotations

import itertools
import random
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from asterisk_conf.robots import sound
from asterisk_conf.robots.crowd_script import answering, registering
from asterisk_conf.robots.sippline import free_port, wait_bound
from ivr.kernel.errors import Unavailable

_TALKS = 997
"""Lengths of talks that are drawn; after so many they come again."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One call an operator took; `number` is the caller's as the exchange showed it."""

    number: str
    answered_at: datetime
    ended_at: datetime | None
    ended_by: Literal["agent", "caller"] | None


class Crew:
    """Operators at `seats` (name → secret) who ring, answer, talk for a length of their own each time and hang up."""

    def __init__(
        self,
        folder: Path,
        target: str,
        seats: Mapping[str, str],
        *,
        ring_seconds: float = 1.0,
        talk_seconds: tuple[float, float] = (3.0, 3.0),
        lengths: Sequence[float] = (),
        hertz: float = 800.0,
        seed: int = 0,
        limit_seconds: int = 3600,
    ) -> None:
        """`talk_seconds`: the least and the most; or the very `lengths`, talk by talk, and then again from the first."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._target, self._seats = folder, target, dict(seats)
        self._ring, self._talk, self._hertz, self._limit = ring_seconds, talk_seconds, hertz, limit_seconds
        self._dice = random.Random(f"{seed}/crew")  # noqa: S311 - a play, not a secret
        self._port = free_port()
        self._tries = itertools.count(1)
        self._lengths = lengths
        self.log = folder / "crew.events.log"
        self._process: subprocess.Popen[bytes] | None = None

    def sign_in(self) -> Crew:
        """Take calls at all seats. Raises `Unavailable` when the exchange refuses one of them."""
        tone = sound.write(self._folder / "crew.alaw", sound.tone(self._hertz, 1))
        rows = self._folder / "crew.csv"
        rows.write_text("SEQUENTIAL\n" + "".join(f"{length};\n" for length in self.milliseconds()), encoding="utf-8")
        script = self._folder / "crew.xml"
        script.write_text(answering(ring_seconds=self._ring, sound=str(tone)), encoding="utf-8")
        # From the port that will take the calls: behind NAT the exchange believes the sender, not what it says.
        self._register(min(self._limit, 3600))
        line = ["sipp", self._target, "-sf", str(script), "-inf", str(rows), "-nostdin", "-l", "1000"]
        line += ["-i", "127.0.0.1", "-mi", "127.0.0.1", "-p", str(self._port), "-mp", str(free_port(8))]
        line += ["-timeout", f"{self._limit}s", "-trace_logs", "-log_file", str(self.log), "-log_overwrite", "true"]
        line += ["-trace_err", "-error_file", str(self._folder / "crew.errors.log")]
        with (self._folder / "crew.screen.log").open("wb") as screen:
            self._process = subprocess.Popen(line, stdout=screen, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        wait_bound(self._port, self._process)
        return self

    def milliseconds(self) -> list[int]:
        """The lengths of the talks, one after the other."""
        lengths = self._lengths or [self._dice.uniform(*self._talk) for _ in range(_TALKS)]
        return [round(seconds * 1000) for seconds in lengths]

    def sign_out(self) -> None:
        """All go home: no more calls; talks that are still up lose their operator."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            self._register(0)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("sign in first")
        return self._process

    def talks(self) -> list[Talk]:
        """Every call that was answered so far."""
        events: dict[str, dict[str, tuple[datetime, str]]] = {}
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        for line in text.splitlines():
            call, number, _, _, seconds, event, *_ = [*line.split("\t"), "", "", "", "", "", ""]
            if event:
                word, _, who = event.partition(" ")
                at = datetime.fromtimestamp(float(seconds), UTC)
                events.setdefault(call, {}).setdefault(word, (at, who or number))
        return [
            Talk(
                number=found["answered"][1],
                answered_at=found["answered"][0],
                ended_at=found["bye"][0] if "bye" in found else None,
                ended_by=("agent" if found["bye"][1] == "agent" else "caller") if "bye" in found else None,
            )
            for found in events.values()
            if "answered" in found
        ]

    def _register(self, seconds: int) -> None:
        name = f"crew-register-{next(self._tries)}"
        script, rows = self._folder / f"{name}.xml", self._folder / f"{name}.csv"
        script.write_text(registering(seconds=seconds, port=self._port), encoding="utf-8")
        keys = (f"{seat};[authentication username={seat} password={key}];\n" for seat, key in self._seats.items())
        rows.write_text("SEQUENTIAL\n" + "".join(keys), encoding="utf-8")
        errors = self._folder / f"{name}.errors.log"
        line = ["sipp", self._target, "-sf", str(script), "-inf", str(rows), "-nostdin", "-timeout", "20s"]
        line += ["-m", str(len(self._seats)), "-r", "50", "-i", "127.0.0.1", "-p", str(self._port)]
        line += ["-trace_err", "-error_file", str(errors)]
        try:
            code = subprocess.run(
                line, capture_output=True, stdin=subprocess.DEVNULL, timeout=30, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            code = -1
        if code != 0:
            said = errors.read_text(encoding="utf-8", errors="replace")[:500] if errors.exists() else "no answer"
            raise Unavailable(f"not all of {len(self._seats)} seats could register at {self._target}: {said}")
