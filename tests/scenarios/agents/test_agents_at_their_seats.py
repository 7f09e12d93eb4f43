"""An agent signs in at a seat, takes calls, pauses, works after a talk; and nothing that dies makes the line forget it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import numpy as np
import pytest

from tests.faults.second_opinion import Manager, Truth
from tests.patience import quickest
from tests.scenarios.agents.conftest import PHONE_GONE_SECONDS, Hall
from tests.scenarios.desk import Desk
from tests.scenarios.on_the_line.callers import eventually

pytestmark = pytest.mark.line

REASSERTED_SECONDS = 10.0
"""After Asterisk is back, at most: what reliability asks for."""

HOLD_AFTER, HOLD_SECONDS = 8.0, 10.0
OPERATOR_HERTZ = 800.0
"""What a robot operator sounds like."""


def sign_in(hall: Hall, account: str, seat: str) -> Desk:
    """At the desk page, with the seat's telephone there; the board says that calls can come."""
    desk = hall.desk(account)
    desk.do("POST", "/duty", seat=seat)
    hall.seat_shows(seat, state="available", agent=account)
    return desk


def insists(hall: Hall, number: str):
    """A caller who goes to insurance and stays until the operator hangs up."""
    return hall.caller(number).pause(2.5).press("1").pause(1).press("1").until_bye(90)


def truth(hall: Hall) -> Truth:
    secret = hall.line.environment["LINE1420_AMI_LISTENER_SECRET"]
    with Manager(hall.line.run["ports"]["ami"], secret) as tester:
        return tester.truth()


def test_a_telephone_alone_is_nobody_and_a_seat_is_one_agents_alone(hall: Hall) -> None:
    hall.telephone("seat05")
    assert hall.seat("seat05")["state"] == "offline"

    def members(which: str) -> list[int]:
        return [queue[which] for queue in hall.board()["queues"]]

    # the agents of the test before have just been signed out
    eventually(lambda: members("members_total") == [0, 0, 0, 0], seconds=60, what="nobody serves a queue")
    sign_in(hall, "operator03", "seat05")
    eventually(lambda: members("members_available") == [1, 1, 1, 1], seconds=60, what="one agent in each queue")
    assert members("members_total") == [1, 1, 1, 1]
    other = hall.desk("operator04")
    taken = other.ask("POST", "/duty", seat="seat05")
    assert taken.status_code == 409
    assert "operator03" in taken.text
    assert other.ask("POST", "/duty", seat="seat99").status_code == 422
    again = hall.desk("operator03").ask("POST", "/duty", seat="seat06")
    assert again.status_code == 409
    assert "seat05" in again.text


def test_a_talk_belongs_to_the_agent_and_is_followed_by_work_that_lasts_as_long_as_it_lasts(hall: Hall) -> None:
    hall.telephone("seat05", talk_seconds=10)
    desk = sign_in(hall, "operator03", "seat05")
    first = insists(hall, "02160000001").dial()
    hall.seat_shows("seat05", state="talking")
    hall.seat_shows("seat05", state="wrap_up")
    assert desk.duty["wrap_up"]["queue"] == "insurance"
    second = insists(hall, "02160000002").dial()
    eventually(lambda: hall.waiting("insurance"), seconds=60, what="the second caller waits")
    assert hall.seat("seat05")["state"] == "wrap_up", "nobody is sent to an agent who still works"
    desk.do("DELETE", "/duty/wrap-up")
    hall.seat_shows("seat05", state="talking")
    hall.hang_up(first, second)
    visit = hall.record("02160000001")["visits"][0]
    assert (visit["agent"], visit["seat"], visit["outcome"]) == ("operator03", "seat05", "answered")
    desk.do("DELETE", "/duty")
    hall.seat_shows("seat05", state="offline", agent=None, phone=True)


def test_a_caller_on_hold_is_shown_so_and_the_hold_is_a_part_of_the_talk(hall: Hall) -> None:
    """The same agent, one visit, and nothing is counted twice. The music that the caller hears is not recorded: Asterisk makes
    it outside of the bridge, and `test_board_follows_the_floor` hears it on the wire."""
    phone = hall.telephone("seat05", holds=(HOLD_AFTER, HOLD_SECONDS), talk_seconds=HOLD_AFTER)
    sign_in(hall, "operator03", "seat05")
    caller = hall.caller("02160000051").pause(2.5).press("1").pause(1).press("1").pause(90).hang_up().dial()
    for state in ("talking", "holding", "talking", "wrap_up"):
        hall.seat_shows("seat05", state=state, agent="operator03")
    hall.hang_up(caller)
    record = hall.archived("02160000051")
    (visit,), (recording,) = record["visits"], record["recordings"]
    answered, left = phone.answered_at, phone.sipp.first("BYE ")
    assert answered is not None
    assert left is not None
    assert visit["talked_seconds"] == pytest.approx((left - answered).total_seconds(), abs=3.0)
    heard = recorded(hall, recording["recording_id"])
    hold = max(re.findall("s+", heard), key=len, default="")
    before, _, after = heard.partition(hold)
    # a robot that gets no processor has holes in its tone, which are shorter than the hold
    assert HOLD_SECONDS * 1.5 <= len(hold) <= HOLD_SECONDS * 2 + 6, f"talk, hold, talk: {heard}"
    assert min(before.count("o"), after.count("o")) >= HOLD_AFTER, f"talk, hold, talk: {heard}"


