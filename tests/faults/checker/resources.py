"""I11: what the processes hold does not grow with the calls they have served. Sample during a run, judge after it."""

from __future__ import annotations

import os
import threading
import xmlrpc.client
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic

from asterisk_conf.stage.supervision import Supervision
from tests.faults.checker import limits
from tests.faults.checker.report import Breach

_PAGE = os.sysconf("SC_PAGE_SIZE")
STRETCHES = 4
"""Of a quarter of a run; in each of them a pool has a quiet moment."""
_OTHERS = {"postgres"}
"""Its back ends come and go and share one large memory: what /proc says of them is no measure of ours."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One process at one moment; `at` is monotonic seconds, `memory` resident bytes."""

    at: float
    program: str
    pid: int
    memory: int
    handles: int
    threads: int


def look(program: str, pid: int, at: float) -> Sample | None:
    """What /proc says of a process and its children (Asterisk runs inside a sandbox's process); None when it is gone."""
    memory = handles = threads = 0
    with suppress(OSError, ValueError, IndexError):
        for one in _family(pid):
            proc = Path(f"/proc/{one}")
            memory += int((proc / "statm").read_text().split()[1]) * _PAGE
            threads += sum(_ours(task) for task in (proc / "task").iterdir())
            handles += len(os.listdir(proc / "fd"))
        return Sample(at, program, pid, memory, handles, threads)
    return None


def _ours(task: Path) -> bool:
    """Not a thread of the archive's file runtime: it keeps each for ten seconds after its last use and wakes them in turn, so
    their number follows the busiest moment for as long as files come, up to a limit of its own."""
    with suppress(FileNotFoundError):
        return (task / "comm").read_text().strip() != "tokio-rt-worker"
    return False


def _family(pid: int) -> Iterator[int]:
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        yield from _family(int(child))


@dataclass
class Sampler:
    """Looks at every process of a line each `every` seconds: `with Sampler(line.var) as sampler: … sampler.samples`."""

    var: Path
    every: float = 5.0
    samples: list[Sample] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Sampler:
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(10)

    def _run(self) -> None:
        supervision = Supervision(self.var)
        while True:
            for program, pid in pids_of(supervision).items():
                if sample := look(program, pid, monotonic()):
                    self.samples.append(sample)
            if self._stop.wait(self.every):
                return


def pids_of(supervision: Supervision) -> dict[str, int]:
    """Programs that run now; none while the supervisor does not answer."""
    try:
        return {name: pid for name, pid in supervision.pids().items() if name not in _OTHERS}
    except (OSError, xmlrpc.client.Error):
        return {}


def nothing_grows(samples: Sequence[Sample], channels: int | None) -> Iterator[Breach]:
    """I11. A process that was restarted counts anew; too short a life is not judged."""
    if channels:
        yield Breach("I11", "asterisk", f"{channels} channels are up after every caller has gone")
    lives: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    begin = min((sample.at for sample in samples), default=0.0)
    for sample in samples:
        if sample.at - begin >= limits.WARM_UP:
            lives[(sample.program, sample.pid)].append(sample)
    for (program, _), life in lives.items():
        span = life[-1].at - life[0].at
        if span >= limits.SHORTEST_RUN:
            yield from _grown(program, life, span)


def _grown(program: str, life: Sequence[Sample], span: float) -> Iterator[Breach]:
    """The last quarter against the first: a spike is no growth, a slope is. Of memory the medians; of handles and threads
    the least, because a pool lets go of them in a quiet moment, and what leaks is never let go of. What has no quiet moment
    (Asterisk with eighty callers at a time) has another least in each minute, and only more than that is growth."""
    quarter = max(1, len(life) // 4)
    for what, noise, level, values in (
        ("memory (bytes)", limits.MEMORY_NOISE_BYTES, median, [sample.memory for sample in life]),
        ("handles", limits.HANDLE_NOISE, min, [sample.handles for sample in life]),
        ("threads", limits.HANDLE_NOISE, min, [sample.threads for sample in life]),
    ):
        before, after = level(values[:quarter]), level(values[-quarter:])
        unrest = max(_unrest(values[:quarter]), _unrest(values[-quarter:])) if level is min else 0
        allowed = max(noise, before * limits.GROWTH_SHARE_AN_HOUR * span / 3600, unrest)
        if after - before > allowed:
            yield Breach("I11", program, f"{what} grew from {before:.0f} to {after:.0f} in {span:.0f} s")


def _unrest(values: Sequence[int]) -> int:
    """How far the least of one stretch is from that of another."""
    length = max(1, len(values) // STRETCHES)
    least = [min(values[at : at + length]) for at in range(0, len(values) - length + 1, length)]
    return max(least) - min(least)


def judged(samples: Iterable[Sample]) -> bool:
    """Whether the samples cover long enough a run to be judged."""
    times = [sample.at for sample in samples]
    return bool(times) and max(times) - min(times) >= limits.WARM_UP + limits.SHORTEST_RUN
