"""What a replay found: board, figures, records and agents, put beside what they must be; and the same for a file."""

from __future__ import annotations

import json
import subprocess
import sys
import wave
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from api.reports.standard import SHORT_ABANDON_SECONDS, THRESHOLD_SECONDS
from asterisk_conf.robots.crew import Crew
from asterisk_conf.robots.crowd import Seen
from ivr.kernel.clock import TEHRAN, SystemClock
from tests.faults.checker.check import check_line
from tests.faults.checker.report import Report
from tests.line import REPOSITORY, Line
from tests.scenarios.day.against import Compared, compared, summary, told_by
from tests.scenarios.day.callers import Callers
from tests.scenarios.day.plan import Profile, Window
from tests.scenarios.day.staff import Staff
from tests.scenarios.day.troubles import Trouble
from tests.scenarios.day.watching import Checks
from tests.told import head_commit

CUT, BROKEN = "cut", "broken line"
AT_ONCE = 1.0
"""Seconds: who leaves or comes so near to a strike may have been faster or slower than it."""


@dataclass
class Outcome:
    """What a replay found; nothing is asserted here, so that it can be written down whole."""

    window: Window
    seed: int
    calls: int
    checks: Checks
    troubles: list[Trouble]
    compared: list[Compared]
    counted: dict[str, Any]
    received: tuple[int, int, int]
    """Ours, and the least and the most that was counted; so with `messages`."""
    messages: tuple[int, int, int]
    summary: list[tuple[str, str, str]]
    report: Report
    adherence: dict[str, Any]
    dispositions: dict[str, str]
    """Caller → disposition."""
    met: dict[str, str]
    """Caller → what hurt the call: `cut`, `broken line`, or the doors that failed."""
    staff: dict[str, int]
    staff_troubles: list[str] = field(default_factory=list)

    @property
    def differences(self) -> list[str]:
        return [str(one) for one in self.compared if not one.agrees]


@dataclass
class Played:
    """A replay that is over and was not looked at yet. `folder` holds the robots' logs."""

    line: Line
    folder: Path
    profile: Profile
    window: Window
    seed: int
    since: datetime
    """Before the first robot moved."""
    crew: Crew
    people: Callers
    staff: Staff
    checks: Checks
    troubles: list[Trouble]
    adherence: dict[str, Any]


def judged(played: Played) -> Outcome:
    """Look at it from all sides. Nothing is asserted here, so that a run can be written down whole."""
    line, folder, profile, troubles = played.line, played.folder, played.profile, played.troubles
    broken = [(one.struck_at, one.right_at) for one in troubles if one.cut_calls]
    seen = [one for _, one in played.people.seen()]
    met = {one.number: hurt for one in seen if (hurt := _hurt(one, broken))}
    records = _records(line)
    met |= {
        number: ", ".join(sorted({fallback["door"] for fallback in record["fallbacks"]}))
        for number, record in records.items()
        if record["fallbacks"] and number not in met
    }
    report = check_line(line, played.people.witnesses(played.crew, met), since=played.since)
    facts = {
        "queues": {key: name for key, (name, _) in profile.queues.items()},
        "sentence_seconds": {name: _sentence(line, name) for name, _ in profile.queues.values()},
        "wait_limit_seconds": round(profile.limits["wait"] / profile.speed),
        "threshold_seconds": THRESHOLD_SECONDS,
        "short_seconds": SHORT_ABANDON_SECONDS,
        "broken": broken,
        "apart": {number: why for number, why in met.items() if why not in (CUT, BROKEN)},
        "over": SystemClock().now().timestamp(),
    }
    (folder / "run.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")
    counted = _counted_by_another(folder)
    days = _figures(line, profile, played.since, SystemClock().now())
    ours = told_by(days)
    whole = [day for day in days if day["queue"] is None]
    received = sum(day["calls"]["received"] for day in whole)
    messages = sum(day["calls"]["by_disposition"].get("left_message", 0) for day in whole)
    return Outcome(
        window=played.window, seed=played.seed, calls=len(seen), checks=played.checks, troubles=troubles,
        compared=compared(ours, counted["figures"]), counted=counted, received=(received, *counted["received"]),
        messages=(messages, *counted["messages"]), summary=summary(ours[""], counted["figures"][""]), report=report,
        adherence=played.adherence, dispositions={number: record["disposition"] for number, record in _records(line).items()},
        met=met, staff_troubles=played.staff.troubles,
        staff={
            "wrap-ups ended": played.staff.ended_wrap_ups,
            "back after missed calls": played.staff.returned_after_misses,
        },
    )  # fmt: skip


