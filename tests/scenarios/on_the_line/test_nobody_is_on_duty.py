"""No operator has signed in. Every caller still meets a voice, a choice and a record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from asterisk_conf.robots.caller import Keys
from tests.line import Line
from tests.scenarios.on_the_line.callers import Scenario, scenario

pytestmark = pytest.mark.line


@pytest.fixture(scope="module")
def play(line: Line, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenario]:
    """All callers of this file call at the same time."""
    with scenario(line, tmp_path_factory.mktemp("nobody")) as play:
        calls = [
            play.caller("02144000001").pause(0.5).hang_up(),
            play.caller("09121110006").pause(2.5).press("1").pause(1).press("1").pause(9).press("2").until_bye(90),
            play.caller("02144000009", name='Ali \\"Reza\\"').pause(2).hang_up(),
        ]
        wrong = play.caller("02144000004").pause(2.5).press("7").pause(2.5).press("7").pause(2.5).press("7")
        heard = play.caller("02144000005").pause(2.5).press("8").pause(2).press("4").pause(2).press("2")
        stay_for = {
            play.caller("02144000002").pause(9).press("4"): ("choice", "key=4"),
            play.caller("02144000003").pause(2.5).press("1").pause(1).press("1"): ('"queue"', "status="),
            wrong: ('"queue"', "status="),
            heard: ("delivered",),
            play.caller("02144000007", keys=Keys.TONES).pause(3).press("4"): ("choice",),
            play.caller("02144000008", keys=Keys.EVENT).pause(3).press("4"): ("choice",),
        }
        for call in stay_for:
            call.pause(60).hang_up()
        for call in (*calls, *stay_for):
            call.dial()
        for call, marks in stay_for.items():
            play.hang_up_after(call, *marks)
        play.finish(*calls)
        yield play


def keys_of(record: dict[str, object]) -> list[str]:
    path = record["menu_path"]
    assert isinstance(path, list)
    return [step["key"] for step in path if step.get("key")]


def test_caller_hangs_up_in_the_greeting(play: Scenario) -> None:
    record = play.record("02144000001")
    assert record["disposition"] == "menu_abandoned"
    assert record["visits"] == []
    assert record["score"] is None
    assert record["answered_at"] is None


def test_caller_hangs_up_in_the_menu(play: Scenario) -> None:
    record = play.record("02144000002")
    assert record["disposition"] == "menu_abandoned"
    assert keys_of(record) == ["4"]


def test_caller_wants_an_operator_and_none_is_there(play: Scenario) -> None:
    record = play.record("02144000003")
    assert record["disposition"] == "no_agents"
    assert [visit["queue"] for visit in record["visits"]] == ["insurance"]
    assert record["visits"][0]["outcome"] == "no_agents"


def test_three_wrong_keys_lead_to_the_general_queue_and_never_to_a_hangup(play: Scenario) -> None:
    record = play.record("02144000004")
    assert [visit["queue"] for visit in record["visits"]] == ["general"]
    assert record["disposition"] == "no_agents"
    assert keys_of(record)[:3] == ["wrong", "wrong", "wrong"]


def test_caller_chooses_english_and_hears_information(play: Scenario) -> None:
    record = play.record("02144000005")
    assert record["language"] == "en"
    assert record["disposition"] == "self_served"
    assert keys_of(record)[:3] == ["8", "4", "2"]


def test_caller_asks_to_be_called_back(play: Scenario) -> None:
    record = play.record("09121110006")
    assert record["disposition"] == "callback_requested"
    assert record["case_code"]
    with play.line.api() as api:
        case = api.get(f"/cases/{record['case_code']}").json()
    assert case["kind"] == "callback"


@pytest.mark.parametrize(
    ("number", "keys"),
    [("02144000007", Keys.TONES), ("02144000008", Keys.EVENT)],
    ids=["tones in the sound", "RFC 4733"],
)
def test_keys_arrive_however_the_phone_sends_them(play: Scenario, number: str, keys: Keys) -> None:
    """From one of three callers: a robot that gets no processor sends its sound with holes."""
    understood = keys_of(play.record(number))
    for again in (1, 2):
        if understood[:1] != ["4"]:
            caller = (
                play.caller(f"021440{again}000{number[-1]}", keys=keys).pause(3).press("4").pause(12).hang_up().dial()
            )
            play.finish(caller)
            understood = keys_of(play.record(caller.user))
    assert understood[:1] == ["4"]


def test_a_quoted_name_is_one_caller_and_one_record(play: Scenario) -> None:
    assert play.record("02144000009")["disposition"] == "menu_abandoned"


def test_a_caller_is_found_by_either_form_of_the_number(play: Scenario) -> None:
    record = play.record("09121110006")
    assert play.calls_of("+989121110006")[0]["call_id"] == record["call_id"]
