"""What the follower counts, and how far behind it is. On `/metrics` with the process as a label."""

from __future__ import annotations

import re

from prometheus_client import Counter, Gauge

from ivr.kernel.clock import Clock
from ivr.kernel.milestones import Milestone
from routing.events import Source
from routing.ledger.follower import Pace
from routing.ledger.tail import Tail
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

for _source in (Source.CEL, Source.QUEUE_LOG):
    ROWS.labels(_source.value)
    REJECTED.labels(_source.value)
for _door in ("reception", "voice_message", "survey", "case_status", "callback"):
    for _reason in ("unreachable", "unfinished", "lease", "box", "exhausted"):
        FALLBACKS.labels(_door, _reason)  # who watches sees a step from 0 to 1, but not the birth of a 1
for _what in ("prompt missing", "prompt unplayable", "prompt refused", "unknown_queue", "unknown_goto", "other"):
    ALARMS.labels(_what)

_WORD = re.compile(r"[a-z0-9_ ]{1,40}")
_BACKLOG = Pace().backlog


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
        if len(batch.events) < _BACKLOG:  # a trickle is read to its end each time, and may never pause
            self._at = self._clock.now()
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


def _word(text: str | None) -> str:
    """A label has few values, whatever stands in a ledger."""
    return text if text and _WORD.fullmatch(text) else "other"
