"""`python -m api.processes.reconcile` (`make reconcile`): compare a day's ledgers with what was stored, now.

The worker does the same by itself each night at 02:30 Tehran time for the day before (`nightly`), and makes up for nights
in which it stood still as soon as it is back. Exit code 1 when the outcome is an alarm, or nothing could be compared.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from contextlib import suppress
from datetime import date, timedelta

import structlog
from prometheus_client import Gauge
from sqlalchemy.exc import SQLAlchemyError

from api.db.engine import Sessions, connect, sessions_of
from api.db.tables import Reconciliation
from api.http.logs import start_logging
from api.reconcile.service import AT, Ledgers, newest, next_day, reconcile, settled_at
from api.settings import ApiSettings, read_settings
from ivr.kernel.calendar import check_time_zone
from ivr.kernel.clock import TEHRAN, Clock, SystemClock
from ivr.kernel.jalali import read_day

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=60)
"""Between looks whether a day is due."""
AFTER_FAULT = timedelta(hours=1)
"""A fault of ours does not go away by itself: one alarm an hour."""
PATIENCE = timedelta(minutes=5)
"""A statement over a whole day may take this long."""
_SHOWN = 20

DIFFERENCES = Gauge("line1420_reconcile_differences", "Differences between ledgers and records, newest day.", ["about"])
ALARM = Gauge("line1420_reconcile_alarm", "1 when the newest day's differences need a person.")
RAN_AT = Gauge("line1420_reconcile_ran_timestamp_seconds", "When a day was last compared.")
_KINDS = ("call", "visit", "recording", "case", "score")


def ledgers_of(settings: ApiSettings) -> Ledgers:
    """Where this node's ledgers are."""
    logs = settings.asterisk_log
    return Ledgers(settings.systemname, logs / "cel-custom" / "line.csv", logs / "queue_log")


async def run_once(sessions: Sessions, ledgers: Ledgers, day: date, clock: Clock) -> Reconciliation:
    """Reconcile, say it in the log and in the measures."""
    outcome = await reconcile(sessions, ledgers, day, clock.now())
    _show(outcome)
    told = log.error if outcome.alarm else log.info
    told("reconciled", day=day.isoformat(), differences=outcome.difference_count, calls=outcome.totals["calls"],
         alarm=outcome.alarm)  # fmt: skip
    return outcome


def _show(outcome: Reconciliation) -> None:
    for kind in _KINDS:
        DIFFERENCES.labels(kind).set(sum(one["about"] == kind for one in outcome.differences))
    ALARM.set(int(outcome.alarm))
    RAN_AT.set(outcome.ran_at.timestamp())


async def nightly(sessions: Sessions, ledgers: Ledgers, clock: Clock, stop: asyncio.Event) -> None:
    """Until `stop`: each day once, when it is due. A database or a file that is away is waited for."""
    while not stop.is_set():
        day, pause = None, EVERY
        try:
            async with sessions() as session:
                outcome = await newest(session, ledgers.node)
            day = next_day(outcome, clock.now())
            if day is not None:
                await run_once(sessions, ledgers, day, clock)
            elif outcome is not None:
                _show(outcome)  # a worker that was started anew must not take an alarm away
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("reconcile_waits", problem=type(error).__name__)
        except Exception:
            # A fault of ours in counting must not end the worker, whose jobs are worth more; next look, next try.
            log.exception("reconcile_failed", day=day and day.isoformat(), alarm=True)
            pause = AFTER_FAULT
        with suppress(TimeoutError):
            async with asyncio.timeout(pause.total_seconds()):
                await stop.wait()


async def _main(settings: ApiSettings, day: date) -> Reconciliation:
    engine = connect(settings.database_url, application="line1420-reconcile", pool=1, statement_timeout=PATIENCE)
    try:
        return await run_once(sessions_of(engine), ledgers_of(settings), day, SystemClock())
    finally:
        await engine.dispose()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make reconcile ARGS=…")
    yesterday = SystemClock().now().astimezone(TEHRAN).date() - timedelta(days=1)
    parser.add_argument("--day", default=yesterday.isoformat(), help="Jalali or Gregorian; default: yesterday")
    start_logging("reconcile", logging.WARNING)
    check_time_zone()
    try:
        day = read_day(parser.parse_args(arguments).day)
    except ValueError as error:
        raise SystemExit(f"a day looks like 1405-09-01 or 2026-11-22 ({error})") from None
    if SystemClock().now() < settled_at(day):
        # Its calls go on: what is not written yet would be called lost, and the alarm would stand until the next night.
        raise SystemExit(
            f"{day.isoformat()} can be compared from {AT:%H:%M} of the next day on; until then: make check-line"
        )
    try:
        outcome = asyncio.run(_main(read_settings(), day))
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        raise SystemExit(f"not possible: {type(error).__name__}: {str(error).splitlines()[0]}") from None
    calls = outcome.totals["calls"]
    print(f"{day.isoformat()}: {calls['ledger']} calls in the ledgers, {calls['stored']} records.")
    for one in outcome.differences[:_SHOWN]:
        print(f"  {one['about']} {one['subject']}: ledger: {one['ledger']}; stored: {one['stored']}")
    print(f"{outcome.difference_count} differences{': ALARM' if outcome.alarm else ''}.")
    return 1 if outcome.alarm else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
