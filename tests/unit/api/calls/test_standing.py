"""Province, priority and repeat of a call, folded from its events."""

from __future__ import annotations

import pytest

from api.calls.rows import rows_of
from api.calls.standing import Stood
from api.calls.timeline import told
from tests.builders import CallStory, a_call, a_call_in_the_menu, an_answered_call, record_of


def routed(**fields: str) -> CallStory:
    story = a_call_in_the_menu(caller="08433331234")
    return story.milestone("routing", queue="insurance", **fields).joins("insurance").wait(8).hangs_up_waiting()


def test_a_call_keeps_the_priority_it_waited_with_and_why() -> None:
    record = record_of(routed(priority="7", group="chronic", repeat="2", province="ilam"))
    assert record.stood == Stood(7, "chronic", 2)
    assert record.province == "ilam"
    call, _ = rows_of(record)
    kept = {name: call[name] for name in ("province", "priority", "caller_group", "repeat")}
    assert kept == {"province": "ilam", "priority": 7, "caller_group": "chronic", "repeat": 2}


def test_the_last_queue_counts() -> None:
    story = a_call_in_the_menu().milestone("routing", queue="general", priority="0", group="", repeat="0")
    story.is_refused("general", "FULL").milestone("routing", queue="general", priority="1", group="", repeat="1")
    assert record_of(story.joins("general").wait(3).hangs_up_waiting()).stood == Stood(1, None, 1)


def test_nobody_asked_means_nothing_is_known() -> None:
    assert record_of(an_answered_call()).stood == Stood()


def test_the_province_is_known_of_every_call_also_of_one_that_never_waited() -> None:
    assert record_of(a_call(caller="+982188001420").hangs_up()).province == "tehran"
    assert record_of(a_call(caller="09121234567").hangs_up()).province is None
    assert record_of(a_call(caller="").hangs_up()).province is None


@pytest.mark.parametrize(
    "fields",
    [
        {"priority": "11", "group": "CHRONIC", "repeat": "-1"},
        {"priority": "1e3", "group": "a b", "repeat": "۲"},
        {"priority": "", "group": "'; DROP", "repeat": "9" * 40},
        {"priority": "٣", "group": "x" * 41, "repeat": " 1"},
    ],
)
def test_what_no_door_of_ours_writes_is_as_if_it_were_not_there(fields: dict[str, str]) -> None:
    assert record_of(routed(**fields)).stood == Stood()


def test_the_story_tells_of_a_group_and_never_of_which() -> None:
    story = routed(priority="7", group="chronic", repeat="2", province="ilam")
    (item,) = [item for item in told(story.events, "fa") if item.event == "routing"]
    assert item.details == {"queue": "insurance", "priority": "7", "repeat": "2", "province": "ilam", "in_group": "yes"}
