"""One exchange for all tests here; each test tells its calls apart by the caller's number."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from asterisk_conf.robots.caller import Caller, Keys
from asterisk_conf.robots.seat import Seat
from asterisk_conf.rootfs import ensure_root
from ivr.kernel.ids import QueueName
from routing.queues import QueueSettings
from tests.asterisk.exchange import REPOSITORY, Exchange

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def exchange() -> Iterator[Exchange]:
    root = ensure_root(REPOSITORY / "var", None)
    small = {QueueName("pensions"): QueueSettings(wrapup_seconds=2, max_waiting=1)}
    bench = Exchange(Path(tempfile.mkdtemp(prefix="line1420-bench-")), root, queues=small)
    try:
        yield bench.start()
    finally:
        bench.stop()


@pytest.fixture
def new_caller(exchange: Exchange, tmp_path: Path) -> Iterator[Callable[..., Caller]]:
    """Makes callers with a number of their own (`caller.user`); they are ended with the test."""
    made: list[Caller] = []

    def make(*, keys: Keys = Keys.INFO, name: str = "") -> Caller:
        user = f"0912{next(_numbers):07d}"
        made.append(Caller(tmp_path, exchange.target, user=user, name=name, keys=keys))
        return made[-1]

    yield make
    for caller in made:
        caller.stop()
    exchange.clear()


@pytest.fixture
def new_seat(exchange: Exchange, tmp_path: Path) -> Iterator[Callable[..., Seat]]:
    """Makes an operator at a seat; signed out with the test."""
    made: list[Seat] = []

    def make(
        seat: str = "seat01",
        *,
        ring: float = 0.5,
        talk: float | None = 3.0,
        hertz: float = 800.0,
        holds: tuple[float, float | None] | None = None,
    ) -> Seat:
        secret = exchange.settings.seat_secrets[seat].get_secret_value()
        operator = Seat(
            tmp_path, exchange.target, seat=seat, secret=secret, ring_seconds=ring, talk_seconds=talk, hertz=hertz,
            holds=holds,
        )  # fmt: skip
        made.append(operator.sign_in())
        return operator

    yield make
    exchange.clear()
    for operator in made:
        operator.sign_out()
