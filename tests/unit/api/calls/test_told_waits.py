"""What a caller was told of the wait belongs to the visit that follows, and to no other."""

from __future__ import annotations

from api.calls.fold import fold
from tests.builders import CallStory, a_call_in_the_menu, record_of


def told(story: CallStory, queue: str, seconds: str) -> CallStory:
    return story.milestone("estimate", queue=queue, told=seconds, seconds="1", basis="recent").wait(3)


def waits(story: CallStory) -> list[tuple[str, float | None]]:
    return [(visit.queue, visit.told_seconds) for visit in record_of(story).visits]


def test_a_caller_was_told_and_was_answered() -> None:
    story = told(a_call_in_the_menu(), "insurance", "300").joins("insurance").wait(200).is_answered(3).wait(9)
    assert waits(story.hangs_up_talking()) == [("insurance", 300.0)]


def test_a_caller_to_whom_nothing_was_said() -> None:
    assert waits(a_call_in_the_menu().joins("pensions").wait(4).hangs_up_waiting()) == [("pensions", None)]


def test_the_second_visit_of_a_call_has_its_own() -> None:
    story = told(a_call_in_the_menu(), "insurance", "300").joins("insurance").wait(20).leaves_by_key("2").wait(5)
    story = told(story, "general", "120").joins("general").wait(30).hangs_up_waiting()
    assert waits(story) == [("insurance", 300.0), ("general", 120.0)]


def test_what_was_said_of_one_queue_is_not_said_of_another() -> None:
    story = told(a_call_in_the_menu(), "insurance", "300").joins("general").wait(5).hangs_up_waiting()
    assert waits(story) == [("general", None)]


def test_it_is_said_of_one_visit_only() -> None:
    story = told(a_call_in_the_menu(), "general", "300").joins("general").wait(5)
    story = story.leaves_queue("EXITWITHTIMEOUT", "TIMEOUT").wait(4).joins("general").wait(5).hangs_up_waiting()
    assert waits(story) == [("general", 300.0), ("general", None)]


def test_who_hangs_up_while_it_is_said_has_no_visit() -> None:
    assert waits(told(a_call_in_the_menu(), "general", "300").hangs_up()) == []


def test_a_number_that_is_none_is_nothing_that_was_told() -> None:
    for odd in ("", "soon", "-5", "1e99"):
        assert waits(told(a_call_in_the_menu(), "general", odd).joins("general").hangs_up_waiting()) == [
            ("general", None)
        ]


def test_the_order_in_which_rows_come_changes_nothing() -> None:
    story = told(a_call_in_the_menu(), "general", "60").joins("general").wait(5).hangs_up_waiting()
    assert fold(reversed([*story.events, *story.events])) == fold(story.events)
