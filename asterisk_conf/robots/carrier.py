"""The other end of the carrier: telephones that the line calls back. One SIPp process answers every call at a fixed port.

carrier = Carrier(folder, port=free_port(), answers=("answer", "ring_out", "busy")).start()
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from asterisk_conf.robots import sound
from asterisk_conf.robots.carrier_script import picking_up
from asterisk_conf.robots.sippline import free_port, wait_bound

Answer = Literal["answer", "busy", "ring_out"]
"""What a telephone does: answer after a ring, be engaged, or ring until the line gives up."""
_DOES: dict[str, str] = {"answer": "1", "busy": "2", "ring_out": "3"}


@dataclass(frozen=True, slots=True)
class Ring:
    """One dial of the line. `number` as it was dialled."""

    number: str
    rang_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None


class Carrier:
    """Telephones that take what comes: the n-th call of all is treated by the n-th of `answers`, round and round."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int,
        answers: Sequence[Answer] = ("answer",),
        talk_seconds: float = 3600.0,
        limit_seconds: int = 3600,
    ) -> None:
        """`talk_seconds`: after so long the called one hangs up."""
        folder.mkdir(parents=True, exist_ok=True)
        self.port = port
        self._folder, self._answers, self._talk, self._limit = folder, tuple(answers), talk_seconds, limit_seconds
        self._log = folder / "carrier.events.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Carrier:
        tone = sound.write(self._folder / "carrier.alaw", sound.tone(500.0, 1))
        rows = self._folder / "carrier.csv"
        rows.write_text("SEQUENTIAL\n" + "".join(f"{_DOES[one]};\n" for one in self._answers), encoding="utf-8")
        script = self._folder / "carrier.xml"
        script.write_text(picking_up(talk_seconds=self._talk, sound=str(tone)), encoding="utf-8")
        line = ["sipp", "-sf", str(script), "-inf", str(rows), "-nostdin", "-l", "1000", "-i", "127.0.0.1"]
        line += ["-mi", "127.0.0.1", "-p", str(self.port), "-mp", str(free_port(8)), "-timeout", f"{self._limit}s"]
        line += ["-trace_logs", "-log_file", str(self._log), "-log_overwrite", "true"]
        line += ["-trace_err", "-error_file", str(self._folder / "carrier.errors.log")]
        with (self._folder / "carrier.screen.log").open("wb") as screen:
            self._process = subprocess.Popen(line, stdout=screen, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        wait_bound(self.port, self._process)
        return self

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def rings(self) -> list[Ring]:
        """Every dial so far, in order."""
        found: dict[str, dict[str, datetime]] = {}
        numbers: dict[str, str] = {}
        text = self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""
        for row in text.splitlines():
            call, number, _, _, seconds, event, *_ = [*row.split("\t"), "", "", "", "", "", ""]
            if event:
                found.setdefault(call, {}).setdefault(event, datetime.fromtimestamp(float(seconds), UTC))
                numbers.setdefault(call, number)
        rings = [
            Ring(numbers[call], at["rang"], at.get("answered"), at.get("ended"))
            for call, at in found.items()
            if "rang" in at
        ]
        return sorted(rings, key=lambda ring: ring.rang_at)
