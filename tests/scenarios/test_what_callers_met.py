"""One call, one record, one disposition: told as what happened to a caller."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.calls.record import Disposition, EndedBy, VisitOutcome
from ivr.kernel.ids import LegId
from tests.builders import a_call, a_call_in_the_menu, an_answered_call, record_of


def test_an_operator_answered_and_the_caller_gave_four():
    record = record_of(an_answered_call())
    assert record.disposition is Disposition.ANSWERED
    assert (record.caller, record.language, record.score, record.survey_offered) == ("+989121234567", "fa", 4, True)
    [visit] = record.visits
    assert (visit.queue, visit.outcome, visit.agent, visit.seat) == ("insurance", "answered", "operator03", "seat03")
    assert visit.waited_seconds == pytest.approx(12, abs=0.01)
    assert visit.talked_seconds == pytest.approx(40, abs=0.01)
    assert visit.ended_by is EndedBy.AGENT
    assert visit.recording == f"{record.call_id}-1"
    assert [(step.node, step.key) for step in record.menu_path] == [
        ("greeting", None),
        ("main", "1"),
        ("operators", "1"),
    ]
    assert record.problems == ()


def test_hung_up_during_the_greeting():
    record = record_of(a_call().hears("greeting").hangs_up())
    assert record.disposition is Disposition.MENU_ABANDONED
    assert record.visits == ()
    assert record.score is None


def test_hung_up_before_anything_was_said():
    assert record_of(a_call().hangs_up()).disposition is Disposition.MENU_ABANDONED


def test_hung_up_in_the_menu():
    record = record_of(a_call_in_the_menu().wait(3).hangs_up())
    assert record.disposition is Disposition.MENU_ABANDONED
    assert record.menu_path[-1].key is None


def test_hung_up_while_waiting():
    record = record_of(a_call_in_the_menu().joins("pensions").wait(7.4).hangs_up_waiting())
    assert record.disposition is Disposition.ABANDONED
    assert record.answered_at is None
    [visit] = record.visits
    assert visit.waited_seconds == pytest.approx(7.4, abs=0.01)
    assert (visit.talked_seconds, visit.agent, visit.seat) == (None, None, None)


def test_hung_up_while_a_seat_was_ringing():
    story = a_call_in_the_menu().joins("pensions").wait(2)
    story.cel("CHAN_START", leg="line1420-1.9", channel="PJSIP/seat04-0000000b").wait(3)
    story.queue_row("RINGCANCELED", agent="operator04", ringtime_ms="3000")
    record = record_of(story.hangs_up_waiting())
    assert record.disposition is Disposition.ABANDONED
    assert record.visits[0].seat is None


def test_hung_up_while_talking():
    record = record_of(a_call_in_the_menu().joins("general").wait(1).is_answered(1).wait(9).hangs_up_talking())
    assert record.disposition is Disposition.ANSWERED
    assert record.visits[0].ended_by is EndedBy.CALLER
    assert record.visits[0].talked_seconds == pytest.approx(9, abs=0.01)
    assert (record.survey_offered, record.score) == (False, None)


def test_hung_up_in_the_survey():
    story = a_call_in_the_menu().joins("general").is_answered(1).wait(9).operator_hangs_up()
    record = record_of(story.milestone("score", offered="1").wait(3).hangs_up())
    assert (record.disposition, record.survey_offered, record.score) == (Disposition.ANSWERED, True, None)


def test_nobody_was_on_duty():
    record = record_of(a_call_in_the_menu().is_refused("treatment", "JOINEMPTY").hears("no_agents").hangs_up())
    assert record.disposition is Disposition.NO_AGENTS
    assert record.visits[0].outcome is VisitOutcome.NO_AGENTS


def test_the_last_operator_left_while_the_caller_waited():
    record = record_of(
        a_call_in_the_menu().joins("treatment").wait(5).leaves_queue("EXITEMPTY", "LEAVEEMPTY").hangs_up()
    )
    assert record.disposition is Disposition.NO_AGENTS


def test_waited_past_the_limit():
    record = record_of(
        a_call_in_the_menu().joins("general").wait(30).leaves_queue("EXITWITHTIMEOUT", "TIMEOUT").hangs_up()
    )
    assert record.disposition is Disposition.TIMED_OUT
    assert record.visits[0].waited_seconds == pytest.approx(30, abs=0.01)


def test_the_queue_was_full():
    record = record_of(a_call_in_the_menu().is_refused("general", "FULL").hears("sorry").hangs_up())
    assert record.disposition is Disposition.REFUSED_FULL
    assert record.visits[0].waited_seconds == pytest.approx(0.013, abs=0.01)


def test_came_after_hours():
    story = a_call().hears("after_hours").decided("goodbye", open="0")
    assert record_of(story.hangs_up()).disposition is Disposition.AFTER_HOURS


def test_came_after_hours_and_asked_for_a_call_back():
    story = a_call().hears("after_hours").decided("callback", open="0")
    story.milestone("callback", code="123456782", queue="general", when="when_open", number="caller")
    assert record_of(story.hangs_up()).disposition is Disposition.CALLBACK_REQUESTED


def test_heard_what_they_wanted_from_the_machine():
    story = a_call_in_the_menu().milestone("delivered", what="information", result="hours")
    assert record_of(story.hangs_up()).disposition is Disposition.SELF_SERVED


def test_three_wrong_keys_led_to_an_operator():
    story = (
        a_call_in_the_menu()
        .keys("main", "wrong")
        .hears("main")
        .keys("main", "wrong")
        .hears("main")
        .keys("main", "wrong")
    )
    record = record_of(
        story.decided("queue", queue="general").joins("general").is_answered(2).wait(5).hangs_up_talking()
    )
    assert record.disposition is Disposition.ANSWERED
    assert [step.key for step in record.menu_path][1:] == ["wrong", "wrong", "wrong"]


def test_left_a_voice_message_and_kept_it():
    story = a_call_in_the_menu().records("m-1").wait(14)
    story.milestone("message", message="m-1", state="recorded", status="DTMF", seconds="13.8").wait(2)
    story.milestone("message", message="m-1", state="kept", seconds="13.8", kind="complaint", code="123456782")
    record = record_of(story.hangs_up().wait(5).fact("case_opened", code="123456782", recording="m-1"))
    assert record.disposition is Disposition.LEFT_MESSAGE
    assert record.case_code == "123456782"
    message = record.voice_message
    assert message is not None
    assert (message.message, message.kind, message.state, message.seconds) == ("m-1", "complaint", "kept", 13.8)


def test_recorded_the_message_anew():
    story = (
        a_call_in_the_menu().records("m-1").wait(4).milestone("message", message="m-1", state="recorded", seconds="3.9")
    )
    story.milestone("message", message="m-1", state="redone").records("m-1").wait(9)
    story.milestone("message", message="m-1", state="recorded", seconds="8.9").milestone(
        "message", message="m-1", state="kept"
    )
    message = record_of(story.hangs_up()).voice_message
    assert message is not None
    assert (message.state, message.seconds, message.kind) == ("kept", 8.9, "complaint")


def test_hung_up_in_the_middle_of_the_message():
    story = a_call_in_the_menu().records("m-1").wait(6).hangs_up()
    record = record_of(story)
    assert record.disposition is Disposition.LEFT_MESSAGE
    story.wait(20).fact("recording_archived", recording="m-1", kind="message", state="repaired", seconds="5.7")
    message = record_of(story).voice_message
    assert message is not None
    assert (message.state, message.seconds) == ("recorded", 5.7)


def test_the_message_held_only_silence():
    story = (
        a_call_in_the_menu().records("m-1").wait(8).milestone("message", message="m-1", state="recorded", seconds="8")
    )
    story.hangs_up().wait(9).fact("recording_archived", recording="m-1", kind="message", state="empty", seconds="8")
    record = record_of(story)
    assert record.disposition is Disposition.MENU_ABANDONED
    assert record.voice_message is not None
    assert record.voice_message.state == "empty"


def test_hung_up_at_the_beep():
    record = record_of(a_call_in_the_menu().records("m-1").wait(0.2).hangs_up())
    assert record.disposition is Disposition.MENU_ABANDONED


def test_left_the_queue_for_a_message():
    story = a_call_in_the_menu().joins("general").wait(5).leaves_by_key("2").records("m-1").wait(5)
    story.milestone("message", message="m-1", state="kept", seconds="4.8")
    record = record_of(story.hangs_up())
    assert record.disposition is Disposition.LEFT_MESSAGE
    assert record.visits[0].outcome is VisitOutcome.LEFT_BY_KEY
    assert record.visits[0].waited_seconds == pytest.approx(5, abs=0.01)


def test_left_the_queue_for_a_call_back():
    story = a_call_in_the_menu().joins("general").wait(5).leaves_by_key("1")
    record = record_of(story.milestone("callback", code="123456782", queue="general", when="keep_place").hangs_up())
    assert record.disposition is Disposition.CALLBACK_REQUESTED


def test_waited_in_two_queues():
    story = a_call_in_the_menu().joins("insurance").wait(30).leaves_queue("EXITWITHTIMEOUT", "TIMEOUT")
    story.hears("timed_out").decided("queue", queue="general").joins("general").wait(4).is_answered(5).wait(6)
    record = record_of(story.hangs_up_talking())
    assert [(v.n, v.queue, v.outcome) for v in record.visits] == [
        (1, "insurance", "timed_out"),
        (2, "general", "answered"),
    ]
    assert record.disposition is Disposition.ANSWERED
    assert record.visits[1].recording == f"{record.call_id}-2"


def test_waited_when_the_queue_was_closed_and_hung_up():
    """Not told as "waited too long": nobody's patience and no limit ended this wait."""
    record = record_of(a_call_in_the_menu().joins("insurance").wait(30).is_closed_out().hears("after_hours").hangs_up())
    assert (record.disposition, record.visits[0].outcome) == (Disposition.CLOSED_OUT, VisitOutcome.CLOSED_OUT)
    assert record.visits[0].waited_seconds == pytest.approx(30, abs=0.01)
    assert record.problems == ()


