"""What the checker judges: plain rows from every source, gathered once, and lookups between them. No judgement here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from tests.faults.checker.limits import WHOLE_SECOND
from tests.faults.checker.witness import Witness


@dataclass(frozen=True, slots=True)
class CelRow:
    """One row of CEL. `name` is the user event's name for our milestones, else Asterisk's; `said` its decoded fields."""

    at: datetime
    name: str
    leg: str
    call: str
    channel: str
    peer: str
    app_data: str
    number: str
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One row of queue_log; `queue` without the exchange's prefix."""

    at: datetime
    leg: str
    queue: str
    agent: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SoundFile:
    """One file of sound: its true hash and length, read by its bytes. `seconds` None: no readable wav."""

    path: str
    size: int
    sha256: str
    seconds: float | None
    loud_seconds: float


@dataclass(frozen=True, slots=True)
class SpoolFile:
    """One file of the spool. `folder`: `calls`, `messages`, `callbacks`."""

    folder: str
    name: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Leak:
    """A place in a log where something stands that must not; `what` never repeats it whole."""

    log: str
    line: int
    what: str


@dataclass(frozen=True, slots=True)
class FloorView:
    """What Asterisk says and what the board says, read within the same moment.

    Callers: queue → legs by position. Seats: name → `offline`, `ringing`, `talking`, `paused` or `free`.
    """

    asterisk_callers: Mapping[str, tuple[str, ...]]
    asterisk_seats: Mapping[str, str]
    board_callers: Mapping[str, tuple[str, ...]]
    board_seats: Mapping[str, str]
    board_age: float | None
    """Seconds since the board's last proof of life; None when there is no board."""


@dataclass(frozen=True, slots=True)
class Job:
    """One row of the jobs' table."""

    id: int
    name: str
    status: str
    created_at: datetime
    about: str


Row = Mapping[str, Any]


@dataclass
class Evidence:
    """Everything. Lists hold what lies in the span plus what hangs on it."""

    since: datetime
    until: datetime
    now: datetime
    grace: float
    cel: Sequence[CelRow] = ()
    queue_log: Sequence[QueueRow] = ()
    damaged_rows: int = 0
    ledgers_begin: datetime | None = None
    """The first row that is still there in CEL; before it the files cannot contradict the database."""
    calls: Sequence[Row] = ()
    visits: Sequence[Row] = ()
    recordings: Sequence[Row] = ()
    cases: Sequence[Row] = ()
    stored_rows: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(call or leg, source) → rows of the ledger that the database holds."""
    case_openings: Mapping[str, int] = field(default_factory=dict)
    """Case code → audit entries that say it was opened."""
    callbacks: Sequence[Row] = ()
    callback_calls: Sequence[Row] = ()
    """Attempts at them."""
    calls_back: bool = False
    """The line calls back by itself, by its settings."""
    jobs: Sequence[Job] = ()
    sounds: Mapping[str, SoundFile] = field(default_factory=dict)
    """Archive key → file."""
    spool: Sequence[SpoolFile] = ()
    codes: frozenset[str] | None = None
    """Tracking codes that were ever given; None when that folder is not at hand."""
    leaks: Sequence[Leak] = ()
    floor: FloorView | None = None
    channels: int | None = None
    """Channels up in Asterisk now."""
    witnesses: Sequence[Witness] = ()

    def due(self, at: datetime | None, extra: float = 0.0) -> bool:
        """Whether what follows from something at `at` must be there by now."""
        return at is not None and at <= self.now - timedelta(seconds=self.grace + (extra if self.grace else 0.0))

    def in_span(self, at: datetime) -> bool:
        return self.since <= at < self.until

    @cached_property
    def cel_of(self) -> Mapping[str, list[CelRow]]:
        """Call → its rows by time."""
        found: dict[str, list[CelRow]] = defaultdict(list)
        for row in sorted(self.cel, key=lambda row: row.at):
            found[row.call].append(row)
        return found

    @cached_property
    def call_of_leg(self) -> Mapping[str, str]:
        """Leg → the first call it was linked to."""
        found: dict[str, str] = {}
        for row in sorted(self.cel, key=lambda row: row.at):
            found.setdefault(row.leg, row.call)
        return found

    @cached_property
    def queue_rows_of(self) -> Mapping[str, list[QueueRow]]:
        """Call → its rows in the file's order (whole seconds cannot order them)."""
        found: dict[str, list[QueueRow]] = defaultdict(list)
        for row in self.queue_log:
            if row.leg not in ("NONE", "REALTIME", "MANAGER", "CLI"):
                found[self.call_of_leg.get(row.leg, row.leg)].append(row)
        return found

    @cached_property
    def boots(self) -> list[datetime]:
        """When Asterisk began anew, by queue_log."""
        return sorted(row.at for row in self.queue_log if row.name == "QUEUESTART")

    @cached_property
    def offered(self) -> Mapping[str, datetime]:
        """Calls of the line within the span → when they were offered."""
        found: dict[str, datetime] = {}
        for row in self.cel:
            if row.name == "offered" and self.in_span(row.at):
                found[row.call] = min(row.at, found.get(row.call, row.at))
        return found

    @cached_property
    def records(self) -> Mapping[str, Row]:
        return {row["call_id"]: row for row in self.calls}

    @cached_property
    def judged(self) -> list[str]:
        """Every call to judge: offered in the span, or recorded as having arrived in it."""
        recorded = {row["call_id"] for row in self.calls if self.in_span(row["arrived_at"])}
        return sorted(recorded | set(self.offered))

    @cached_property
    def visits_of(self) -> Mapping[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(self.visits, key=lambda row: row["n"]):
            found[row["call_id"]].append(row)
        return found

    @cached_property
    def recordings_of(self) -> Mapping[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.recordings:
            found[row["call_id"]].append(row)
        return found

    @cached_property
    def recordings_by_id(self) -> Mapping[str, Row]:
        return {row["recording_id"]: row for row in self.recordings}

    def caller_rows(self, call: str) -> list[CelRow]:
        """Rows of the channel that the dialplan led through the line."""
        rows = self.cel_of.get(call, [])
        legs = {row.leg for row in rows if row.name == "offered"} or {call}
        return [row for row in rows if row.leg in legs]

    def last_sign(self, call: str) -> datetime | None:
        """The last row of CEL that tells of the call."""
        rows = self.cel_of.get(call)
        return rows[-1].at if rows else None

    def end_of(self, call: str) -> datetime | None:
        """When CEL says that the caller was gone; None while it does not."""
        ends = ("HANGUP", "CHAN_END", "LINKEDID_END", "final")
        return next((row.at for row in self.caller_rows(call) if row.name in ends), None)

    def boot_after(self, at: datetime) -> datetime | None:
        """The first start of Asterisk after `at`, as late as its whole second allows."""
        slack = timedelta(seconds=WHOLE_SECOND)
        return next((boot + slack for boot in self.boots if boot + slack > at), None)

    def cut_by_boot(self, call: str) -> datetime | None:
        """The start of Asterisk that ended this call, when nothing else did."""
        sign = self.last_sign(call)
        if sign is None or self.end_of(call) is not None:
            return None
        return self.boot_after(sign)
