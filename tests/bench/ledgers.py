"""Ledger files of any length, made from real ones: the same calls again and again, each time earlier and under new ids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_EPOCH = re.compile(rb"\b(1[5-9]\d{8})\b")
"""Asterisk's times and the first part of its ids are epoch seconds; moving all of them moves a call as a whole."""
_HEAD = re.compile(rb'^"([A-Z_]+)","[\d.]+","([^"]*)"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sample:
    """The rows of finished calls as Asterisk wrote them: CEL and queue_log, without its starts."""

    cel: bytes
    queue_log: bytes

    @property
    def calls(self) -> int:
        return sum(1 for head in _HEAD.finditer(self.cel) if head.group(2) == b"final")

    @property
    def seconds(self) -> int:
        """From the first to the last instant in it, and a little more: how far a copy must move."""
        stamps = [int(stamp) for stamp in _EPOCH.findall(self.cel)]
        return max(stamps) - min(stamps) + 60


def read_sample(log: Path) -> Sample:
    """From the folder with `cel-custom/line.csv` and `queue_log`."""
    rows = (log / "queue_log").read_bytes().splitlines(keepends=True)
    return Sample(
        (log / "cel-custom" / "line.csv").read_bytes(), b"".join(r for r in rows if b"|NONE|NONE|NONE|" not in r)
    )


def copies(sample: Sample, times: int, *, first: int = 1) -> Iterator[tuple[bytes, bytes]]:
    """`times` copies, the n-th n periods earlier; CEL and queue_log of each."""
    period = sample.seconds
    for n in range(first, first + times):

        def moved(stamp: re.Match[bytes], back: int = n * period) -> bytes:
            return str(int(stamp[1]) - back).encode()

        yield _EPOCH.sub(moved, sample.cel), _EPOCH.sub(moved, sample.queue_log)


def write_ledgers(folder: Path, sample: Sample, calls: int, *, first: int = 1) -> int:
    """Both files with at least `calls` calls, as the exchange would have them; returns how many it wrote."""
    times = -(-calls // sample.calls)
    (folder / "cel-custom").mkdir(parents=True, exist_ok=True)
    with (folder / "cel-custom" / "line.csv").open("wb") as cel, (folder / "queue_log").open("wb") as queue_log:
        for some_cel, some_queue in copies(sample, times, first=first):
            cel.write(some_cel)
            queue_log.write(some_queue)
    return times * sample.calls
