"""Rules of the checker that need no database: what the board must show, what may grow. Restarts: test_checker_restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.asterisk_ami import FakeAmi
from tests.faults.checker.check import judge, nothing_unasked
from tests.faults.checker.evidence import CelRow, Evidence, QueueRow, SpoolFile
from tests.faults.checker.exchange import read_floor
from tests.faults.checker.gather import floor_view
from tests.faults.checker.ledgers import read_cel
from tests.faults.checker.place import Place
from tests.faults.checker.spans import instant
from tests.faults.checker.witness import Witness, append_witnesses, read_witnesses, seen_in, sip_messages

CALL = "line1420-1.0"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def cel(seconds: float, name: str, **said: str) -> CelRow:
    return CelRow(at(seconds), name, CALL, CALL, "PJSIP/trunk-1", "", "", "09120000001", said)


def queue_row(seconds: int, name: str, *values: str) -> QueueRow:
    leg = "NONE" if name == "QUEUESTART" else CALL
    return QueueRow(at(seconds), leg, "general", "operator01", name, values)


WAITING = (cel(0, "offered"), cel(5, "talk", recording=f"{CALL}-1", queue="general"))
"""A call that waits; nothing ends it."""
BRIDGED = (*WAITING, cel(8, "BRIDGE_ENTER"))


def record(disposition: str | None, ended: float | None, **more: Any) -> dict[str, Any]:
    return {
        "call_id": CALL,
        "node": "line1420",
        "caller": "+989120000001",
        "arrived_at": at(0),
        "answered_at": None,
        "ended_at": None if ended is None else at(ended),
        "disposition": disposition,
        "survey_offered": False,
        "score": None,
        "voice_message": None,
        "case_code": None,
        **more,
    }


def visit(outcome: str, ended: float, **more: Any) -> dict[str, Any]:
    return {
        "call_id": CALL,
        "n": 1,
        "queue": "general",
        "entered_at": at(5),
        "connected_at": None,
        "ended_at": at(ended),
        "waited_seconds": ended - 5,
        "talked_seconds": None,
        "outcome": outcome,
        "recording": f"{CALL}-1",
        "seat": None,
        **more,
    }


def evidence(
    cel_rows: Sequence[CelRow], queue_rows: Sequence[QueueRow], *, now: float = 600.0, **more: Any
) -> Evidence:
    mine = sum(row.leg == CALL for row in queue_rows)
    stored = {(CALL, "cel"): len(cel_rows), (CALL, "queue_log"): mine}
    span = {"since": at(-600), "until": at(now), "now": at(now), "grace": 60.0}
    return Evidence(**span, cel=cel_rows, queue_log=queue_rows, stored_rows=stored, **more)


class TestMoved:
    """A caller was taken out of one queue, waited on in another and gave up there."""

    CEL = (
        *WAITING, cel(30, "queue", queue="general", status="MOVED", to="pensions"),
        cel(30.1, "talk", recording=f"{CALL}-2", queue="pensions"), cel(50, "HANGUP"), cel(50, "LINKEDID_END"),
    )  # fmt: skip
    ROWS = (
        queue_row(5, "ENTERQUEUE", "", "", "1"),
        queue_row(30, "WITHDRAW", "1", "1", "25", "move,pensions,1,0"),
        replace(queue_row(30, "ENTERQUEUE", "", "", "1"), queue="pensions"),
        replace(queue_row(50, "ABANDON", "1", "1", "20"), queue="pensions"),
    )
    SECOND = visit("abandoned", 50, n=2, queue="pensions", entered_at=at(30.1), waited_seconds=19.9, recording=f"{CALL}-2")  # fmt: skip

    def test_two_visits_of_which_one_says_so_are_right(self) -> None:
        seen = evidence(self.CEL, self.ROWS, calls=[record("abandoned", 50)], visits=[visit("moved", 30), self.SECOND])
        assert judge(seen).breaches == ()

    @pytest.mark.parametrize("told", ["timed_out", "abandoned"])
    def test_a_visit_that_calls_it_anything_else_is_found(self, told: str) -> None:
        seen = evidence(self.CEL, self.ROWS, calls=[record("abandoned", 50)], visits=[visit(told, 30), self.SECOND])
        assert "I3" in judge(seen).invariants

    def test_a_second_visit_that_is_missing_is_found(self) -> None:
        seen = evidence(self.CEL, self.ROWS, calls=[record("abandoned", 50)], visits=[visit("moved", 30)])
        assert "I3" in judge(seen).invariants


class TestGrace:
    OVER = (cel(0, "offered"), cel(3, "HANGUP"))

    @pytest.mark.parametrize(("now", "broken"), [(40.0, set()), (120.0, {"I1"})], ids=["young", "old"])
    def test_what_ended_a_moment_ago_is_not_judged(self, now: float, broken: set[str]) -> None:
        assert judge(evidence(self.OVER, (), calls=[record(None, None)], now=now)).invariants == broken

    def test_a_file_of_a_call_that_goes_on_may_lie_in_the_spool(self) -> None:
        leg = SpoolFile("calls", f"{CALL}-1.rx.wav", at(9))
        going_on = evidence(BRIDGED, (), calls=[record(None, None)], spool=[leg])
        assert judge(going_on).breaches == ()


def told(seat: str, state: str, since: float = 0, **more: Any) -> dict[str, Any]:
    """A seat of the board."""
    return {"seat": seat, "state": state, "since": at(since).isoformat(), **more}


async def test_the_board_is_compared_with_what_asterisk_answers() -> None:
    member = {"Event": "QueueMember", "Queue": "q-general", "Paused": "0", "Name": "operator01"}
    async with FakeAmi() as ami:
        ami.queue_status = [
            {"Event": "QueueParams", "Queue": "q-general"},
            {**member, "StateInterface": "PJSIP/seat01", "Status": "2"},
            {**member, "StateInterface": "PJSIP/seat02", "Status": "1"},
            {**member, "StateInterface": "PJSIP/seat04", "Status": "1", "Paused": "1", "PausedReason": "prayer"},
            {**member, "StateInterface": "PJSIP/seat05", "Status": "1", "Paused": "1", "PausedReason": "wrap_up"},
            {**member, "StateInterface": "PJSIP/seat06", "Status": "2"},
            {"Event": "QueueEntry", "Queue": "q-general", "Position": "2", "Uniqueid": "line1420-1.9"},
            {"Event": "QueueEntry", "Queue": "q-general", "Position": "1", "Uniqueid": "line1420-1.5"},
        ]
        place = Place(Path("unused"), "", ami_port=ami.port, ami_secret=ami.secret)
        real = await asyncio.to_thread(read_floor, place)
    assert real is not None
    resting = {"seat": "seat04", "state": "paused", "pause_reason": "prayer"}
    first, second = {"leg_id": "line1420-1.5"}, {"leg_id": "line1420-1.9"}
    states = {"seat01": "talking", "seat02": "wrap_up", "seat03": "offline", "seat05": "wrap_up", "seat06": "holding"}
    seats = {"seat04": resting} | {name: told(name, state) for name, state in states.items()}
    board = {
        "as_of": NOON,
        "queues": [{"name": "general", "waiting": [first, second]}],
        "seats": list(seats.values()),
    }
    seen = evidence((), ())
    seen.floor = floor_view(real, board, at(1), own_rest=3.5)
    assert judge(seen).breaches == ()

    def but(name: str, state: str, **more: Any) -> dict[str, Any]:
        return {**board, "seats": list((seats | {name: told(name, state, **more)}).values())}

    for wrong, subject in (
        (but("seat01", "available"), "seat01"),
        (but("seat01", "wrap_up"), "seat01"),
        (but("seat02", "paused", pause_reason="wrap_up"), "seat02"),
        (but("seat02", "wrap_up", since=-3), "seat02"),
        (but("seat04", "paused", pause_reason="tea"), "seat04"),
        (but("seat04", "wrap_up"), "seat04"),
        (but("seat05", "available"), "seat05"),
        (but("seat05", "paused", pause_reason="tea"), "seat05"),
        (but("seat06", "available"), "seat06"),
        ({**board, "queues": []}, "queue general"),
        ({**board, "queues": [{"name": "general", "waiting": [second, first]}]}, "queue general"),
        ({**board, "as_of": at(-60)}, "the board"),
        (None, "the board"),
    ):
        seen.floor = floor_view(real, wrong, at(1), own_rest=3.5)
        assert [(b.invariant, b.subject) for b in judge(seen).breaches] == [("I7", subject)]


@pytest.mark.parametrize(
    ("channels", "answered", "expected"),
    [(0, True, set()), (None, True, {"I11"}), (0, False, {"I7"}), (None, False, {"I7", "I11"})],
)
def test_a_running_line_that_does_not_answer_is_a_breach(
    channels: int | None, answered: bool, expected: set[str]
) -> None:
    seen = evidence((), (), channels=channels)
    seen.floor = (
        floor_view(({}, {}), {"as_of": NOON, "queues": [], "seats": []}, at(1), own_rest=0) if answered else None
    )
    report = judge(seen)
    assert (report.invariants, nothing_unasked(report).invariants) == (set(), expected)


def test_a_channel_left_in_asterisk_is_found() -> None:
    seen = evidence((), (), channels=1)
    assert judge(seen).invariants == {"I11"}
    assert judge(seen, quiet=False).breaches == ()


def test_rows_of_cel_survive_line_breaks_and_damage(tmp_path: Path) -> None:
    row = (
        '"USER_DEFINED","1795304452.333274","offered","l-1.0","l-1.0","c","","x","s","a","d","0912","{name}"'
        + ',""' * 6
    )
    hostile = row.format(name='evil""\n""CHAN_START"",""1795304452.331745"",')
    path = tmp_path / "line.csv"
    path.write_text("garbage\n" + hostile + "\n" + row.format(name="ali")[:60] + "\n" + row.format(name="ali") + "\n")
    rows, damaged = read_cel(path)
    assert [(r.name, r.call) for r in rows] == [("offered", "l-1.0")] * 2
    assert damaged == 2


SIPP_LOG = """\
----------------------------------------------- 2026-11-22\t02:02:02.677850\t1795312922.677850
UDP message sent (600 bytes):

