"""What people of the line did with a call under way: moved it, closed a queue under it, listened to it."""

from __future__ import annotations

import copy

import pytest

from api.calls.record import Disposition
from tests.builders import CallStory, a_call_in_the_menu, record_of


def test_moved_to_another_queue_and_answered_there():
    story = a_call_in_the_menu().joins("insurance").wait(30).is_moved("pensions").joins("pensions").wait(4)
    record = record_of(story.is_answered(5).wait(6).hangs_up_talking())
    assert [(v.queue, v.outcome, v.recording) for v in record.visits] == [
        ("insurance", "moved", f"{record.call_id}-1"),
        ("pensions", "answered", f"{record.call_id}-2"),
    ]
    assert record.visits[0].waited_seconds == pytest.approx(30, abs=0.01)
    assert record.disposition is Disposition.ANSWERED
    assert record.problems == ()


def test_moved_and_given_up_in_the_other_queue():
    story = a_call_in_the_menu().joins("insurance").wait(30).is_moved("pensions").joins("pensions").wait(9)
    record = record_of(story.hangs_up_waiting())
    assert [v.outcome for v in record.visits] == ["moved", "abandoned"]
    assert record.disposition is Disposition.ABANDONED


def test_hung_up_in_the_moment_between_two_queues():
    record = record_of(a_call_in_the_menu().joins("insurance").wait(30).is_moved("pensions").hangs_up())
    assert (record.disposition, record.visits[-1].outcome) == (Disposition.ABANDONED, "moved")


@pytest.mark.parametrize("lost", ["WITHDRAW", "queue"])
def test_one_ledger_alone_tells_that_a_caller_was_moved(lost: str):
    story = a_call_in_the_menu().joins("insurance").wait(30).is_moved("pensions").joins("pensions").wait(4)
    story.is_answered(5).wait(6).hangs_up_talking()
    first = next(event for event in story.events if event.name == lost)
    story.events.remove(first)
    assert [v.outcome for v in record_of(story).visits] == ["moved", "answered"]


def test_a_queue_was_closed_under_the_caller_who_then_left_a_message():
    story = a_call_in_the_menu().joins("general").wait(20)
    story.queue_row("WITHDRAW", position="1", origposition="1", waittime="20", info="closed")
    story.comes_back("CLOSED").hears("after_hours")
    gave_up = record_of(a_copy(story).hangs_up())
    assert (gave_up.disposition, gave_up.visits[0].outcome) == (Disposition.CLOSED_OUT, "closed_out")
    story.records("m-1").wait(5).milestone("message", message="m-1", state="kept", seconds="4.8")
    assert record_of(story.hangs_up()).disposition is Disposition.LEFT_MESSAGE


def a_copy(story: CallStory) -> CallStory:
    return copy.deepcopy(story)


def test_a_supervisor_who_listens_changes_nothing_in_the_record():
    def talk() -> CallStory:
        return a_call_in_the_menu().joins("general").wait(3).is_answered(4).wait(10)

    plain, heard = talk(), talk()
    heard.is_heard("supervisor", "listen")
    for story in (plain, heard):
        story.wait(20).hangs_up_talking()
    heard.wait(1).is_heard("supervisor", "listen", "ended")
    assert record_of(heard) == record_of(plain)
