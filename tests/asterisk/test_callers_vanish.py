"""Callers whose phone dies in mid-call: no BYE comes, only their sound stops. The call ends soon and is told rightly."""

from __future__ import annotations

from collections.abc import Callable

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from tests.asterisk.exchange import VANISHED_SECONDS, Exchange, now


def test_a_vanished_caller_leaves_menu_queue_and_message_soon(
    exchange: Exchange, new_caller: Callable[..., Caller], new_seat: Callable[..., Seat]
) -> None:
    new_seat(ring=30.0)
    menu = new_caller().pause(2).press("2").until_bye(40).dial()
    waiting = new_caller().pause(2).press("11").until_bye(40).dial()
    message = new_caller().tone(500.0).pause(2).press("21").until_bye(40).dial()
    stays = new_caller().pause(2).press("43").until_bye(60).dial()
    exchange.await_row(menu.user, "choice", node="main", key="2")
    exchange.await_row(waiting.user, "talk")
    exchange.await_row(message.user, "message", state="started")
    callers = {"menu": menu, "waiting": waiting, "message": message}
    for caller in callers.values():
        caller.stop()
    stopped = now()

    phases = {}
    for caller in callers.values():
        final = exchange.await_row(caller.user, "final")
        assert final.at - stopped < VANISHED_SECONDS + 8
        phases[caller.user] = final.fields["phase"]
    assert phases[waiting.user] == "waiting"
    assert phases[message.user] == "message"
    ends = {line[1]: line[4] for line in exchange.queue_log()}
    assert ends[exchange.rows(waiting.user)[0].call] == "ABANDON"
    assert exchange.await_row(message.user, "message", state="recorded").fields["status"] in ("HANGUP", "TIMEOUT")
    assert not [row for row in exchange.rows(stays.user) if row.name == "final"], "a caller who only listens stays"
