"""Keys come as RFC 4733, as SIP INFO and as tones in the audio; the menu hears all three, also one that comes while no door listens."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from asterisk_conf.robots.caller import Caller, Keys
from tests.asterisk.exchange import Exchange


@pytest.mark.parametrize("keys", Keys)
def test_one_one_reaches_the_insurance_queue(exchange: Exchange, new_caller: Callable[..., Caller], keys: Keys) -> None:
    if keys is Keys.EVENT and os.geteuid() != 0:
        pytest.skip("SIPp sends RFC 4733 through a raw socket, which only root may open")
    caller = new_caller(keys=keys).pause(0.6).press("1", between_seconds=0.8).press("1").pause(3).hang_up().dial()
    decision = exchange.await_row(caller.user, "decision", 10)
    assert decision.fields["queue"] == "insurance"
    chosen = [row.fields["key"] for row in exchange.rows(caller.user) if row.name == "choice"]
    assert chosen == ["1", "1"]


def test_a_key_pressed_while_the_door_is_busy_is_heard(exchange: Exchange, new_caller: Callable[..., Caller]) -> None:
    """Asterisk reads a channel between two commands and throws its keys away; here the door rests just then."""
    exchange.failpoint("doors.after_choice", "sleep 0.7")
    caller = new_caller().pause(0.6).press("1", between_seconds=0.2).press("1").pause(3).hang_up().dial()
    decision = exchange.await_row(caller.user, "decision", 10)
    chosen = [row for row in exchange.rows(caller.user) if row.name == "choice"]
    assert [row.fields["key"] for row in chosen] == ["1", "1"]
    assert decision.fields["queue"] == "insurance"
    assert chosen[1].at - chosen[0].at < 0.7 + 0.5, "the second key was heard late"


@pytest.mark.parametrize("after", [0.3, 0.5, 0.55])
def test_a_key_pressed_just_before_the_door_is_back_counts_once(
    exchange: Exchange, new_caller: Callable[..., Caller], after: float
) -> None:
    """A key of SIP INFO is kept when it comes and delivered as long after as it says to last: the door sees it twice."""
    exchange.failpoint("doors.after_choice", "sleep 0.6")
    caller = new_caller().pause(0.6).press("9", between_seconds=after).press("9").pause(3).hang_up().dial()
    assert caller.wait(20) == 0
    exchange.await_row(caller.user, "final", 10)
    rows = exchange.rows(caller.user)
    assert [row.fields["key"] for row in rows if row.name == "choice"] == ["9", "9"]
    assert not [row for row in rows if row.name in ("wrong", "fallback")]
