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
def closing(exchange: Exchange, new_seat: Callable[..., Seat]) -> Iterator[datetime]:
    """All queues close at this instant, for an hour; somebody is there and does not answer."""
    new_seat(ring=120)
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
    closing: datetime,
) -> None:
    caller = new_caller().pause(2).press("11").pause(90).hang_up().dial()
    exchange.await_row(caller.user, "talk")
    left = exchange.await_row(caller.user, "queue", limit=90)
    assert left.fields == {"queue": "insurance", "status": "TIMEOUT"}
    # a seat that rings is let ring to the end of its turn first
    rings = exchange.settings.queues["insurance"].ring_seconds  # pyright: ignore[reportArgumentType]
    end = closing.timestamp() + WAIT_AFTER_CLOSING
    assert end - 1 <= left.at <= end + rings + 10
    exchange.await_row(caller.user, "step", node="unserved")
    caller.stop()
