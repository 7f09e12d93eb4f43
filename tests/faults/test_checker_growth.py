"""I11: what grows in a long run is told from what breathes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.checker.check import judge
from tests.faults.checker.evidence import Evidence
from tests.faults.checker.resources import Sample


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


@pytest.mark.parametrize(
    ("samples", "broken"),
    [
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
