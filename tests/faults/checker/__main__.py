"""`python -m tests.faults.checker` (`make check-line`): check the line of this machine over any span of time.

Exit code 0: nothing is wrong and all could be looked at; 1: breaches; 2: nothing, or not all, could be looked at.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from ivr.kernel.clock import TEHRAN, SystemClock
from tests.faults.checker import limits
from tests.faults.checker.check import check_line
from tests.faults.checker.place import place_here
from tests.faults.checker.report import Report
from tests.faults.checker.spans import instant
from tests.faults.checker.witness import read_witnesses


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make check-line ARGS=…", description="Was anything lost?")
    span = "1405-09-01 (Jalali), 2026-11-22 or 2026-11-22T08:00; Tehran time"
    parser.add_argument("--since", help=f"first instant; {span}; default: today 00:00")
    parser.add_argument("--until", help="first instant that no longer counts; a day means its end; default: now")
    parser.add_argument("--witnesses", type=Path, help="what robot callers saw, JSON lines")
    parser.add_argument("--grace", type=float, default=limits.GRACE, help="seconds that things may take to settle")
    given = parser.parse_args(arguments)
    now = SystemClock().now()
    today = now.astimezone(TEHRAN).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        since: datetime = instant(given.since) if given.since else today
        until = instant(given.until, end_of_day=True) if given.until else None
        place = place_here()
    except (ValueError, OSError) as error:
        print(f"not possible: {error}", file=sys.stderr)
        return 2
    if until is not None and until <= since:
        print("not possible: --until is not after --since", file=sys.stderr)
        return 2
    witnesses = read_witnesses(given.witnesses) if given.witnesses else []
    report = check_line(place, witnesses, since=since, until=until, grace_seconds=given.grace, quiet=False)
    if not report.checked:
        print("not possible:", *(breach.text for breach in report.breaches), file=sys.stderr)
        return 2
    print(report)
    code, sentence = verdict(report, past=until is not None and until < now)
    if sentence:
        print(sentence)
    return code


def verdict(report: Report, *, past: bool = False) -> tuple[int, str]:
    """Exit code and, where it is 2, what was not proved and what to do. `past`: the span is over, and what Asterisk says
    now has nothing to do with it."""
    if report.breaches:
        return 1, ""
    if not report.checked.get("calls"):
        return 2, "There was no call in this span: nothing was proved. Another span: --since, --until."
    if not past and report.unasked:
        return 2, (
            "Board and channels were not proved: Asterisk was not asked or did not answer. Is it running, and are"
            " LINE1420_AMI_PORT, LINE1420_AMI_LISTENER_SECRET and LINE1420_ASTERISK_ROOT those of this line (var/line.env, var/run.json)?"
        )
    return 0, ""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
