"""Calls that were stored before a province was kept get the one that a fold says today: a refold finds no difference."""

from __future__ import annotations

import importlib
from datetime import timedelta

from sqlalchemy import select, text

from api.db.engine import Sessions
from api.db.tables import CallRecordRow
from api.ledger.refold import rebuild
from ivr.kernel.area_codes import PROVINCES, province_of
from ivr.kernel.phone_number import parse_caller
from tests.browser.day import write_down
from tests.builders import a_call_in_the_menu
from tests.integration.api.priority.callers import called

UPDATE = importlib.import_module("api.db.migrations.versions.0012_priority").PROVINCES_OF_BEFORE
OTHERS = ("", "1420", "88001420", "+989121234567", "+4930123456", "+982912345678", "+98211", "+9821880014201")


async def test_the_migration_says_of_each_number_what_the_fold_says(sessions: Sessions) -> None:
    for caller in (*(f"+98{code}88001420" for code in PROVINCES), *OTHERS):
        await called(sessions, "answered", ago=timedelta(hours=1), caller=caller)
    async with sessions.begin() as session:
        await session.execute(text(UPDATE))
        rows = (await session.scalars(select(CallRecordRow))).all()
        told = {row.caller: row.province for row in rows}
    assert told == {caller: province_of(parse_caller(caller)) for caller in told}
    assert len([province for province in told.values() if province]) == 31


async def test_a_call_with_a_priority_folds_to_the_same_again(sessions: Sessions) -> None:
    story = a_call_in_the_menu(caller="08433331234")
    story.milestone("routing", queue="general", priority="6", group="chronic", repeat="1", province="ilam")
    async with sessions.begin() as session:
        await write_down(session, story.joins("general").wait(9).hangs_up_waiting())
    report = await rebuild(sessions)
    assert (report.calls, report.equal) == (1, True)
    async with sessions() as session:
        row = (await session.scalars(select(CallRecordRow))).one()
    assert (row.province, row.priority, row.caller_group, row.repeat) == ("ilam", 6, "chronic", 1)
