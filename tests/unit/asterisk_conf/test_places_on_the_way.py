"""The second, the priority and the closing time of a caller: where the dialplan keeps them, and where it forgets them."""

from __future__ import annotations

import re

import pytest

from asterisk_conf.render import texts
from asterisk_conf.settings import ExchangeSettings

PLACE = ("LINE_UNTIL", "LINE_RANK", "LINE_UNRECORDED")
"""What a door left for one visit."""


def dialplan() -> str:
    told = texts(ExchangeSettings.model_validate({"agi_token": "t"}))
    return "\n".join(text for name, text in told.items() if name.startswith("extensions/"))


def steps(context: str, exten: str) -> list[str]:
    """The applications of one extension, in order."""
    body = dialplan().partition(f"[{context}]\n")[2].partition("\n[")[0]
    lines = re.sub(r"^;.*\n", "", body, flags=re.M).partition(f"exten => {exten},1,")[2].split("\nexten =>")[0]
    return [line.removeprefix(" same => n,") for line in lines.splitlines() if line]


def plainly_set(said: list[str]) -> dict[str, str]:
    """Variable → value, of the steps that set one or several without a condition."""
    pairs: dict[str, str] = {}
    for step in said:
        if found := re.fullmatch(r"Set\(([\w()]+)=(.*)\)", step):
            pairs[found[1]] = found[2]
        elif found := re.fullmatch(r"MSet\((.*)\)", step):
            pairs |= dict(pair.split("=", 1) for pair in found[1].split(","))
    return pairs


def forgotten(said: list[str]) -> set[str]:
    return {name for name, value in plainly_set(said).items() if not value}


def test_who_leaves_to_ask_for_a_call_back_comes_back_to_their_place() -> None:
    key = [*steps("line-waiting-keys", "1"), *steps("line-waiting-keys", "left")]
    assert plainly_set(key)["LINE_LED"] == "move", "so line-queue takes no new second and reckons no new place"
    assert forgotten(key).isdisjoint({*PLACE, "LINE_JOINED", "QUEUE_PRIO"})
    kept = [step for step in steps("line-queue", "s") if '"${LINE_LED}"!="move"' in step]
    assert [re.sub(r".*\?Set\((\w+)=.*", r"\1", step) for step in kept] == ["LINE_JOINED", "QUEUE_PRIO"]


def test_a_full_queue_is_full_for_who_comes_anew() -> None:
    said = steps("line-waiting", "general")
    crowd = plainly_set(said)["LINE_CROWD"]
    assert crowd == '${IF($["${LINE_LED}"="move"]?0:${QUEUE_WAITING_COUNT(q-general)})}'
    assert "LINE_LED" not in plainly_set(steps("line-queue", "s")), "it is still to be asked"
    assert "LINE_LED" in forgotten(said)
    assert said.index("GotoIf($[${LINE_CROWD} >= 50]?0full,1)") < next(
        n for n, step in enumerate(said) if step.startswith("Queue(")
    )


def test_who_finds_no_door_for_a_call_back_goes_back_only_to_a_place_they_had() -> None:
    assert steps("line-callback-lost", "s")[0] == 'GotoIf($["${LINE_LED}"="move"]?line-queue,s,1:line-box,s,1)'
    assert "LINE_LED" in forgotten(steps("line-fallback", "s")), "whoever is led to a queue anew has none"


def test_who_leaves_a_message_instead_waits_anew_should_they_ever_come_back() -> None:
    key = [*steps("line-waiting-keys", "2"), *steps("line-waiting-keys", "left")]
    assert forgotten(key) >= {*PLACE, "LINE_JOINED"}
    assert not any("LINE_LED" in step for step in key)


@pytest.mark.parametrize(("context", "exten"), [("line-waiting", "0over"), ("line-closed", "s")])
def test_after_a_visit_nothing_of_it_goes_into_a_later_one(context: str, exten: str) -> None:
    """A call back that is asked for from the menu later is no place in the queue that was left."""
    assert forgotten(steps(context, exten)) >= {"LINE_JOINED", "LINE_RANK", "LINE_UNRECORDED"}


def test_who_is_moved_waits_until_the_new_queue_closes() -> None:
    """The old one's closing time is forgotten before the words are read."""
    said = steps("line-led", "s")
    (words,) = [step for step in said if step.startswith("Set(ARRAY(")]
    assert words == "Set(ARRAY(LINE_LED,LINE_MOVE_TO,LINE_MOVE_PRIO,LINE_UNTIL)=${QUEUE_WITHDRAW_INFO})"
    assert "Set(LINE_UNTIL=)" in said[: said.index(words)]
    assert "Set(LINE_UNTIL=${FILTER(0-9,${LINE_UNTIL})})" in steps("line-moved", "s")
