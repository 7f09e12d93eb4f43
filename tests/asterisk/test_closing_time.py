"""Whoever waits when the queue closes has a defined end: some time more, and then a message or a call back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from ivr.kernel.clock import SystemClock
from tests.asterisk.exchange import WAIT_AFTER_CLOSING, Exchange

CLOSES_IN = timedelta(seconds=12)
"""The caller waits by then: menu and announcement take some five seconds here."""


@pytest.fixture
def closing(exchange: Exchange) -> Iterator[datetime]:
    """All queues close at this instant, for an hour."""
    at = SystemClock().now() + CLOSES_IN
    file = Path(exchange.var, "closures.toml")
    until = at + timedelta(hours=1)
    file.write_text(
        f'[[closure]]\nfrom = {at.isoformat()}\nto = {until.isoformat()}\nreason = "برف"\n', encoding="utf-8"
    )
    yield at
    file.unlink()


def test_who_waits_at_closing_time_is_offered_a_message_soon_after_it(
    exchange: Exchange,
    new_caller: Callable[..., Caller],
    new_seat: Callable[..., Seat],
    closing: datetime,
) -> None:
    new_seat(ring=120)  # somebody is there and does not answer
    caller = new_caller().pause(0.5).press("1").pause(0.8).press("1").pause(45).hang_up().dial()
    exchange.await_row(caller.user, "talk", 15)
    left = exchange.await_row(caller.user, "queue", 40)
    assert left.fields == {"queue": "insurance", "status": "TIMEOUT"}
    # a seat that rings is let ring to the end of its turn first
    rings = exchange.settings.queues["insurance"].ring_seconds  # pyright: ignore[reportArgumentType]
    end = closing.timestamp() + WAIT_AFTER_CLOSING
    assert end - 1 <= left.at <= end + rings + 2
    exchange.await_row(caller.user, "step", 10, node="unserved")
    caller.stop()
