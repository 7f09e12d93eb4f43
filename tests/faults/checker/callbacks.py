"""I13: who was promised a call back has a place, is dialled by one call at a time, only when an operator waits for it, and
what the place says of its end is true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from tests.faults.checker.evidence import Evidence, Row
from tests.faults.checker.facts import Facts
from tests.faults.checker.report import Breach, shown
from tests.faults.checker.timeline import timeline

_OPEN = {"pending", "placed", "dialling", "retry"}


@dataclass(slots=True)
class _Dial:
    """One attempt, by CEL."""

    call: str
    placed_at: datetime | None = None
    taken_at: datetime | None = None
    dialled_at: datetime | None = None
    reached_at: datetime | None = None
    ended_at: datetime | None = None


def callbacks_kept(evidence: Evidence, facts: Mapping[str, Facts]) -> Iterator[Breach]:
    """I13, from both sides: promises in the ledger → places; dials in the ledger → one at a time; places → what was dialled."""
    rows = {str(row["code"]): row for row in evidence.callbacks}
    attempts = {str(row["call_id"]): row for row in evidence.callback_calls}
    dials = _dials(evidence)
    if evidence.calls_back:
        yield from _promises(evidence, facts, rows)
    for code, found in dials.items():
        yield from _one_at_a_time(evidence, code, found)
        yield from _known(evidence, code, found, rows.get(code), attempts)
    for code, row in rows.items():
        told = any(dial.reached_at for dial in dials.get(code, []))
        in_files = evidence.ledgers_begin and row["ended_at"] and row["ended_at"] > evidence.ledgers_begin
        if row["state"] == "reached" and row["same_as"] is None and in_files and not told:
            yield Breach("I13", f"call back {code}", "is called reached, and no ledger knows of it")


def _dials(evidence: Evidence) -> dict[str, list[_Dial]]:
    found: dict[str, dict[str, _Dial]] = defaultdict(dict)
    for row in sorted(evidence.cel, key=lambda row: row.at):
        code = row.said.get("code", "")
        if not row.name.startswith("callback_") or not code or not evidence.in_span(row.at):
            continue
        dial = found[code].setdefault(row.call, _Dial(row.call, ended_at=evidence.end_of(row.call)))
        match row.name:
            case "callback_placed":
                dial.placed_at = row.at
            case "callback_taken":
                dial.taken_at = row.at
            case "callback_dialled":
                dial.dialled_at = row.at
            case "callback_reached":
                dial.reached_at = row.at
            case _:
                pass
    return {code: sorted(of_code.values(), key=_begun) for code, of_code in found.items()}


def _begun(dial: _Dial) -> tuple[bool, datetime]:
    at = dial.dialled_at or dial.placed_at or dial.ended_at
    return (at is None, at or datetime.max.astimezone())


def _promises(evidence: Evidence, facts: Mapping[str, Facts], rows: Mapping[str, Row]) -> Iterator[Breach]:
    for call, told in facts.items():
        for code in told.callbacks:
            if code not in rows and evidence.due(evidence.last_sign(call)):
                yield Breach("I13", call, f"was promised the call back {code}, and there is no place for it",
                             timeline(evidence, call))  # fmt: skip


def _one_at_a_time(evidence: Evidence, code: str, dials: list[_Dial]) -> Iterator[Breach]:
    before: _Dial | None = None
    for dial in dials:
        if dial.dialled_at is None:
            continue
        if dial.taken_at is None or dial.taken_at > dial.dialled_at:
            yield Breach("I13", f"call back {code}", f"was dialled at {shown(dial.dialled_at)} with no operator waiting for it",
                         timeline(evidence, dial.call))  # fmt: skip
        if before is not None and before.dialled_at is not None:
            over = before.ended_at or evidence.boot_after(before.dialled_at)
            if before.reached_at is not None:
                yield Breach("I13", f"call back {code}", f"was dialled again at {shown(dial.dialled_at)} although reached",
                             timeline(evidence, dial.call))  # fmt: skip
            elif over is None or over > dial.dialled_at:
                yield Breach("I13", f"call back {code}", f"was dialled twice at once, at {shown(dial.dialled_at)}",
                             timeline(evidence, dial.call))  # fmt: skip
        before = dial


def _known(
    evidence: Evidence, code: str, dials: list[_Dial], row: Row | None, attempts: Mapping[str, Row]
) -> Iterator[Breach]:
    if row is None:
        yield Breach("I13", f"call back {code}", "was put into a queue, and nobody asked for it")
        return
    for dial in dials:
        attempt = attempts.get(dial.call)
        if attempt is None:
            yield Breach("I13", dial.call, f"is no attempt of the call back {code}", timeline(evidence, dial.call))
        elif evidence.due(dial.ended_at):
            outcome = attempt["outcome"]
            if outcome is None:
                yield Breach("I13", dial.call, "is over, and its attempt has no outcome", timeline(evidence, dial.call))
            elif (outcome == "reached") != (dial.reached_at is not None):
                yield Breach("I13", dial.call, f"is called {outcome}, the ledger says otherwise",
                             timeline(evidence, dial.call))  # fmt: skip
            if row["attempt_call"] == dial.call:
                yield Breach(
                    "I13", f"call back {code}", "waits for an attempt that is over", timeline(evidence, dial.call)
                )
    if any(evidence.due(dial.reached_at) for dial in dials) and row["state"] != "reached":
        yield Breach("I13", f"call back {code}", f"was reached and is called {row['state']}")
    if row["state"] in _OPEN and row["ended_at"] is not None:
        yield Breach("I13", f"call back {code}", f"is {row['state']} and over at once")
