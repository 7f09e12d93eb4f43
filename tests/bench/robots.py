"""Many callers in one SIPp, and one SIPp in which all seats sit: the robots must cost little, they share the machine.

A caller that the line ends at another moment than planned, or that misses an answer, is a failed call; SIPp counts them.
"""

from __future__ import annotations

import csv
import itertools
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from asterisk_conf.robots import sound
from asterisk_conf.robots.scenario import AwaitBye, HangUp, Info, Part, Pause, Play, register
from asterisk_conf.robots.scenario import caller as written
from asterisk_conf.robots.scenario import seat as written_seat
from asterisk_conf.robots.sippline import Sipp, free_port

_RUNS = itertools.count(1)
SEAT_RINGS_SECONDS = 0.2
TALK_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Journey:
    """What each caller of a crowd does after the answer; `seconds` is how long the call lasts."""

    name: str
    parts: tuple[Part, ...]
    seconds: float
    sound_seconds: float | None = None
    """The caller is heard (in silence) for so long; None: for the whole call, as a telephone is."""


def information(*, hurry: bool = False) -> Journey:
    """Menu, information, opening hours, out. In a hurry: the same keys, soon after the answer, and hardly any sound."""
    first, second, rest = (0.7, 0.5, 0.8) if hurry else (4.0, 2.5, 5.0)
    parts = (Pause(first), Info("4"), Pause(second), Info("1"), Pause(rest), HangUp())
    return Journey("information", parts, first + second + rest, 0.2 if hurry else None)


def talk() -> Journey:
    """Menu, section, queue, a talk that is recorded, the operator hangs up, a score, thanks, the line says goodbye."""
    parts = (Pause(3.0), Info("1"), Pause(2.0), Info("1"), Pause(2.7 + SEAT_RINGS_SECONDS + TALK_SECONDS + 3.0))
    return Journey("talk", (*parts, Info("4"), AwaitBye(20)), 3.0 + 2.0 + 9.9 + 5.0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a crowd fared."""

    calls: int
    failed: int
    seconds: float
    """From the first dial to the end of the last call."""


def crowd(folder: Path, sip_port: int, journey: Journey, *, calls: int, rate: float, most: int = 900) -> Outcome:
    """`calls` callers, `rate` a second, at most `most` at once; waits for the last."""
    run = next(_RUNS)
    folder.mkdir(parents=True, exist_ok=True)
    heard = sound.write(folder / "silence.alaw", sound.silence(1.0))
    burst = sound.write(folder / "short.alaw", sound.silence(journey.sound_seconds or 0.2))
    play = Play(str(heard), -1) if journey.sound_seconds is None else Play(str(burst), 1)
    script = folder / f"crowd-{run}.xml"
    text = written((play, *journey.parts), number="1420", user="0912[call_number]", name="", events=False, pcap=False)
    script.write_text(text, encoding="utf-8")
    counts = folder / f"crowd-{run}.csv"
    line = ["sipp", f"127.0.0.1:{sip_port}", "-sf", str(script), "-i", "127.0.0.1", "-p", str(free_port())]
    line += ["-m", str(calls), "-r", f"{rate:g}", "-l", str(most), "-nostdin", "-timeout", "300s"]
    line += ["-mi", "127.0.0.1", "-trace_stat", "-stf", str(counts), "-fd", "1", "-rtp_threadtasks", "100"]
    line += ["-trace_err", "-error_file", str(folder / f"crowd-{run}.errors.log")]
    began = time.monotonic()
    with (folder / f"crowd-{run}.screen").open("wb") as screen:
        subprocess.run(line, stdout=screen, stderr=screen, stdin=subprocess.DEVNULL, timeout=330, check=False)
    return read_counts(counts.read_text(encoding="utf-8"), calls, time.monotonic() - began)


def read_counts(text: str, calls: int, seconds: float) -> Outcome:
    """SIPp's own count; a call it never came to make has failed too."""
    last = list(csv.DictReader(text.splitlines(), delimiter=";"))[-1]
    return Outcome(calls, calls - int(last["SuccessfulCall(C)"]), seconds)


class Floor:
    """All seats of one exchange, signed in, in one SIPp."""

    def __init__(self, folder: Path, sip_port: int, secrets: Mapping[str, str], seats: Sequence[str]) -> None:
        target, port = f"127.0.0.1:{sip_port}", free_port()
        for seat in seats:
            script = register(user=seat, secret=secrets[seat], seconds=3600, port=port)
            run = Sipp(
                folder, f"{seat}-in", script, port=port, target=target, limit_seconds=10
            )  # the exchange calls back there
            if run.wait(12) != 0:
                raise AssertionError(f"{seat} could not sign in at {target}; see {folder}")
        tone = sound.write(folder / "seats.alaw", sound.tone(800.0, 1.0))
        parts = (Pause(TALK_SECONDS), HangUp())
        script = folder / "seats.xml"
        script.write_text(written_seat(ring_seconds=SEAT_RINGS_SECONDS, sound=str(tone), parts=parts), encoding="utf-8")
        line = ["sipp", target, "-sf", str(script), "-i", "127.0.0.1", "-p", str(port), "-mi", "127.0.0.1"]
        line += ["-nostdin", "-rtp_threadtasks", "100", "-timeout", "3600s"]
        with (folder / "seats.screen").open("wb") as screen:
            self._sipp = subprocess.Popen(line, stdout=screen, stderr=screen, stdin=subprocess.DEVNULL)

    def stop(self) -> None:
        self._sipp.kill()
        self._sipp.wait()