def test_left_a_queue_joined_it_again_and_was_answered_within_one_second():
    story = a_call_in_the_menu().joins("general").wait(1.0).leaves_queue("EXITWITHTIMEOUT", "TIMEOUT")
    record = record_of(story.joins("general").wait(0.1).is_answered(5).wait(6).hangs_up_talking())
    assert [v.outcome for v in record.visits] == [VisitOutcome.TIMED_OUT, VisitOutcome.ANSWERED]


def test_spoke_english():
    assert record_of(a_call().hears("greeting").hears("main", "en").hangs_up()).language == "en"


def test_called_with_a_hostile_name():
    story = a_call(name='محمد "رضایی"\\ \r\n\u202e' + "x" * 300, caller="anonymous").hangs_up()
    record = record_of(story)
    assert record.caller == ""
    assert record.caller_name.startswith('محمد "رضایی"\\ xxx')
    assert len(record.caller_name) == 200


@pytest.mark.parametrize("stage", ["arrived", "waiting", "talking"])
def test_a_call_that_goes_on_has_no_disposition(stage: str):
    story = a_call_in_the_menu()
    if stage != "arrived":
        story.joins("general").wait(2)
    if stage == "talking":
        story.is_answered(2).wait(2)
    record = record_of(story)
    assert (record.disposition, record.ended_at) == (None, None)
    assert all(visit.ended_at is None for visit in record.visits)


def test_came_in_through_a_local_channel_whose_other_half_names_the_call():
    story = an_answered_call()
    story.events = [
        replace(event, leg_id=LegId("line1420-1795249800.8")) if event.leg_id == story.call_id else event
        for event in story.events
    ]
    story.cel("CHAN_START", channel="Local/1420@x-1;1").cel("HANGUP", channel="Local/1420@x-1;1")
    record = record_of(story)
    assert (record.disposition, record.score) == (Disposition.ANSWERED, 4)
    assert record.visits[0].seat == "seat03"
    assert record.problems == ()
