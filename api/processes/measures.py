"""What follower, listener and worker count. Who watches finds all of it on `/metrics`, with the process as a label.

Rooms below know nothing of Prometheus: they keep plain numbers, which are copied here before each writing.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from prometheus_client import Counter, Gauge

from ivr.kernel.clock import Clock
from ivr.kernel.milestones import Milestone
from routing.ami.client import AmiLink
from routing.events import Source
from routing.ledger.tail import Tail
from routing.listener import Listener
from routing.ports import LedgerBatch

LAG = Gauge("line1420_ledger_lag_seconds", "Since this ledger was last read to its end.", ["source"])
BEHIND = Gauge("line1420_ledger_behind_bytes", "Bytes of the present file that are not stored yet.", ["source"])
ROWS = Counter("line1420_ledger_rows_total", "Rows stored.", ["source"])
REJECTED = Counter(
    "line1420_ledger_rejected_rows_total", "Rows that broke the pattern and were kept aside.", ["source"]
)
LOST_FILES = Gauge("line1420_ledger_lost_files", "Files that vanished before they were read to the end.", ["source"])
FALLBACKS = Counter("line1420_doors_fallbacks_total", "Callers the dialplan helped without a door.", ["door", "reason"])
ALARMS = Counter("line1420_doors_alarms_total", "Alarms that a door or the dialplan wrote into the ledger.", ["what"])
EXCHANGE_STARTS = Counter("line1420_exchange_starts_total", "Starts of Asterisk that the ledger tells of.")
FORGOTTEN = Counter("line1420_calls_forgotten_total", "Calls that nobody ended, closed as lost_unknown.")
OPEN_TOO_LONG = Gauge("line1420_calls_open_too_long", "Calls older than the limit that still show signs of life.")

AMI_AGE = Gauge("line1420_ami_age_seconds", "Since Asterisk last said anything on the manager interface.")
AMI_LIVE = Gauge("line1420_ami_live", "1 while the listener is logged in.")
AMI_COUNTS = {
    "events": Counter("line1420_ami_events_total", "Events that moved the board."),
    "rejected": Counter("line1420_ami_rejected_messages_total", "Messages that broke the pattern and were dropped."),
    "snapshots": Counter("line1420_ami_snapshots_total", "Whole pictures taken."),
    "snapshots_failed": Counter("line1420_ami_snapshots_failed_total", "Whole pictures that were not answered."),
    "differences": Counter(
        "line1420_ami_snapshot_differences_total", "Things on a live board a picture had to correct."
    ),
    "resyncs": Counter("line1420_ami_resyncs_total", "Times the listener fell behind, dropped all and began anew."),
    "unpublished": Counter("line1420_board_unpublished_total", "Boards the database did not take."),
}
REFUSED_LOGINS = Counter("line1420_ami_refused_logins_total", "Times Asterisk refused the listener's secret.")

SPOOL_OLDEST = Gauge("line1420_spool_oldest_seconds", "Age of the oldest sound or note that waits in the spool.")
SPOOL_WAITING = Gauge("line1420_spool_waiting", "Sounds and notes that lie in the spool.")
JOBS = Gauge("line1420_jobs", "Jobs by state.", ["state"])
JOBS_OLDEST = Gauge("line1420_jobs_oldest_seconds", "Age of the oldest job that is not done.")
RECORDINGS = Counter("line1420_recordings_total", "Sounds that reached the archive, or did not.", ["kind", "state"])

_WORD = re.compile(r"[a-z0-9_ ]{1,40}")
_HEADER_BYTES = 44
"""MixMonitor makes both legs when a caller joins a queue; without a talk they stay this long."""


class LedgerWatch:
    """What one follower of one ledger does; `stored` and `caught_up` are called by it."""

    def __init__(self, tail: Tail, clock: Clock) -> None:
        self._tail = tail
        self._clock = clock
        self._at = clock.now()
        self._read_to = 0

    def stored(self, batch: LedgerBatch) -> None:
        """These rows are in the database."""
        ROWS.labels(batch.source.value).inc(len(batch.events))
        REJECTED.labels(batch.source.value).inc(len(batch.rejected))
        self._read_to = batch.position.offset
        for event in (row.event for row in batch.events):
            if event.name == "QUEUESTART":
                EXCHANGE_STARTS.inc()
            elif batch.source is Source.CEL and event.name == Milestone.FALLBACK:
                FALLBACKS.labels(_word(event.fields.get("door")), _word(event.fields.get("reason"))).inc()
            elif batch.source is Source.CEL and event.name == Milestone.ALARM:
                ALARMS.labels(_word(event.fields.get("what"))).inc()

    def caught_up(self) -> None:
        """Nothing is left to read at this moment."""
        self._at = self._clock.now()
        self._read_to = self._size()

    def measure(self) -> None:
        """Set the gauges."""
        source, size = self._tail.source.value, self._size()
        LAG.labels(source).set(max(0.0, (self._clock.now() - self._at).total_seconds()))
        BEHIND.labels(source).set(size - self._read_to if size >= self._read_to else size)
        LOST_FILES.labels(source).set(len(self._tail.lost))

    def _size(self) -> int:
        try:
            return self._tail.path.stat().st_size
        except OSError:
            return 0


class ListenerWatch:
    """Copies what the listener and its link count."""

    def __init__(self, listener: Listener, link: AmiLink, clock: Clock) -> None:
        self._listener = listener
        self._link = link
        self._clock = clock
        self._started = clock.now()
        self._copied = dict.fromkeys(AMI_COUNTS, 0)
        self._refused = 0

    def measure(self) -> None:
        """Set the gauges; counters grow by what came since the last time."""
        heard = self._link.last_heard or self._started
        AMI_AGE.set(max(0.0, (self._clock.now() - heard).total_seconds()))
        AMI_LIVE.set(self._link.live)
        for name, counter in AMI_COUNTS.items():
            present = getattr(self._listener.counts, name)
            counter.inc(present - self._copied[name])
            self._copied[name] = present
        REFUSED_LOGINS.inc(self._link.refused_logins - self._refused)
        self._refused = self._link.refused_logins


def look_at_spool(spool: Path, now: datetime) -> None:
    """Set the spool's gauges from what lies there. Legs without any sound and sidecars do not count: their time is the call's."""
    count, oldest = 0, now.timestamp()
    for folder in ("calls", "messages", "callbacks"):
        try:
            waiting = [path.stat() for path in (spool / folder).iterdir() if path.suffix == _SUFFIX[folder]]
        except OSError:  # not made yet, or a file went while we looked: the next look is right
            continue
        waiting = [seen for seen in waiting if folder == "callbacks" or seen.st_size > _HEADER_BYTES]
        count += len(waiting)
        oldest = min([oldest, *(seen.st_mtime for seen in waiting)])
    SPOOL_WAITING.set(count)
    SPOOL_OLDEST.set(now.timestamp() - oldest)


_SUFFIX = {"calls": ".wav", "messages": ".wav", "callbacks": ".json"}


def _word(text: str | None) -> str:
    """A label has few values, whatever stands in a ledger."""
    return text if text and _WORD.fullmatch(text) else "other"
