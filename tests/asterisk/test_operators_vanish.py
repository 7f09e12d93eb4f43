"""An operator's phone dies in mid-talk: no BYE comes, only its sound stops. The caller is not left in silence."""

from __future__ import annotations

from collections.abc import Callable

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from tests.asterisk.exchange import HOLD_SILENCE_SECONDS, VANISHED_SECONDS, Exchange, now


def test_a_caller_whose_operator_vanished_comes_to_the_survey_soon(
    exchange: Exchange, new_caller: Callable[..., Caller], new_seat: Callable[..., Seat]
) -> None:
    dying = new_seat("seat03", talk=None)
    caller = new_caller().pause(2).press("11").until_bye(60).dial()
    exchange.await_row(caller.user, "BRIDGE_ENTER")
    dying.sipp.stop()  # killed: neither BYE nor sound
    killed = now()
    back = exchange.await_row(caller.user, "queue")
    assert back.at - killed < VANISHED_SECONDS + 10
    survey = exchange.await_row(caller.user, "score", offered="1")
    assert survey.at - back.at < 10
    assert [line[4] for line in exchange.queue_log() if line[1] == back.call][-1] == "COMPLETEAGENT"


def test_a_caller_on_hold_whose_operator_vanished_does_not_hear_music_for_ever(
    exchange: Exchange, new_caller: Callable[..., Caller], new_seat: Callable[..., Seat]
) -> None:
    dying = new_seat("seat04", talk=None, holds=(1.0, None))
    caller = new_caller().pause(2).press("11").until_bye(60).dial()
    exchange.await_row(caller.user, "BRIDGE_ENTER")
    exchange.until(lambda: dying.on_hold, "nobody was put on hold")
    dying.sipp.stop()
    killed = now()
    back = exchange.await_row(caller.user, "queue")
    assert back.at - killed < HOLD_SILENCE_SECONDS + 10
    exchange.await_row(caller.user, "score", offered="1")
    assert [line[4] for line in exchange.queue_log() if line[1] == back.call][-1] == "COMPLETEAGENT"
