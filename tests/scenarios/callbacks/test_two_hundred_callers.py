"""Call back fairness: 200 mixed live and call back callers, no overtaking beyond the stated rule, no double dial.

Judged from SIPp's own logs at the carrier's end, from queue_log and CEL as files, and from the API for the joinings alone.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from statistics import mean
from typing import Any

import pytest

from asterisk_conf.robots.carrier import Carrier, Ring
from asterisk_conf.robots.crew import Crew
from asterisk_conf.robots.crowd import Crowd, HangUp, Press, Wait, crowd_numbers
from ivr.kernel.clock import SystemClock
from tests.faults.checker.check import check_line
from tests.scenarios.callbacks.conftest import Calling
from tests.scenarios.on_the_line.callers import eventually

LIVE, ASKING = 130, 70
A_SECOND = 2.5
"""Callers; twelve operators serve about one, so the line grows."""
SIDE_BY_SIDE = 3.0
"""Several operators are rung at once, each for the next caller: who is answered within this time was taken together."""
SLACK = 2.0
"""queue_log's whole second, the joining's whole second."""


@dataclass
class Stand:
    """One stay in line: whose, since when by the rule, and when an operator took it."""

    who: str
    joined: float
    entered: float
    taken: float | None
    left: float


@pytest.mark.line
@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_hundred_callers_some_of_whom_are_called_back(calling: Calling, carrier_port: int) -> None:
    line, target = calling.line, f"127.0.0.1:{calling.line.sip_port}"
    answers = ("answer", "answer", "busy", "answer", "answer", "ring_out")
    carrier = calling.telephones(
        Carrier(calling.folder / "carrier", port=carrier_port, answers=answers, talk_seconds=4)
    )
    secrets = {seat: told["secret"] for seat, told in line.run["seats"].items()}
    crew = Crew(calling.folder / "crew", target, secrets, ring_seconds=0.5, talk_seconds=(8, 11)).sign_in()
    try:
        calling.seat_is("seat12", "available")
        begin = SystemClock().now().timestamp()
        waits = Crowd(
            calling.folder, "live", target, [Wait(2.5, 3), Press("11", 0.9), Wait(420), HangUp()],
            rate=A_SECOND * LIVE / (LIVE + ASKING), limit_seconds=560,
        ).start(crowd_numbers("0912771", LIVE))  # fmt: skip
        steps = [Wait(2.5, 3), Press("11", 0.9), Wait(6, 14), Press("1"), Wait(5), Press("1"), Wait(60), HangUp()]
        asks = Crowd(
            calling.folder, "asking", target, steps, rate=A_SECOND * ASKING / (LIVE + ASKING), limit_seconds=560
        ).start(crowd_numbers("0912772", ASKING))
        asks.wait(200)
        waits.wait(520)
        eventually(lambda: not _listed(calling)["open"], seconds=150, what="every call back has its end")
        eventually(lambda: not calling.waiting("insurance"), seconds=60, what="nobody waits any more")
    finally:
        line.module("asterisk_conf.exchange", "channel request hangup all")
        crew.sign_out()
    carrier.stop()
    rings = [ring for ring in carrier.rings() if ring.rang_at.timestamp() >= begin]
    _no_double_dial(rings)
    requests = _requests(line, begin)
    assert len(requests) >= 40, f"the line was never long: {len(requests)} call backs"
    stands = _stands(line, requests, begin)
    assert _overtaken(stands) == []
    reached = [one for one in requests.values() if one["state"] == "reached"]
    assert len(reached) >= len(requests) / 2
    assert {one["state"] for one in requests.values()} <= {"reached", "given_up", "cancelled"}
    waited = [s.taken - s.joined for s in stands if s.taken is not None]
    print(json.dumps({
        "callers": LIVE + ASKING, "call_backs": len(requests), "reached": len(reached), "dials": len(rings),
        "mean_wait_live": round(mean(s.taken - s.joined for s in stands if s.taken and "cb" not in s.who), 1),
        "mean_wait_called_back": round(mean(s.taken - s.joined for s in stands if s.taken and "cb" in s.who), 1),
        "longest": round(max(waited), 1),
    }))  # fmt: skip
    report = check_line(line, quiet=False)
    assert not report.breaches, str(report)


def _listed(calling: Calling) -> dict[str, Any]:
    with calling.line.api() as api:
        return api.get("/callbacks").json()


def _no_double_dial(rings: list[Ring]) -> None:
    by_number: dict[str, list[Ring]] = defaultdict(list)
    for ring in rings:
        by_number[ring.number].append(ring)
    for number, found in by_number.items():
        assert len(found) <= 2, f"{number} was dialled {len(found)} times"
        for before, after in pairwise(found):
            assert before.answered_at is None, f"{number} was dialled again after it had answered"
            assert before.ended_at is not None, f"{number}: a second dial during the first"
            assert before.ended_at < after.rang_at, f"{number}: two dials at once"


def _requests(line: Any, begin: float) -> dict[str, dict[str, Any]]:
    """Code → request, of this run."""
    found: dict[str, dict[str, Any]] = {}
    codes = {row["code"] for row in _cel(line) if row["name"] == "callback" and row["at"] >= begin}
    with line.api() as api:
        for code in sorted(codes):
            answer = api.get(f"/callbacks/{code}")
            assert answer.status_code == 200, f"the call back {code} was promised and is not there"
            found[code] = answer.json()
    return found


def _cel(line: Any) -> list[dict[str, Any]]:
    rows = []
    with (line.var / "asterisk/log/cel-custom/line.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            code = row[18].partition("code=")[2][:9] if row[2].startswith("callback") else ""
            rows.append({"at": float(row[1]), "name": row[2] or row[0], "call": row[4], "leg": row[3], "code": code})
    return rows


def _stands(line: Any, requests: dict[str, dict[str, Any]], begin: float) -> list[Stand]:
    """Every stay in the insurance queue. A call back is taken when its operator answered, before the announcement."""
    taken = {row["call"]: row["at"] for row in _cel(line) if row["name"] == "callback_taken"}
    found: dict[str, Stand] = {}
    for row in (line.var / "asterisk/log/queue_log").read_text("utf-8").splitlines():
        at, leg, queue, _, event, *_ = row.split("|")
        if queue != "q-insurance" or float(at) < int(begin):
            continue
        if event == "ENTERQUEUE":
            code = leg.partition("-cb")[2][:9]
            asked = requests.get(code)
            joined = datetime.fromisoformat(asked["joined_at"]).timestamp() if asked else float(at)
            found[leg] = Stand(leg, joined, float(at), None, float("inf"))
        elif leg in found and event in (
            "CONNECT",
            "ABANDON",
            "EXITWITHKEY",
            "EXITEMPTY",
            "EXITWITHTIMEOUT",
            "WITHDRAW",
        ):
            stand = found[leg]
            stand.left = min(stand.left, taken.get(leg, float(at)))
            if event == "CONNECT":
                stand.taken = taken.get(leg, float(at))
    return list(found.values())


def _overtaken(stands: list[Stand]) -> list[str]:
    """Everybody before whom somebody was taken who had joined later, and who still stood there a while after."""
    found: list[str] = []
    for one in stands:
        if one.taken is None:
            continue
        for other in stands:
            earlier = other.joined < one.joined - SLACK
            stood = other.entered < one.taken - SLACK and other.left > one.taken + SIDE_BY_SIDE
            if earlier and stood:
                found.append(f"{other.who} joined {one.joined - other.joined:.0f} s before {one.who} and was passed")
    return found
