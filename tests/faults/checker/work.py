"""I9 and I12: no work is left lying, each hand-over happened once, and no log tells what it must not."""

from __future__ import annotations

from collections.abc import Iterator

from tests.faults.checker.evidence import Evidence
from tests.faults.checker.report import Breach, shown

_WAITING = {"queued", "picked"}


def queue_is_empty(evidence: Evidence) -> Iterator[Breach]:
    """I9. No job waits longer than the grace, none was given up (the dead letters are an alarm, and stay until seen)."""
    for job in evidence.jobs:
        if job.status in _WAITING and evidence.due(job.created_at):
            yield Breach(
                "I9", f"job {job.id}", f"{job.name} is still {job.status} since {shown(job.created_at)}: {job.about}"
            )
        elif job.status not in _WAITING:
            yield Breach("I9", f"job {job.id}", f"{job.name} was given up ({job.status}): {job.about}")


def logs_are_clean(evidence: Evidence) -> Iterator[Breach]:
    """I12."""
    for leak in evidence.leaks:
        yield Breach("I12", f"{leak.log}:{leak.line}", f"shows {leak.what}")
