"""Keys come as RFC 4733, as SIP INFO and as tones in the audio; the menu hears all three, also one that comes while no door listens."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from asterisk_conf.robots.caller import Caller, Keys
from tests.asterisk.exchange import Exchange
from tests.patience import one_try_of_several, quickest

RESTS = 0.7
"""Seconds that a door does nothing."""


@pytest.mark.parametrize("keys", Keys)
def test_one_one_reaches_the_insurance_queue(exchange: Exchange, new_caller: Callable[..., Caller], keys: Keys) -> None:
    if keys is Keys.EVENT and os.geteuid() != 0:
        pytest.skip("SIPp sends RFC 4733 through a raw socket, which only root may open")
    caller = new_caller(keys=keys).pause(2).press("11").pause(3).hang_up().dial()
    decision = exchange.await_row(caller.user, "decision")
    assert decision.fields["queue"] == "insurance"
    chosen = [row.fields["key"] for row in exchange.rows(caller.user) if row.name == "choice"]
    assert chosen == ["1", "1"]


def test_a_key_pressed_while_the_door_is_busy_is_heard(exchange: Exchange, new_caller: Callable[..., Caller]) -> None:
    """Asterisk reads a channel between two commands and throws its keys away; here the door rests just then."""

    def between_the_choices() -> float:
        exchange.failpoint("doors.after_choice", f"sleep {RESTS}")
        caller = new_caller().pause(2).press("1", between_seconds=0.2).press("1").pause(3).hang_up().dial()
        decision = exchange.await_row(caller.user, "decision")
        chosen = [row for row in exchange.rows(caller.user) if row.name == "choice"]
        assert [row.fields["key"] for row in chosen] == ["1", "1"]
        assert decision.fields["queue"] == "insurance"
        return chosen[1].at - chosen[0].at

    enough = RESTS + 0.5
    assert quickest(between_the_choices, enough) < enough, "the second key was heard late"


@pytest.mark.parametrize("after", [0.3, 0.5, 0.55])
@one_try_of_several
async def test_a_key_pressed_just_before_the_door_is_back_counts_once(
    exchange: Exchange, new_caller: Callable[..., Caller], after: float
) -> None:
    """A key of SIP INFO is kept when it comes and delivered as long after as it says to last: the door sees it twice."""
    exchange.failpoint("doors.after_choice", "sleep 0.6")
    caller = new_caller().pause(2).press("9", between_seconds=after).press("9").pause(2).hang_up().dial()
    assert caller.wait() == 0
    exchange.await_row(caller.user, "final")
    rows = exchange.rows(caller.user)
    assert [row.fields["key"] for row in rows if row.name == "choice"] == ["9", "9"]
    assert not [row for row in rows if row.name in ("wrong", "fallback")]
