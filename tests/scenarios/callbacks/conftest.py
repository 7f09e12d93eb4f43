"""A line that calls back, and the telephones at the other end of its carrier."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_conf.robots.carrier import Carrier
from asterisk_conf.robots.seat import Seat
from asterisk_conf.robots.sippline import free_port
from ivr.kernel.failpoints import SETTING
from tests.faults.rounds.places import folder_of
from tests.line import PATIENT, Line, start_line, stop_line
from tests.scenarios.on_the_line.callers import Scenario, eventually

SLOT = 11
QUEUES = {name: {"ring_seconds": 20, "wrapup_seconds": 1, "wait_limit_seconds": 900, "max_waiting": 300, "tell_wait": False}
          for name in ("general", "insurance", "pensions", "treatment")}  # fmt: skip


@pytest.fixture(scope="session")
def carrier_port() -> int:
    return free_port()


@pytest.fixture(scope="session")
def calling_line(carrier_port: int) -> Iterator[Line]:
    callbacks = {"carrier": f"127.0.0.1:{carrier_port}", "tries": 2, "apart_seconds": 5, "ring_seconds": 20}
    var = Path(tempfile.mkdtemp(prefix="line1420-callbacks-"))
    running = start_line(
        slot=SLOT, var=var, LINE1420_QUEUES=json.dumps(QUEUES), LINE1420_CALLBACKS=json.dumps(callbacks),
        LINE1420_SEATS="12", **PATIENT, **{SETTING: str(folder_of(var))},
    )  # fmt: skip
    try:
        yield running
    finally:
        stop_line(running)


class Calling(Scenario):
    """A scenario on a line that calls back."""

    def __init__(self, line: Line, folder: Path) -> None:
        super().__init__(line, folder)
        self.folder = folder
        self._carriers: list[Carrier] = []

    def telephones(self, carrier: Carrier) -> Carrier:
        self._carriers.append(carrier)
        return carrier.start()

    def takes_over(self, seat: str) -> None:
        """An operator signs in while others wait, and is rung at once: nobody sees the seat free."""
        secret = self.line.run["seats"][seat]["secret"]
        target = f"127.0.0.1:{self.line.sip_port}"
        operator = Seat(self.folder / seat, target, seat=seat, secret=secret, ring_seconds=0.5, talk_seconds=None)
        self._seats.append(operator.sign_in())

    def callback_of(self, number: str) -> dict[str, Any] | None:
        """The newest call back to this number, as the API tells it, with its attempts."""
        with self.line.api() as api:
            listed = api.get("/callbacks").json()
            for one in [*listed["open"], *listed["over"]]:
                if one["number"].endswith(number[1:]):
                    return api.get(f"/callbacks/{one['code']}").json()
        return None

    def callback_is(self, number: str, state: str, *, seconds: float) -> dict[str, Any]:
        def there() -> dict[str, Any] | None:
            found = self.callback_of(number)
            return found if found and found["state"] == state else None

        what = f"the call back to {number} is {state}; it is {self.callback_of(number)}\n{self.line.logs(8)}"
        return eventually(there, seconds=seconds, what=what)

    def close(self) -> None:
        self.line.module("asterisk_conf.exchange", "channel request hangup all")
        super().close()
        for carrier in self._carriers:
            carrier.stop()


@pytest.fixture
def calling(calling_line: Line, tmp_path: Path) -> Iterator[Calling]:
    scenario = Calling(calling_line, tmp_path)
    try:
        yield scenario
    finally:
        scenario.close()