def _hurt(one: Seen, broken: Sequence[tuple[float, float]]) -> str:
    """`cut`: was on the line when Asterisk ended; `broken line`: was there before all was well again, or left just then."""
    dialled, ended = one.dialled_at.timestamp(), one.ended_at.timestamp() if one.ended_at else float("inf")
    for struck, right in broken:
        if dialled <= right and ended >= struck - AT_ONCE:
            left = one.ended_by == "caller" and ended <= struck + AT_ONCE
            return CUT if one.answered_at and one.answered_at.timestamp() < struck - AT_ONCE and not left else BROKEN
    return ""


def _counted_by_another(folder: Path) -> dict[str, Any]:
    told = subprocess.run(
        [sys.executable, "-m", "tests.scenarios.day.count", str(folder)],
        cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return json.loads(told.stdout)


def _figures(line: Line, profile: Profile, begins: datetime, ends: datetime) -> list[dict[str, Any]]:
    """Of each day in Tehran that the run touched: of the whole line, then of each queue."""
    first, last = begins.astimezone(TEHRAN).date(), ends.astimezone(TEHRAN).date()
    found: list[dict[str, Any]] = []
    with line.api() as api:
        for n in range((last - first).days + 1):
            date = (first + timedelta(days=n)).isoformat()
            for queue in (None, *(name for name, _ in profile.queues.values())):
                asked = {"day": date} | ({"queue": queue} if queue else {})
                found.append(api.get("/figures", params=asked).raise_for_status().json() | {"date": date})
    return found


def _records(line: Line) -> dict[str, dict[str, Any]]:
    """Caller in national form → the record."""
    found: dict[str, dict[str, Any]] = {}
    with line.api() as api:
        query: dict[str, str | int] = {"limit": 200}
        while True:
            page = api.get("/calls", params=query).raise_for_status().json()
            found |= {item["caller"].replace("+98", "0", 1): item for item in page["items"]}
            if page["next"] is None:
                return found
            query["cursor"] = page["next"]


def _sentence(line: Line, queue: str) -> float:
    """How long what is said between the last key and the queue lasts; a door adds some milliseconds."""
    name = "connecting" if queue == "general" else f"connecting_{queue}"
    with wave.open(str(line.var / "asterisk" / "sounds" / "fa" / "line" / f"{name}.wav")) as sound:
        return sound.getnframes() / sound.getframerate()


def written(outcome: Outcome) -> dict[str, Any]:
    """For a file, and from there for the documents."""
    return {
        "at": SystemClock().now().isoformat(timespec="seconds"),
        "commit": head_commit(),
        "from": outcome.window.spoken(0),
        "to": outcome.window.spoken(outcome.window.seconds),
        "speed": outcome.window.speed,
        "minutes": round(outcome.window.seconds / 60, 1),
        "seed": outcome.seed,
        "calls": outcome.calls,
        "checks": outcome.checks.made,
        "differences": outcome.checks.differences,
        "healed": outcome.checks.healed,
        "figures compared": len(outcome.compared),
        "figures that differ": outcome.differences,
        "received": outcome.received,
        "messages": outcome.messages,
        "stays": outcome.counted["stays"],
        "apart": outcome.counted["apart"],
        "summary": outcome.summary,
        "troubles": [asdict(trouble) for trouble in outcome.troubles],
        "checker": {"breaches": [str(breach) for breach in outcome.report.breaches], **outcome.report.checked},
        "adherence": outcome.adherence,
        "staff": outcome.staff,
    }
