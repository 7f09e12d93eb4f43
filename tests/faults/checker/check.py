"""The one call that tests make: look at a line over a span of time, wait for it to settle, and report."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic

import asyncpg

from ivr.kernel.clock import SystemClock
from tests.faults.checker import calls, limits, queues, sounds
from tests.faults.checker.callbacks import callbacks_kept
from tests.faults.checker.evidence import Evidence
from tests.faults.checker.facts import facts_of
from tests.faults.checker.floor import board_is_true
from tests.faults.checker.gather import gather
from tests.faults.checker.place import Place, place_of
from tests.faults.checker.report import Breach, Report
from tests.faults.checker.resources import Sample, judged, nothing_grows
from tests.faults.checker.values import values_agree
from tests.faults.checker.witness import Witness
from tests.faults.checker.work import logs_are_clean, queue_is_empty
from tests.line import CALLER_NAME, Line

_BETWEEN_LOOKS = 2.0


def check_line(
    line: Line | Place,
    witnesses: Iterable[Witness] = (),
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    grace_seconds: float = limits.PATIENCE,
    samples: Sequence[Sample] = (),
    names: Iterable[str] = (),
    quiet: bool = True,
) -> Report:
    """Check the calls that arrived in [since, until) (default: the last day until now).

    Looks again and again until no breach is left or `grace_seconds` are over: what needs time to settle gets it. Then
    everything older than the grace is judged. `witnesses` are joined by the caller's number; `samples` (of
    `resources.Sampler`) let I11 be judged; `names` are callers' names that may stand in no log, beside that of the robots.
    `quiet`: every caller has gone, so no channel may be up. A `Line` runs: that its Asterisk or its board cannot be looked
    at is a breach too. May be called inside a running event loop.
    """
    place, runs = (line, False) if isinstance(line, Place) else (place_of(line), True)
    now = SystemClock().now()
    begin = since or now - timedelta(days=1)
    work = _check(
        place, list(witnesses), begin, until, grace_seconds, samples, [CALLER_NAME, *names], quiet=quiet, runs=runs
    )
    with ThreadPoolExecutor(1, "checker") as own_loop:
        return own_loop.submit(asyncio.run, work).result()


async def _check(
    place: Place, witnesses: Sequence[Witness], since: datetime, until: datetime | None, grace: float,
    samples: Sequence[Sample], names: Sequence[str], *, quiet: bool, runs: bool,
) -> Report:  # fmt: skip
    end = monotonic() + grace
    problem = ""
    while True:
        last = monotonic() >= end
        upto = until or SystemClock().now()
        try:
            evidence = await gather(
                place, witnesses, since=since, until=upto, grace=grace if last else 0.0, names=names
            )
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            problem = f"the database does not answer: {type(error).__name__}: {error}"
        else:
            report = judge(evidence, samples=samples, quiet=quiet)
            report = nothing_unasked(report) if runs else report
            if last and grace:
                report.skipped["the newest"] = f"what ended less than {grace:.0f} s ago may still settle"
            if last or not report.breaches:
                return report
        if last:
            return Report(since, upto, (Breach("I1", "database", problem),))
        await asyncio.sleep(min(_BETWEEN_LOOKS, max(0.0, end - monotonic())))


def nothing_unasked(report: Report) -> Report:
    """The same, with a breach for all that a running line did not answer: what was not looked at is not proved."""
    unasked = [
        Breach(name.partition(",")[0], "this line", f"not judged: {report.skipped[name]}") for name in report.unasked
    ]
    return replace(report, breaches=(*report.breaches, *unasked))


def judge(evidence: Evidence, *, samples: Sequence[Sample] = (), quiet: bool = True) -> Report:
    """All invariants over one look. Pure."""
    breaches = sorted(
        _breaches(evidence, samples, quiet), key=lambda breach: (int(breach.invariant[1:]), breach.subject)
    )
    skipped: dict[str, str] = {}
    if evidence.floor is None:
        skipped["I7"] = "Asterisk did not answer, or was not asked"
    if evidence.channels is None:
        skipped["I11, channels left over"] = "Asterisk's console did not answer, or was not asked"
    if not judged(samples):
        skipped["I11"] = "no samples of a run that was long enough"
    if not evidence.witnesses:
        skipped["I1, I2, I5 by callers"] = (
            "no witnesses: ledgers, files and database were compared with each other only"
        )
    return Report(evidence.since, evidence.until, tuple(breaches), _counts(evidence), skipped)


def _breaches(evidence: Evidence, samples: Sequence[Sample], quiet: bool) -> Iterator[Breach]:
    facts = {call: facts_of(evidence, call) for call in evidence.judged}
    yield from calls.one_record_each(evidence, facts)
    yield from calls.witnesses_found(evidence, facts)
    yield from calls.ends_agree(evidence, facts)
    yield from queues.one_visit_each(evidence, facts)
    yield from values_agree(evidence, facts)
    yield from sounds.one_case_each(evidence, facts)
    yield from calls.scores_kept(evidence, facts)
    yield from sounds.sound_is_true(evidence, facts)
    yield from sounds.spool_is_empty(evidence, facts)
    yield from board_is_true(evidence)
    yield from queues.effects_once(evidence)
    yield from callbacks_kept(evidence, facts)
    yield from queue_is_empty(evidence)
    yield from calls.times_make_sense(evidence)
    yield from nothing_grows(samples, evidence.channels if quiet else None)
    yield from logs_are_clean(evidence)


def _counts(evidence: Evidence) -> dict[str, int]:
    mine = set(evidence.judged)
    records = [row for row in evidence.calls if row["call_id"] in mine]
    sound = [row for row in evidence.recordings if row["call_id"] in mine]
    return {
        "calls": len(mine),
        "visits": sum(row["call_id"] in mine for row in evidence.visits),
        "messages": sum(row["kind"] == "message" for row in sound),
        "recordings": len(sound),
        "cases": sum(row["call_id"] in mine for row in evidence.cases),
        "call backs": len(evidence.callbacks),
        "scores": sum(row["score"] is not None for row in records),
        "witnesses": len(evidence.witnesses),
        "sounds read": len(evidence.sounds),
        "CEL rows": sum(evidence.in_span(row.at) for row in evidence.cel),
        "queue_log rows": sum(evidence.in_span(row.at) for row in evidence.queue_log),
        "damaged rows": evidence.damaged_rows,
        "sounds repaired": sum(row["state"] == "repaired" for row in sound),
        "sounds truncated": sum(row["state"] == "truncated" for row in sound),
        "sounds missing": sum(row["state"] == "missing" for row in sound),
        "calls lost": sum(str(row["disposition"]).startswith("lost") for row in records),
        "calls open": sum(row["disposition"] is None for row in records),
    }
