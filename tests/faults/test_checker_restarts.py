"""What a start of Asterisk may excuse, and what it may not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.faults.checker.check import judge
from tests.faults.checker.witness import Witness
from tests.faults.test_checker_judges import BRIDGED, CALL, WAITING, at, cel, evidence, queue_row, record, visit


class TestSaidTwice:
    PAUSE, AGAIN = queue_row(5, "PAUSE", "wrap_up"), queue_row(6, "PAUSE", "wrap_up")

    def test_the_same_pause_within_moments_is_found(self) -> None:
        assert "I8" in judge(evidence((), (self.PAUSE, self.AGAIN))).invariants

    def test_what_asterisk_forgot_when_it_was_killed_may_be_said_again(self) -> None:
        seen = evidence((), (self.PAUSE, queue_row(6, "QUEUESTART"), self.AGAIN))
        assert judge(seen).breaches == ()


class TestRestart:
    ENTERED = queue_row(5, "ENTERQUEUE", "", "", "1")

    def test_a_waiting_call_that_a_start_of_asterisk_outlived_is_lost_by_restart(self) -> None:
        seen = evidence(
            WAITING, (self.ENTERED, queue_row(60, "QUEUESTART")),
            calls=[record("lost_by_restart", 61)], visits=[visit("lost_by_restart", 61)],
        )  # fmt: skip
        assert judge(seen).breaches == ()

    def test_it_is_not_lost_when_asterisk_never_began_anew(self) -> None:
        seen = evidence(
            WAITING, (self.ENTERED,), calls=[record("lost_by_restart", 61)], visits=[visit("lost_by_restart", 61)]
        )
        assert "I2" in judge(seen).invariants

    def test_a_start_before_its_last_sign_excuses_nothing(self) -> None:
        seen = evidence(
            WAITING, (queue_row(-60, "QUEUESTART"), self.ENTERED),
            calls=[record("lost_by_restart", 61)], visits=[visit("lost_by_restart", 61)],
        )  # fmt: skip
        assert "I2" in judge(seen).invariants

    def test_a_talk_cut_by_the_restart_is_no_answered_call(self) -> None:
        rows = (self.ENTERED, queue_row(8, "CONNECT", "3", "line1420-2.1", "1"), queue_row(60, "QUEUESTART"))
        cut = visit("lost_by_restart", 61, connected_at=at(8), waited_seconds=3.0, talked_seconds=40.0)
        sound = {
            "recording_id": f"{CALL}-1", "call_id": CALL, "kind": "talk", "state": "missing", "reason": "lost",
            "seconds": None, "expected_seconds": None, "channels": None, "bytes": None, "sha256": None,
            "archive_key": None, "archived_at": at(70),
        }  # fmt: skip
        lost = evidence(BRIDGED, rows, calls=[record("lost_by_restart", 61)], visits=[cut], recordings=[sound])
        assert judge(lost).breaches == ()
        answered = replace(lost, calls=[record("answered", 61)])
        assert judge(answered).invariants == {"I2"}

    @pytest.mark.parametrize(
        ("boot", "ended_by", "found"), [(63, "caller", set()), (120, "caller", {"I2"}), (63, "line", {"I2"})]
    )
    def test_whom_a_restart_told_nothing_hangs_up_later(self, boot: int, ended_by: Any, found: set[str]) -> None:
        rows = (cel(0, "offered"), cel(61, "final"), cel(61, "HANGUP"), cel(61, "LINKEDID_END"))
        caller = Witness("09120000001", "menu", at(0), ended_at=at(100), ended_by=ended_by)
        seen = evidence(
            rows, (queue_row(boot, "QUEUESTART"),), calls=[record("menu_abandoned", 61)], witnesses=[caller]
        )
        assert judge(seen).invariants == found

    def test_an_open_call_may_be_alive(self) -> None:
        waits = visit("", 6) | {"outcome": None, "ended_at": None, "waited_seconds": None}
        seen = evidence(WAITING, (self.ENTERED,), calls=[record(None, None)], visits=[waits], now=300)
        assert judge(seen).breaches == ()

    def test_a_call_silent_for_longer_than_any_call_may_not_stay_open(self) -> None:
        seen = evidence(WAITING, (self.ENTERED,), calls=[record(None, None)], now=5 * 3600)
        assert "I1" in judge(seen).invariants

    def test_lost_unknown_needs_the_longest_call_to_have_passed(self) -> None:
        told = {"calls": [record("lost_unknown", 5)], "visits": [visit("lost_unknown", 5)]}
        assert "I1" in judge(evidence(WAITING, (self.ENTERED,), now=600, **told)).invariants
        late = judge(evidence(WAITING, (self.ENTERED,), now=5 * 3600, **told))
        assert not {"I1", "I2"} & late.invariants, str(late)
