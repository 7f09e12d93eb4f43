"""Plays one round on a line: cohort, strike, return, goodbye, verdict."""

from __future__ import annotations

import socket
import time
from datetime import datetime
from pathlib import Path

import httpx2

from ivr.kernel.clock import SystemClock
from tests.faults.checker.check import check_line
from tests.faults.rounds.cohort import Cohort, cohort
from tests.faults.rounds.ends import ends_after
from tests.faults.rounds.hurts import Hurt
from tests.faults.rounds.steps import Step
from tests.faults.rounds.tally import Round
from tests.line import Line
from tests.scenarios.on_the_line.callers import CALL_JSON, eventually

BACK_WITHIN = 30.0
"""Seconds until the whole line must answer again."""
SILENT_AFTER_A_KILL, SILENT_AT_MOST = 2.5, 5.0
"""Seconds a caller may hear nothing when the process that spoke to them is killed, or struck in another way."""
AT_A_DOOR = (Step.S1, Step.S2, Step.S3)
BOTH_DOORS_DIE = "doors-a and doors-b: kill -9"
"""After which everybody at a door must be led on."""


def play(line: Line, folder: Path, hurt: Hurt, serial: int, talk: Step = Step.S6, kind: type[Cohort] = Cohort) -> Round:
    """Play it; the returned round tells what was found. Nothing is asserted here, so that a run can be counted whole."""
    told = Round(hurt.process, hurt.action, faults=1)
    since = SystemClock().now()
    with cohort(line, folder, serial, talk, kind) as people:
        people.gather()
        people.knock_now()
        seen = people.seen()
        struck = SystemClock().now()
        hurt.strike(line)
        if hurt.mend:
            time.sleep(hurt.lasting)
            hurt.mend(line)
        mended = time.monotonic()
        told.back_seconds = until_back(line, mended, fresh_after=SystemClock().now())
        if Step.S7 in {standing.step for standing in seen} and not hurt.cuts_calls and not people.hold_is_shown():
            told.breaches.append("the board has forgotten that a caller is on hold")
        people.everybody_leaves(as_planned=not hurt.cuts_calls and hurt.process != "asterisk")
        told.breaches += people.robbed()
        witnesses = people.testimony(ends_after(hurt))
        told.calls = len(witnesses)
        told.steps = sorted({s.step.name for s in seen} | _at_the_edge(people, struck))
        if hurt.process.startswith("doors"):
            silences = _silences(people, struck, lost=2 if hurt.name == BOTH_DOORS_DIE else 1)
            told.silence_seconds = max(silences.values(), default=None)
            if hurt.name == BOTH_DOORS_DIE:
                left = [s for s in seen if s.step in AT_A_DOOR and s.caller.user not in silences]
                told.breaches += [f"nobody led on the caller at {standing.step.name}" for standing in left]
    settling = time.monotonic()
    report = check_line(line, witnesses, since=since, until=SystemClock().now())
    told.settled_seconds = round(time.monotonic() - settling, 1)
    told.endings = {w.journey: _dispositions(line, w.number, w.may_end_as) for w in witnesses}
    told.breaches += [str(breach) for breach in report.breaches]
    told.breaches += [
        f"{w.journey} {w.number} ended as {told.endings[w.journey]}, not as {sorted(w.may_end_as)}"
        for w in witnesses
        if w.may_end_as and not (_one(told.endings[w.journey]) & w.may_end_as) and w.answered_at
    ]
    if told.back_seconds is None:
        told.breaches.append(f"not back within {BACK_WITHIN:.0f} s: {_state(line)}")
    most = SILENT_AFTER_A_KILL if hurt.action.startswith("kill") else SILENT_AT_MOST
    if told.silence_seconds is not None and told.silence_seconds > most:
        told.breaches.append(f"a caller heard nothing for {told.silence_seconds:.1f} s")
    told.green = not told.breaches
    return told


def _one(dispositions: list[str]) -> set[str]:
    return set(dispositions) if len(dispositions) == 1 else set()


def until_back(line: Line, since: float, *, fresh_after: datetime) -> float | None:
    """Seconds from `since` until every program runs, every part answers and the board was proved true after that
    instant; `None` when that takes too long."""
    while time.monotonic() - since < BACK_WITHIN:
        if _is_back(line, fresh_after):
            return round(time.monotonic() - since, 1)
        time.sleep(0.2)
    return None


def _is_back(line: Line, fresh_after: datetime) -> bool:
    if set(line.supervision.states().values()) != {"RUNNING"}:
        return False
    for port in line.run["ports"]["agi"]:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return False
    try:
        if httpx2.get(f"{line.web}/ready", timeout=2).status_code != 200:
            return False
        with line.api() as api:
            proved = api.get("/board").json().get("as_of")
    except httpx2.HTTPError:
        return False
    return proved is not None and datetime.fromisoformat(proved) > fresh_after


def _state(line: Line) -> str:
    try:
        ready = httpx2.get(f"{line.web}/ready", timeout=2).text
    except httpx2.HTTPError as error:
        ready = type(error).__name__
    return f"{line.supervision.states()} {ready[:300]}"


def _at_the_edge(people: Cohort, struck: datetime) -> set[str]:
    """Steps too short for the ledger, by the robots' own clocks: not answered yet, or hanging up just then."""
    steps: set[str] = set()
    for standing in people.standing:
        caller = standing.caller
        if standing.step is Step.S0:
            dialled, answered = caller.sipp.first("INVITE ", sent=True), caller.answered_at
            at = dialled and (dialled - struck).total_seconds()
            if at is not None and at < 1.0 and (answered is None or answered > struck):
                steps.add(standing.step.name)
        elif standing.step is Step.S13:
            ended = caller.ended_at
            if ended is not None and abs((ended - struck).total_seconds()) < 0.5:
                steps.add(standing.step.name)
    return steps


def _silences(people: Cohort, struck: datetime, *, lost: int) -> dict[str, float]:
    """Caller at a door → seconds from the strike until the dialplan led them on; without those whom it did not. Each of `lost`
    doors that it finds gone is told; the second may be there again before it is asked."""
    waits: dict[str, float] = {}
    for standing in people.standing:
        if standing.step not in AT_A_DOOR:
            continue
        calls = people.calls_of(standing.caller.user)
        fallbacks = [f["at"] for call in calls for f in call["fallbacks"] if f["door"] in ("reception", "case_status")]
        after = [(datetime.fromisoformat(at) - struck).total_seconds() for at in fallbacks]
        if late := [round(wait, 2) for wait in after if wait > 0]:
            waits[standing.caller.user] = late[:lost][-1]
    return waits


def _dispositions(line: Line, number: str, may_end_as: frozenset[str]) -> list[str]:
    """Dispositions of this caller's calls; an open call is `open`.

    A record may still change when the sound of a message has been heard through, so one that agrees is waited for.
    """
    last: list[str] = []

    def asked() -> list[CALL_JSON] | None:
        with line.api() as api:
            answer = api.get("/calls", params={"caller": number})
        if answer.status_code != 200:
            return None
        items = answer.json()["items"]
        if not items or not all(item["disposition"] for item in items):
            return None
        last[:] = [item["disposition"] for item in items]
        return items if not may_end_as or set(last) <= may_end_as else None

    try:
        eventually(asked, seconds=20, what=f"a disposition for {number}")
    except AssertionError:
        return last or ["open or unknown"]
    return last