def recorded(hall: Hall, recording: str) -> str:
    """What was recorded of the operator's side in each half second: their `o`wn tone, `s`ilence, or something `e`lse."""
    rate, samples = hall.sound(recording)
    half = rate // 2
    words = ""
    for start in range(0, len(samples) - half, half):
        strengths = np.abs(np.fft.rfft(samples[start : start + half, 1])) ** 2
        at = np.fft.rfftfreq(half, 1 / rate)
        tone = strengths[np.abs(at - OPERATOR_HERTZ) < 5].sum() / max(strengths.sum(), 1.0)
        loud = np.sqrt(np.mean(samples[start : start + half, 1] ** 2)) > 100
        words += ("o" if tone > 0.9 else "e") if loud else "s"
    return words


@pytest.mark.slow
def test_calls_that_ring_in_vain_pause_the_agent_until_they_are_back(hall: Hall) -> None:
    phone = hall.telephone("seat07", ring_seconds=60)
    desk = sign_in(hall, "operator07", "seat07")
    caller = insists(hall, "02160000003").dial()
    hall.seat_shows("seat07", state="paused", pause_reason="missed_calls")
    assert [pause["cause"] for pause in desk.duty["pauses"]] == ["missed_calls"]
    phone.sign_out()
    hall.telephone("seat07", talk_seconds=10)
    assert desk.do("POST", "/duty/ready")["pauses"] == []
    hall.seat_shows("seat07", state="talking")
    hall.finish(caller)
    assert hall.record("02160000003")["disposition"] == "answered"


def test_an_agent_is_free_only_when_every_cause_is_over_and_a_supervisors_is_a_supervisors(hall: Hall) -> None:
    hall.telephone("seat05")
    desk, lead = sign_in(hall, "operator03", "seat05"), hall.desk("supervisor")
    desk.do("POST", "/duty/pauses", cause="meal")
    hall.seat_shows("seat05", state="paused", pause_reason="meal")
    lead.do("PUT", "/duties/seat05/pause")
    assert [pause["cause"] for pause in desk.do("POST", "/duty/ready")["pauses"]] == ["supervisor"]
    hall.seat_shows("seat05", state="paused", pause_reason="supervisor")
    assert desk.ask("PUT", "/duties/seat05/pause").status_code == 403
    lead.do("DELETE", "/duties/seat05/pause")
    hall.seat_shows("seat05", state="available", pause_reason=None)
    trail = hall.desk("admin").do("GET", "/audit?limit=200")["items"]
    mine = [(entry["actor"], entry["action"]) for entry in trail if entry["target"] == "seat:seat05"]
    assert mine[:5] == [
        ("person:supervisor", "duty.resumed"),
        ("person:operator03", "duty.resumed"),
        ("person:supervisor", "duty.paused"),
        ("person:operator03", "duty.paused"),
        ("person:operator03", "duty.began"),
    ]


def test_whatever_dies_agents_are_where_they_were(hall: Hall) -> None:
    hall.telephone("seat05")
    hall.telephone("seat06")
    sign_in(hall, "operator03", "seat05")
    sign_in(hall, "operator04", "seat06").do("POST", "/duty/pauses", cause="prayer")
    hall.seat_shows("seat06", state="paused", pause_reason="prayer")
    before, epoch = truth(hall).members, hall.board()["epoch"]
    hall.line.supervision.signal("listener", "KILL")
    eventually(lambda: hall.board()["epoch"] != epoch, seconds=60, what="the listener is back")
    hall.seat_shows("seat06", state="paused", pause_reason="prayer")
    assert truth(hall).members == before

    def forgotten() -> float:
        forget_everything(hall)
        eventually(
            lambda: not hall.board()["stale"] and not hall.seat("seat05")["phone"], seconds=60, what="it is back"
        )
        hall.telephone("seat05")
        hall.telephone("seat06")
        back = time.monotonic()
        eventually(lambda: same_members(hall, before), seconds=60, what="Asterisk holds what it held")
        return time.monotonic() - back

    assert quickest(forgotten, REASSERTED_SECONDS) <= REASSERTED_SECONDS
    hall.seat_shows("seat06", agent="operator04", state="paused", pause_reason="prayer")
    hall.seat_shows("seat05", agent="operator03", state="available")
    admin = hall.desk("admin")

    def told() -> bool:  # written when Asterisk has already done it
        trail = admin.do("GET", "/audit?limit=200")["items"]
        corrected = [entry["details"]["steps"] for entry in trail if entry["action"] == "duty.reasserted"]
        return any("QueueAdd insurance seat05" in steps for steps in corrected)

    eventually(told, seconds=60, what="the trail tells that seat05 was put back")


@pytest.mark.slow
def test_an_agent_whose_telephone_is_gone_is_signed_out(hall: Hall) -> None:
    phone = hall.telephone("seat05")
    desk = sign_in(hall, "operator03", "seat05")
    phone.sign_out()
    hall.seat_shows("seat05", state="offline", phone=False, agent="operator03")
    eventually(lambda: desk.duty is None, seconds=PHONE_GONE_SECONDS + 60, what="the duty is over")
    assert truth(hall).members.keys() == {("all-seats", f"seat{n:02d}") for n in range(1, 17)}


def forget_everything(hall: Hall) -> None:
    """Asterisk dies, and what it wrote down of members and registrations is lost with it."""
    supervision = hall.line.supervision
    supervision.signal("asterisk", "STOP")  # so that it writes nothing more
    for database in Path(hall.line.var, "asterisk").rglob("astdb.sqlite3*"):
        database.unlink()
    supervision.signal("asterisk", "KILL")


def same_members(hall: Hall, before: dict[tuple[str, str], tuple[int, bool, str]]) -> bool:
    """Who serves which queue, paused and why. The telephones register again in their own time."""
    try:
        now = truth(hall).members
    except (OSError, AssertionError, ConnectionError):
        return False
    return {key: value[1:] for key, value in now.items()} == {key: value[1:] for key, value in before.items()}
