"""A cohort whose operators are agents: they signed in at their desks, and nobody may take the seat from them."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import httpx2

from tests.faults.rounds.cohort import RIGHT_WITHIN, Cohort
from tests.faults.rounds.steps import Step
from tests.line import Line
from tests.scenarios.desk import Desk
from tests.scenarios.on_the_line.callers import eventually, signed_in


class SeatedCohort(Cohort):
    """Each seat's telephone registers, then its agent signs in by the page."""

    def __init__(self, line: Line, folder: Path, serial: int, talk: Step = Step.S6) -> None:
        super().__init__(line, folder, serial, talk)
        self._browsers = ExitStack()
        self._desks: dict[str, Desk] = {}

    def _takes_calls(self, seat: str) -> None:
        account = seat.replace("seat", "operator")
        desk = Desk(self._browsers.enter_context(signed_in(self.line, account)), account)
        eventually(lambda: self._shown(seat)["phone"], seconds=15, what=f"the telephone of {seat} is there")
        desk.do("POST", "/duty", seat=seat)
        self._desks[seat] = desk

    def robbed(self) -> list[str]:
        """Who is not on duty any more, by their own page and by the board; both may need a moment."""
        found: list[str] = []
        for seat, desk in self._desks.items():
            try:
                eventually(lambda seat=seat, desk=desk: self._sits(seat, desk), seconds=RIGHT_WITHIN, what="")
            except AssertionError:
                found.append(f"{desk.account} does not sit at {seat} any more: {self._shown(seat)}")
        return found

    def close(self) -> None:
        try:
            with signed_in(self.line, "supervisor") as browser:
                lead = Desk(browser, "supervisor")
                for duty in lead.do("GET", "/duties")["items"]:
                    lead.do("DELETE", f"/duties/{duty['seat']}")
        finally:
            self._browsers.close()
            super().close()

    def _sits(self, seat: str, desk: Desk) -> bool:
        try:
            answer = desk.ask("GET", "/duty")
        except httpx2.HTTPError:  # a connection of before the strike
            return False
        shown = self._shown(seat)
        duty = answer.json() if answer.status_code == 200 else None
        return bool(duty) and duty["seat"] == seat and shown["agent"] == desk.account

    def _shown(self, seat: str) -> dict[str, object]:
        return next(one for one in self.board()["seats"] if one["seat"] == seat)
