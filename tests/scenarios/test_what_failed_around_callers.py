"""What callers met when a part of the line failed: still one record each, and it says so."""

from __future__ import annotations

import pytest

from api.calls.record import Disposition, VisitOutcome
from tests.builders import a_call, a_call_in_the_menu, record_of


def test_the_doors_died_and_the_dialplan_went_on():
    story = a_call_in_the_menu().milestone("fallback", door="reception", reason="not_done")
    record = record_of(story.joins("general").wait(2).is_answered(1).wait(3).hangs_up_talking())
    assert [(f.door, f.reason) for f in record.fallbacks] == [("reception", "not_done")]
    assert record.disposition is Disposition.ANSWERED


def test_the_dialplan_had_nothing_left_to_offer():
    record = record_of(a_call().milestone("fallback", door="reception", reason="exhausted").hangs_up())
    assert record.disposition is Disposition.SYSTEM_DROP


def test_asterisk_was_killed_while_the_caller_waited():
    story = a_call_in_the_menu().joins("general").wait(20).fact("call_lost", reason="restart")
    record = record_of(story)
    assert record.disposition is Disposition.LOST_BY_RESTART
    assert record.visits[0].outcome is VisitOutcome.LOST_BY_RESTART
    assert record.ended_at == story.now


def test_asterisk_was_killed_in_the_middle_of_a_talk():
    story = a_call_in_the_menu().joins("general").is_answered(1).wait(1200).fact("call_lost", reason="restart")
    record = record_of(story)
    assert record.disposition is Disposition.LOST_BY_RESTART
    visit = record.visits[0]
    assert visit.outcome is VisitOutcome.LOST_BY_RESTART
    assert visit.talked_seconds == pytest.approx(0, abs=0.1), "twenty minutes without Asterisk are no talk"
    story.fact("recording_archived", recording=visit.recording or "", kind="talk", state="repaired", seconds="12.5")
    assert record_of(story).visits[0].talked_seconds == pytest.approx(12.5)
    assert record_of(story).answered_at == visit.connected_at, "an operator did answer"


def test_asterisk_was_killed_while_the_caller_recorded_a_message():
    """The sound becomes a case, and the caller was cut off all the same."""
    story = a_call_in_the_menu().records("m-1").wait(9).fact("call_lost", reason="restart")
    story.fact("recording_archived", recording="m-1", kind="message", state="repaired", seconds="8")
    story.fact("case_opened", code="123456782", recording="m-1")
    record = record_of(story)
    assert record.disposition is Disposition.LOST_BY_RESTART
    assert record.case_code == "123456782"


def test_asterisk_was_killed_after_the_message_was_closed():
    story = a_call_in_the_menu().records("m-1").wait(9).milestone("message", message="m-1", state="recorded")
    assert record_of(story.wait(2).fact("call_lost", reason="restart")).disposition is Disposition.LEFT_MESSAGE


def test_asterisk_was_killed_after_the_talk():
    story = a_call_in_the_menu().joins("general").is_answered(1).wait(20).operator_hangs_up()
    assert record_of(story.wait(2).fact("call_lost", reason="restart")).disposition is Disposition.ANSWERED


def test_nobody_ended_the_call():
    record = record_of(a_call_in_the_menu().fact("call_lost", reason="unknown"))
    assert record.disposition is Disposition.LOST_UNKNOWN


def test_a_call_declared_lost_shows_a_late_sign_of_life():
    story = a_call_in_the_menu().fact("call_lost", reason="restart").wait(1).hears("main")
    assert record_of(story).disposition is None
    assert record_of(story.hangs_up()).disposition is Disposition.MENU_ABANDONED
