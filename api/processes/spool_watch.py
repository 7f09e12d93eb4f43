"""What the worker sees waiting: sound and notes in the spool, jobs in the database, and what became of recordings."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from prometheus_client import Counter, Gauge

from api.jobs import JobsNow
from recordings.recording import Kind, State

SPOOL_OLDEST = Gauge("line1420_spool_oldest_seconds", "Age of the oldest sound or note that waits in the spool.")
SPOOL_WAITING = Gauge("line1420_spool_waiting", "Sounds and notes that lie in the spool.")
JOBS = Gauge("line1420_jobs", "Jobs by state.", ["state"])
JOBS_OLDEST = Gauge("line1420_jobs_oldest_seconds", "Age of the oldest job that is not done.")
RECORDINGS = Counter("line1420_recordings_total", "Sounds that reached the archive, or did not.", ["kind", "state"])
for _kind in Kind:
    for _state in State:
        RECORDINGS.labels(_kind.value, _state.value)  # so that the first one is a step, which an alarm can see

_SUFFIX = {"calls": ".wav", "messages": ".wav", "callbacks": ".json"}
_HEADER_BYTES = 44
"""MixMonitor makes both legs when a seat answers; when the talk does not come about they stay this long."""


def look_at_spool(spool: Path, now: datetime) -> None:
    """Set the spool's gauges from what lies there. Legs without sound and sidecars do not count: their time is the call's."""
    count, oldest = 0, now.timestamp()
    for folder, suffix in _SUFFIX.items():
        try:
            waiting = [path.stat() for path in (spool / folder).iterdir() if path.suffix == suffix]
        except OSError:  # not made yet, or a file went while we looked: the next look is right
            continue
        waiting = [seen for seen in waiting if folder == "callbacks" or seen.st_size > _HEADER_BYTES]
        count += len(waiting)
        oldest = min([oldest, *(seen.st_mtime for seen in waiting)])
    SPOOL_WAITING.set(count)
    SPOOL_OLDEST.set(now.timestamp() - oldest)


def tell_jobs(jobs: JobsNow) -> None:
    """Set the jobs' gauges."""
    JOBS.labels("waiting").set(jobs.waiting)
    JOBS.labels("dead").set(jobs.dead)
    JOBS_OLDEST.set(jobs.oldest_seconds)
