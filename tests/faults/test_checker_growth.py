"""I11: what grows in a long run is told from what breathes."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.checker.check import judge
from tests.faults.checker.evidence import Evidence
from tests.faults.checker.resources import Sample, look


def life(**grows: float) -> list[Sample]:
    """Ten minutes of one process, a look each 5 s; `grows` by how much an hour."""
    values = {"memory": 50_000_000, "handles": 30, "threads": 8}
    return [
        Sample(t, "follower", 7, *(int(values[name] + grows.get(name, 0) * t / 3600) for name in values))
        for t in range(0, 600, 5)
    ]


def pool(after: int) -> list[Sample]:
    """The same process, whose pool holds up to twenty threads more while it works, and of these `after` for good from the
    middle on."""
    return [
        replace(sample, threads=sample.threads + (0 if n % 6 == 0 else 10 + n // 12) + (after if n > 60 else 0))
        for n, sample in enumerate(life())
    ]


def asterisk(lost: int) -> list[Sample]:
    """Twenty minutes of one that always has some eighty callers, five handles each, and loses `lost` handles an hour."""
    tide = (0, 30, 55, 10, 70, 25, 90, 45, 20, 60, 5, 80, 35)
    return [
        replace(
            sample, at=2 * sample.at, handles=400 + tide[n % 13] + tide[n // 9 % 13] // 3 + int(lost * sample.at / 1800)
        )
        for n, sample in enumerate(life())
    ]


@pytest.mark.parametrize(
    ("samples", "broken"),
    [
        (asterisk(lost=0), set()),
        (asterisk(lost=240), {"I11"}),
        (life(), set()),
        (pool(after=0), set()),
        (pool(after=7), {"I11"}),
        (life(memory=10_000_000), set()),
        (life(memory=90_000_000), {"I11"}),
        (life(handles=100), {"I11"}),
        (life(threads=100), {"I11"}),
        (life(memory=90_000_000)[:30], set()),
    ],
    ids=[
        "a tide of callers",
        "a tide of callers, and handles that stay",
        "flat",
        "a pool breathes deeper",
        "a pool keeps some",
        "breathes",
        "memory",
        "handles",
        "threads",
        "too short to tell",
    ],
)
def test_growth_is_told_from_breathing(samples: list[Sample], broken: set[str]) -> None:
    began = datetime(2026, 11, 21, 8, tzinfo=UTC)
    quiet = Evidence(since=began, until=began + timedelta(minutes=20), now=began + timedelta(minutes=20), grace=60.0)
    assert judge(quiet, samples=samples).invariants == broken


@pytest.mark.parametrize(("name", "more"), [("tokio-rt-worker", 0), ("of our own", 1)])
def test_threads_of_the_archive_s_runtime_do_not_count(name: str, more: int) -> None:
    named, over = threading.Event(), threading.Event()

    def stay() -> None:
        Path(f"/proc/self/task/{threading.get_native_id()}/comm").write_text(name)
        named.set()
        over.wait(30)

    before = look("this", os.getpid(), 0.0)
    thread = threading.Thread(target=stay)
    thread.start()
    named.wait(30)
    after = look("this", os.getpid(), 0.0)
    over.set()
    thread.join()
    assert before is not None
    assert after is not None
    assert after.threads - before.threads == more
