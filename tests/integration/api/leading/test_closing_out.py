"""A queue is closed under those who wait: they are taken out once, and nobody else is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from api.floor.opening import Opening
from api.leading.closing_out import ClosingOut
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import LegId, QueueName
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox
from routing.leading import Lead
from tests.fakes import line_data
from tests.fakes.asterisk_floor import Entry, FloorAmi

CLOCK = SystemClock()
ONE, TWO, OTHER = LegId("line1420-1.1"), LegId("line1420-1.2"), LegId("line1420-1.3")
WAITING = {QueueName("insurance"): [ONE, TWO], QueueName("pensions"): [OTHER]}


@pytest.fixture
async def asterisk() -> AsyncIterator[FloorAmi]:
    async with FloorAmi(queues={"insurance": [Entry(ONE), Entry(TWO)], "pensions": [Entry(OTHER)]}) as fake:
        yield fake


@pytest.fixture
async def lead(asterisk: FloorAmi) -> AsyncIterator[Lead]:
    link = AmiLink(LinkSettings("127.0.0.1", asterisk.port, "lead", asterisk.secret), Inbox(), CLOCK)
    living = asyncio.create_task(link.run())
    async with asyncio.timeout(30):
        while not link.live:
            await asyncio.sleep(0.01)
    yield Lead(link)
    link.close()
    await living


def closed(folder: Path, *, begins: float, section: str = "insurance") -> Opening:
    start, end = CLOCK.now() + timedelta(minutes=begins), CLOCK.now() + timedelta(hours=2)
    (folder / "closures.toml").write_text(
        f'[[closure]]\nfrom = {start.isoformat()}\nto = {end.isoformat()}\nsection = "{section}"\n'
    )
    return Opening(folder / "closures.toml", "always", line_data.hours().calendar)


async def test_whoever_waits_there_is_taken_out_once(asterisk: FloorAmi, lead: Lead, tmp_path: Path) -> None:
    watch = ClosingOut(lead, closed(tmp_path, begins=-1), lambda: WAITING, CLOCK)
    await watch.look()
    assert [(said["Caller"], said["WithdrawInfo"]) for said in asterisk.said] == [("PJSIP/trunk-1", "closed"), ("PJSIP/trunk-2", "closed")]  # fmt: skip
    asterisk.queues["insurance"] = [Entry(ONE)]  # Asterisk needs a moment, or a seat rings for this one
    await watch.look()
    assert len(asterisk.said) == 2
    assert [entry.leg for entry in asterisk.queues["pensions"]] == [OTHER]


async def test_one_that_begins_later_and_the_end_of_the_day_take_nobody_out(
    asterisk: FloorAmi, lead: Lead, tmp_path: Path
) -> None:
    await ClosingOut(lead, closed(tmp_path, begins=30), lambda: WAITING, CLOCK).look()
    never = Opening(tmp_path / "nothing.toml", "never", line_data.hours().calendar)
    await ClosingOut(lead, never, lambda: WAITING, CLOCK).look()
    assert asterisk.said == []


async def test_who_could_not_be_reached_the_first_time_is_taken_out_the_next(
    asterisk: FloorAmi, lead: Lead, tmp_path: Path
) -> None:
    """The list of callers comes, and then nothing more."""
    asterisk.breaks = "before"
    watch = ClosingOut(lead, closed(tmp_path, begins=-1), lambda: WAITING, CLOCK)
    await watch.look()
    assert asterisk.said == []
    async with asyncio.timeout(30):
        while len(asterisk.said) < 2:
            await watch.look()
            await asyncio.sleep(0.1)
    assert {said["Caller"] for said in asterisk.said} == {"PJSIP/trunk-1", "PJSIP/trunk-2"}


async def test_an_exchange_that_is_away_is_asked_again(asterisk: FloorAmi, lead: Lead, tmp_path: Path) -> None:
    watch = ClosingOut(lead, closed(tmp_path, begins=-1), lambda: WAITING, CLOCK)
    asterisk.session.drop()
    await asyncio.sleep(0.05)
    await watch.look()
    assert asterisk.said == []
    async with asyncio.timeout(30):
        while not asterisk.said:
            await watch.look()
            await asyncio.sleep(0.1)
    assert len(asterisk.said) == 2
