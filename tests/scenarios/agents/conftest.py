"""A line where a registered telephone is not enough: agents sign in. Its limits are short, so that tests need not wait."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from asterisk_conf.robots.seat import Seat
from tests.line import PATIENT, Line, start_line, stop_line
from tests.scenarios.desk import Desk
from tests.scenarios.on_the_line.callers import Scenario, eventually, signed_in

SLOT = 8
QUEUES: dict[str, dict[str, Any]] = {
    name: {"ring_seconds": 4, "wrapup_limit_seconds": 120} for name in ("general", "insurance", "pensions", "treatment")
}
RELAX_SECONDS, HELP_SECONDS = 10, 14
QUEUES["insurance"] |= {"relax_seconds": [RELAX_SECONDS, RELAX_SECONDS], "helped_by": {"general": HELP_SECONDS}}
PHONE_GONE_SECONDS = 30


@pytest.fixture(scope="session")
def desk_line() -> Iterator[Line]:
    running = start_line(
        slot=SLOT,
        LINE1420_SIGN_IN="desk",
        LINE1420_QUEUES=json.dumps(QUEUES),
        LINE1420_PHONE_GONE_LIMIT=f"PT{PHONE_GONE_SECONDS}S",
        **PATIENT,
    )
    try:
        yield running
    finally:
        stop_line(running)


class Hall(Scenario):
    """A scenario with desks and telephones that are not yet anybody's."""

    def __init__(self, line: Line, folder: Path, stack: ExitStack) -> None:
        super().__init__(line, folder)
        self._room, self._stack = folder, stack
        self._phones: list[Seat] = []

    def desk(self, account: str) -> Desk:
        return Desk(self._stack.enter_context(signed_in(self.line, account)), account)

    def telephone(
        self,
        seat: str,
        *,
        ring_seconds: float = 0.5,
        talk_seconds: float | None = 3.0,
        holds: tuple[float, float | None] | None = None,
    ) -> Seat:
        """The seat's telephone registers; whether anybody sits there does not follow."""
        secret = self.line.run["seats"][seat]["secret"]
        phone = Seat(
            self._room / f"{seat}-{len(self._phones)}", f"127.0.0.1:{self.line.sip_port}", seat=seat, secret=secret,
            ring_seconds=ring_seconds, talk_seconds=talk_seconds, holds=holds,
        )  # fmt: skip
        self._phones.append(phone.sign_in())
        self.seat_shows(seat, phone=True)
        return phone

    def seat(self, name: str) -> dict[str, Any]:
        return next(seat for seat in self.board()["seats"] if seat["seat"] == name)

    def seat_shows(self, name: str, *, seconds: float = 60, **fields: object) -> None:
        """Wait until the board shows the seat with these fields."""

        def shown() -> bool:
            seat = self.seat(name)
            return all(seat[field] == value for field, value in fields.items())

        eventually(shown, seconds=seconds, what=f"{name} with {fields}")

    def go_home(self) -> None:
        for caller in self._callers:
            caller.stop()
        for phone in self._phones:
            phone.sign_out()


@pytest.fixture
def hall(desk_line: Line, tmp_path: Path) -> Iterator[Hall]:
    """Ends with everybody signed out and every telephone gone."""
    with ExitStack() as stack:
        hall = Hall(desk_line, tmp_path, stack)
        try:
            yield hall
        finally:
            hall.go_home()
            lead = hall.desk("supervisor")
            for duty in lead.do("GET", "/duties")["items"]:
                lead.do("DELETE", f"/duties/{duty['seat']}")
