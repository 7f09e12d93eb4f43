"""Door servers die or freeze while callers are in the menu: nobody is left in silence, nobody is hung up.

Where it is measured how soon, the doors have the line's own limits, and one try of several must be in time.
"""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Callable, Iterator

import pytest

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from tests.asterisk.exchange import Exchange, now
from tests.patience import one_try_of_several

TRY = 20.0
"""Seconds that one try of several waits."""


@pytest.fixture(autouse=True, scope="module")
def doors_for_the_others(exchange: Exchange) -> Iterator[None]:
    """Each case opens those it needs."""
    yield
    exchange.open_doors()


def another_try(exchange: Exchange) -> None:
    exchange.clear()
    exchange.open_doors(patient=False)


@pytest.fixture
def operator(new_seat: Callable[..., Seat]) -> Seat:
    return new_seat(ring=0.2, talk=1.0)


def in_the_menu(exchange: Exchange, caller: Caller) -> None:
    exchange.await_row(caller.user, "step", limit=TRY)
    time.sleep(0.5)


@one_try_of_several
async def test_the_second_server_takes_over_when_the_first_is_killed(
    exchange: Exchange, new_caller: Callable[..., Caller]
) -> None:
    another_try(exchange)
    caller = new_caller().pause(5).press("1").pause(60).hang_up().dial()
    in_the_menu(exchange, caller)
    killed = now()
    exchange.doors[0].send_signal(signal.SIGKILL)
    fallback = exchange.await_row(caller.user, "fallback", limit=TRY, server="1")
    assert fallback.at - killed < 2.5
    choice = exchange.await_row(caller.user, "choice", limit=TRY, key="1")
    assert choice.at > fallback.at


@one_try_of_several
async def test_an_operator_answers_when_both_are_killed_in_mid_menu(
    exchange: Exchange, new_caller: Callable[..., Caller], operator: Seat
) -> None:
    another_try(exchange)
    caller = new_caller().until_bye(TRY).dial()
    in_the_menu(exchange, caller)
    killed = now()
    for door in exchange.doors:
        door.send_signal(signal.SIGKILL)
    talk = exchange.await_row(caller.user, "talk", limit=TRY)
    assert talk.fields["queue"] == "general"
    assert talk.at - killed < 2.5
    reasons = [row.fields for row in exchange.rows(caller.user) if row.name == "fallback"]
    assert [(row["door"], row["server"]) for row in reasons] == [("reception", "1"), ("reception", "2")]
    assert reasons[0]["reason"] == "unfinished"
    # the second server may take the call in its last millisecond
    assert reasons[1]["reason"] in ("unreachable", "unfinished")
    assert caller.wait() == 0
    assert exchange.await_row(caller.user, "queue", limit=TRY).fields["status"] == "CONTINUE"


@one_try_of_several
async def test_frozen_doors_lose_the_call_to_the_lease(
    exchange: Exchange, new_caller: Callable[..., Caller], operator: Seat
) -> None:
    another_try(exchange)
    caller = new_caller().until_bye(TRY).dial()
    in_the_menu(exchange, caller)
    frozen = now()
    for door in exchange.doors:
        door.send_signal(signal.SIGSTOP)
    talk = exchange.await_row(caller.user, "talk", limit=TRY)
    assert talk.at - frozen < 5.0
    reasons = [row.fields["reason"] for row in exchange.rows(caller.user) if row.name == "fallback"]
    assert reasons == ["lease", "lease"]


def test_with_no_door_and_no_operator_the_caller_can_still_leave_a_message(
    exchange: Exchange, new_caller: Callable[..., Caller]
) -> None:
    exchange.close_doors()
    caller = new_caller().tone(500.0).pause(6).press("##", between_seconds=3).until_bye(20).dial()
    recorded = exchange.await_row(caller.user, "message", state="recorded")
    assert recorded.fields["status"] == "DTMF"
    assert recorded.fields["kind"] == "unknown"
    message = exchange.var / "spool" / "messages" / f"{recorded.fields['message']}.part.wav"
    assert message.stat().st_size > 16_000
    assert caller.wait() == 0
    assert caller.ended_by_line


def test_who_asks_for_a_call_back_when_no_door_is_left_keeps_their_place(
    exchange: Exchange, new_caller: Callable[..., Caller], new_seat: Callable[..., Seat]
) -> None:
    exchange.open_doors()
    new_seat(ring=120)  # somebody is there and does not answer
    caller = new_caller().pause(2).press("11").pause(6).press("1").pause(60).hang_up().dial()
    first = exchange.await_row(caller.user, "talk")
    exchange.close_doors()
    exchange.await_row(caller.user, "queue", status="KEY")
    again = exchange.await_row(caller.user, "talk", recording=f"{first.call}-2")
    assert (again.fields["queue"], again.fields["joined"]) == ("insurance", first.fields["joined"])
    caller.stop()


def test_when_not_even_a_message_can_be_kept_the_record_says_so(
    exchange: Exchange, new_caller: Callable[..., Caller]
) -> None:
    exchange.close_doors()
    messages = exchange.var / "spool" / "messages"
    aside = messages.rename(messages.with_name("aside"))
    messages.touch()  # Record() would make a folder that is missing; where a file lies it can do nothing
    try:
        caller = new_caller().until_bye(40).dial()
        exhausted = exchange.await_row(caller.user, "fallback", reason="exhausted")
        assert caller.wait() == 0
    finally:
        messages.unlink()
        aside.rename(messages)
    rows = exchange.rows(caller.user)
    assert [row.fields["status"] for row in rows if row.fields.get("state") == "recorded"] == ["ERROR"]
    assert exhausted.fields["door"] == "voice_message"


def test_a_port_probe_disturbs_no_call(exchange: Exchange, new_caller: Callable[..., Caller]) -> None:
    exchange.open_doors()
    caller = new_caller().pause(2.5).press("12").pause(2).hang_up().dial()
    in_the_menu(exchange, caller)
    for port in exchange.settings.agi_ports:
        for _ in range(5):
            socket.create_connection(("127.0.0.1", port)).close()
    assert exchange.await_row(caller.user, "decision").fields["queue"] == "pensions"
    assert not [row for row in exchange.rows(caller.user) if row.name == "fallback"]
