"""A caller presses 1,1, an operator answers and hangs up, the caller keys a score."""

from __future__ import annotations

import wave
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from tests.asterisk.exchange import Exchange


def loudest(path: Path) -> tuple[float, float]:
    """Hertz of the strongest tone, and the length in seconds."""
    with wave.open(str(path)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(float)
    power = np.abs(np.fft.rfft(samples))
    return float(np.fft.rfftfreq(len(samples), 1 / 8000)[power.argmax()]), len(samples) / 8000


def test_both_voices_milestones_and_queue_log_tell_the_same_call(
    exchange: Exchange, new_caller: Callable[..., Caller], new_seat: Callable[..., Seat]
) -> None:
    seat = new_seat(ring=0.5, talk=3.0, hertz=800.0)
    caller = new_caller().pause(2).press("11").tone(440.0).pause(5.2)
    for _ in range(3):  # a key before the survey has begun is forgotten; the first after it ends the call
        caller.press("4").pause(2)
    caller.until_bye(20).dial()
    assert caller.wait() == 0
    assert caller.ended_by_line

    exchange.await_row(caller.user, "LINKEDID_END")
    rows = exchange.rows(caller.user)
    milestones = [(row.name, row.fields) for row in rows if row.name.islower()]
    assert [name for name, _ in milestones] == [
        "offered", "step", "choice", "step", "choice", "decision", "talk", "queue", "score", "score", "final",
    ]  # fmt: skip
    fields = dict(milestones)
    assert fields["decision"]["queue"] == "insurance"
    assert fields["queue"] == {"queue": "insurance", "status": "CONTINUE"}
    assert fields["score"] == {"value": "4"}
    assert fields["final"] == {"cause": "16", "done": "1", "phase": "survey"}

    at = {(row.name, row.columns["channame"].partition("-")[0]): row.at for row in rows}
    talked = at["BRIDGE_EXIT", "PJSIP/trunk"] - at["BRIDGE_ENTER", "PJSIP/trunk"]
    answered, hung_up = seat.answered_at, seat.sipp.first("BYE ", sent=True)
    assert answered is not None
    assert hung_up is not None
    assert talked == pytest.approx((hung_up - answered).total_seconds(), abs=1.5)
    assert at["ANSWER", "PJSIP/seat01"] == pytest.approx(answered.timestamp(), abs=1.5)

    call = rows[0].call
    legs = [line for line in exchange.queue_log() if line[1] == call]
    assert [(line[2], line[4]) for line in legs] == [
        ("q-insurance", "ENTERQUEUE"),
        ("q-insurance", "CONNECT"),
        ("q-insurance", "COMPLETEAGENT"),
    ]
    assert legs[1][3] == "operator01"

    talk = exchange.var / "spool" / "calls" / fields["talk"]["recording"]
    assert fields["talk"]["recording"] == f"{call}-1"
    heard_of_caller, caller_seconds = loudest(talk.with_name(talk.name + ".rx.wav"))
    heard_by_caller, seat_seconds = loudest(talk.with_name(talk.name + ".tx.wav"))
    assert heard_of_caller == pytest.approx(440, abs=2)
    assert heard_by_caller == pytest.approx(800, abs=2)
    assert caller_seconds == pytest.approx(talked, abs=1.5)
    assert seat_seconds == pytest.approx(caller_seconds, abs=0.5)


def test_a_caller_who_hangs_up_while_it_rings_is_abandoned_and_while_talking_is_not(
    exchange: Exchange, new_caller: Callable[..., Caller], new_seat: Callable[..., Seat]
) -> None:
    new_seat("seat01", ring=60)
    ringing = new_caller().pause(2).press("0").pause(8).hang_up().dial()
    exchange.until(lambda: "PJSIP/seat01-" in exchange.remote("core show channels concise"), "the seat does not ring")
    new_seat("seat02", ring=0.5, talk=None)  # and the first is still asked, so this one talks
    talking = new_caller().pause(2).press("11").pause(5).hang_up().dial()
    assert ringing.wait() == talking.wait() == 0
    final = exchange.await_row(ringing.user, "final")
    assert final.fields["phase"] == "waiting"
    final = exchange.await_row(talking.user, "final")
    assert final.fields["phase"] == "talking"
    ends = {line[1]: line[4] for line in exchange.queue_log()}
    assert ends[exchange.rows(ringing.user)[0].call] == "ABANDON"
    assert ends[exchange.rows(talking.user)[0].call] == "COMPLETECALLER"
