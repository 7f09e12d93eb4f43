"""A caller presses 1, 1 and talks to an operator: the whole journey, measured against the robots' own logs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pytest

from tests.line import Line
from tests.scenarios.on_the_line.callers import CALL_JSON, Scenario, scenario, signed_in

pytestmark = pytest.mark.line

TALK_SECONDS = 6.0
SEEN_BY_BOTH = 3.0
"""Seconds by which a robot and the exchange may see one message apart on a machine that stands still for a moment."""
CALLER_HERTZ, OPERATOR_HERTZ = 440.0, 800.0


@dataclass(frozen=True)
class Journey:
    """What the robots' own logs say, and the record."""

    play: Scenario
    record: CALL_JSON
    caller_answered: datetime
    caller_ended: datetime
    ended_by_line: bool
    seat_rang: datetime
    seat_answered: datetime
    seat_left: datetime


@pytest.fixture(scope="module")
def journey(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """Caller: 1, 1, a tone, then 4 in the survey. Operator: rings 1 s, talks 6 s, hangs up."""
    with scenario(line, tmp_path_factory.mktemp("answered")) as play:
        seat = play.operator("seat03", ring_seconds=1.0, talk_seconds=TALK_SECONDS, hertz=OPERATOR_HERTZ)
        caller = play.caller("09121234503").pause(2.5).press("1").pause(1).press("1").tone(CALLER_HERTZ)
        # connecting, ringing, talking; the survey asks right after
        caller.pause(TALK_SECONDS + 8)
        for _ in range(3):  # on a slow machine the question comes late; a score is taken once
            caller.press("4").pause(4)
        assert caller.until_bye(60).dial().wait(110) == 0
        rang = seat.sipp.first("INVITE ", sent=False)
        found = (caller.answered_at, caller.ended_at, rang, seat.answered_at, seat.sipp.first("BYE "))
        assert None not in found, found
        record = play.archived("09121234503")
        yield Journey(play, record, found[0], found[1], caller.ended_by_line, found[2], found[3], found[4])  # type: ignore[arg-type]


def seconds_of(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_the_record_says_answered_by_whom_and_how_long(journey: Journey) -> None:
    record = journey.record
    assert (record["disposition"], record["score"]) == ("answered", 4)
    (visit,) = record["visits"]
    assert (visit["queue"], visit["outcome"]) == ("insurance", "answered")
    assert (visit["seat"], visit["agent"]) == ("seat03", "operator03")
    talked = (journey.seat_left - journey.seat_answered).total_seconds()
    assert visit["talked_seconds"] == pytest.approx(talked, abs=SEEN_BY_BOTH)
    assert seconds_of(record["answered_at"]) == pytest.approx(journey.seat_answered.timestamp(), abs=SEEN_BY_BOTH)
    assert seconds_of(record["arrived_at"]) == pytest.approx(journey.caller_answered.timestamp(), abs=SEEN_BY_BOTH)
    assert seconds_of(record["ended_at"]) == pytest.approx(journey.caller_ended.timestamp(), abs=SEEN_BY_BOTH)
    # A free seat rings at the join, so the robot's own log knows the wait without our ledger.
    waited = (journey.seat_answered - journey.seat_rang).total_seconds()
    assert visit["waited_seconds"] == pytest.approx(waited, abs=SEEN_BY_BOTH)
    assert journey.ended_by_line, "the line says goodbye after the score"


def test_the_score_stands_in_the_ledger_before_the_end(journey: Journey) -> None:
    names = [event["event"] for event in journey.play.timeline(journey.record["call_id"])]
    assert names.index("offered") < names.index("score") < names.index("final")


def test_each_voice_is_on_its_own_channel_and_as_long_as_the_talk(journey: Journey) -> None:
    (recording,) = journey.record["recordings"]
    with journey.play.line.api() as api:
        part = api.get(f"/recordings/{recording['recording_id']}/audio", headers={"Range": "bytes=0-43"})
        assert (part.status_code, len(part.content)) == (206, 44)
    rate, samples = journey.play.sound(recording["recording_id"])
    assert len(samples) / rate == pytest.approx(journey.record["visits"][0]["talked_seconds"], abs=2.5)
    middle = samples[len(samples) // 4 : 3 * len(samples) // 4]
    spectrum = np.abs(np.fft.rfft(middle, axis=0))
    loudest = np.fft.rfftfreq(len(middle), 1 / rate)[np.argmax(spectrum, axis=0)]
    assert loudest[0] == pytest.approx(CALLER_HERTZ, abs=5), "left: what the caller said"
    assert loudest[1] == pytest.approx(OPERATOR_HERTZ, abs=5), "right: what the operator said"


def test_the_audit_trail_knows_who_heard_it(journey: Journey) -> None:
    recording = journey.record["recordings"][0]["recording_id"]
    with signed_in(journey.play.line, "qa") as qa:
        assert qa.get(f"/api/v1/recordings/{recording}/audio", headers={"Range": "bytes=0-9"}).status_code == 206
    with signed_in(journey.play.line, "admin") as admin:
        entries = admin.get("/api/v1/audit").json()["items"]
    heard = [e for e in entries if e["action"] == "recording.heard" and e["target"] == f"recording:{recording}"]
    assert "person:qa" in {entry["actor"] for entry in heard}


def test_an_operator_may_not_hear_it(journey: Journey) -> None:
    recording = journey.record["recordings"][0]["recording_id"]
    with signed_in(journey.play.line, "operator01") as operator:
        assert operator.get(f"/api/v1/recordings/{recording}/audio").status_code == 403
