"""Callers whose phone dies in mid-call: no BYE comes, only their sound stops. The call ends soon and is told rightly."""

from __future__ import annotations

from collections.abc import Callable

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from tests.asterisk.exchange import VANISHED_SECONDS, Exchange


def test_a_vanished_caller_leaves_menu_queue_and_message_soon(
    exchange: Exchange, new_caller: Callable[..., Caller], new_seat: Callable[..., Seat]
) -> None:
    new_seat(ring=30.0)
    menu = new_caller().press("2").until_bye(40).dial()
    waiting = new_caller().press("11", between_seconds=0.5).until_bye(40).dial()
    message = new_caller().tone(500.0).press("21", between_seconds=0.5).until_bye(40).dial()
    stays = new_caller().press("4", between_seconds=0.5).press("3").until_bye(40).dial()
    exchange.await_row(menu.user, "choice", 10, node="main", key="2")
    exchange.await_row(waiting.user, "talk", 10)
    began = exchange.await_row(message.user, "message", 10, state="started").at
    callers = {"menu": menu, "waiting": waiting, "message": message}
    for caller in callers.values():
        caller.stop()

    phases = {}
    for caller in callers.values():
        final = exchange.await_row(caller.user, "final", VANISHED_SECONDS + 6)
        assert final.at - began < VANISHED_SECONDS + 3
        phases[caller.user] = final.fields["phase"]
    assert phases[waiting.user] == "waiting"
    assert phases[message.user] == "message"
    ends = {line[1]: line[4] for line in exchange.queue_log()}
    assert ends[exchange.rows(waiting.user)[0].call] == "ABANDON"
    assert exchange.await_row(message.user, "message", 1, state="recorded").fields["status"] in ("HANGUP", "TIMEOUT")
    assert not [row for row in exchange.rows(stays.user) if row.name == "final"], "a caller who only listens stays"