INVITE sip:1420@127.0.0.1:5060 SIP/2.0
CSeq: 1 INVITE

----------------------------------------------- 2026-11-22\t02:02:02.680492\t1795312922.680492
UDP message received [700] bytes :

SIP/2.0 200 OK
CSeq: 1 INVITE

----------------------------------------------- 2026-11-22\t02:02:04.000000\t1795312924.000000
UDP message sent (300 bytes):

INFO sip:1420@127.0.0.1:5060 SIP/2.0
CSeq: 2 INFO
Content-Type: application/dtmf-relay

Signal=4
Duration=160

----------------------------------------------- 2026-11-22\t02:02:09.000000\t1795312929.000000
UDP message received [300] bytes :

BYE sip:09120000001@127.0.0.1 SIP/2.0
CSeq: 7 BYE
"""


def test_a_caller_testifies_from_sipps_own_log(tmp_path: Path) -> None:
    log = tmp_path / "messages.log"
    log.write_text(SIPP_LOG)
    planned = {"may_end_as": frozenset({"answered"}), "score": 4, "left_message": None}
    witness = seen_in(sip_messages(log), number="09120000001", journey="scored", **planned)
    assert witness.answered_at is not None
    assert (witness.answered_at - witness.dialled_at).total_seconds() == pytest.approx(0.002642)
    assert (witness.ended_by, [key for _, key in witness.keys]) == ("line", ["4"])
    kept = tmp_path / "witnesses.jsonl"
    append_witnesses(kept, [witness])
    append_witnesses(kept, [Witness("09120000002", "menu", NOON)])
    assert read_witnesses(kept) == [witness, Witness("09120000002", "menu", NOON)]
    with pytest.raises(ValueError, match="no INVITE"):
        seen_in([], number="09120000003", journey="none")


@pytest.mark.parametrize("text", ["1405-09-01", "۱۴۰۵/۰۹/۰۱", "2026-11-22"])
def test_a_day_may_be_written_in_either_calendar(text: str) -> None:
    assert instant(text) == datetime.fromisoformat("2026-11-22T00:00+03:30")
    assert instant(text, end_of_day=True) == datetime.fromisoformat("2026-11-23T00:00+03:30")


def test_who_called_before_the_span_too_has_dialled_once_in_it() -> None:
    mine = (cel(0, "offered"), cel(61, "final"), cel(61, "HANGUP"), cel(61, "LINKEDID_END"))
    caller = Witness("09120000001", "menu", at(0), ended_at=at(61), ended_by="caller")
    seen = evidence(mine, (), calls=[record("menu_abandoned", 61)], witnesses=[caller])
    before, within = (replace(mine[0], call="line1420-0.0", leg="line1420-0.0", at=at(when)) for when in (-700, -300))
    assert judge(replace(seen, cel=(before, *mine))).breaches == ()
    assert "I1" in judge(replace(seen, cel=(within, *mine))).invariants
