"""The follower process on real files: what Asterisk writes becomes records, also across an outage of the database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from api.db.engine import Sessions
from api.db.tables import CallRecordRow, FollowerPosition, VisitRow
from api.processes.follower import run
from api.settings import ApiSettings
from ivr.kernel.milestones import encode
from routing.events import LedgerEvent, Source
from routing.ledger.cel import COLUMNS
from routing.queues import exchange_name
from tests.builders import CallStory, an_answered_call
from tests.integration.conftest import Server

_NATIVE = str.isupper
_OWN = {"channel", "cid_num", "cid_name", "context", "extra", "app", "app_data", "peer", "exten"}


def cel_line(event: LedgerEvent) -> str:
    """The row as Asterisk's `dsv` mapping writes it."""
    hidden = {key: value for key, value in event.fields.items() if key not in _OWN}
    native = _NATIVE(event.name)
    extra = (
        "{" + ",".join(f'"{key}":"{value}"' for key, value in hidden.items()) + "}"
        if native
        else '{"extra":"' + encode(hidden) + '"}'
    )
    values = {
        "eventtype": event.name if native else "USER_DEFINED",
        "eventtime": f"{event.at.timestamp():.6f}",
        "userdeftype": "" if native else event.name,
        "uniqueid": event.leg_id or "",
        "linkedid": event.call_id or "",
        "channame": event.fields.get("channel", ""),
        "appname": event.fields.get("app", ""),
        "appdata": event.fields.get("app_data", ""),
        "extra": extra,
    }
    row = (values.get(column, event.fields.get(column, "")) for column in COLUMNS)
    return ",".join('"' + str(value).replace('"', '""') + '"' for value in row) + "\n"


_ORDER = {
    "CONNECT": ("holdtime", "bridged_leg", "ringtime"),
    "ENTERQUEUE": ("url", "callerid", "origposition"),
    "COMPLETEAGENT": ("holdtime", "calltime", "origposition"),
}


def queue_line(event: LedgerEvent) -> str:
    parts = [f"{event.at.timestamp():.0f}", event.leg_id or "NONE", exchange_name(event.fields["queue"])]
    parts += [event.fields["agent"] or "NONE", event.name, *(event.fields[name] for name in _ORDER[event.name])]
    return "|".join(parts) + "\n"


def write(settings: ApiSettings, story: CallStory) -> None:
    cel, queues = files(settings)
    ordered = sorted(story.events, key=lambda event: event.at)
    with cel.open("a") as file:
        file.writelines(cel_line(event) for event in ordered if event.source is Source.CEL)
    with queues.open("a") as file:
        file.writelines(queue_line(event) for event in ordered if event.source is Source.QUEUE_LOG)


def files(settings: ApiSettings) -> tuple[Path, Path]:
    cel = settings.asterisk_log / "cel-custom" / "line.csv"
    cel.parent.mkdir(parents=True, exist_ok=True)
    return cel, settings.asterisk_log / "queue_log"


@pytest.fixture
async def follower(settings: ApiSettings, sessions: Sessions) -> AsyncIterator[None]:
    stop = asyncio.Event()
    following = asyncio.create_task(run(settings, stop))
    yield
    stop.set()
    await asyncio.wait_for(following, 60)


async def eventually(look: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while True:
            with contextlib.suppress(SQLAlchemyError, OSError):
                if await look():
                    return
            await asyncio.sleep(0.1)


async def test_a_call_in_the_files_is_a_record_in_the_database(
    settings: ApiSettings, sessions: Sessions, follower: None
):
    story = an_answered_call(name='مینا "م" \\ رضایی')
    write(settings, story)

    async def folded() -> bool:
        async with sessions() as session:
            return (await session.scalar(select(VisitRow.agent))) == "operator03"

    await eventually(folded)
    async with sessions() as session:
        call = (await session.scalars(select(CallRecordRow))).one()
        assert (call.call_id, call.disposition, call.score) == (story.call_id, "answered", 4)
        assert call.caller_name == 'مینا "م" \\ رضایی'
        assert call.problems == []
        assert {row.source for row in await session.scalars(select(FollowerPosition))} == {"cel", "queue_log"}


async def test_calls_during_an_outage_of_the_database_are_complete_soon_after_it_returns(
    settings: ApiSettings, sessions: Sessions, follower: None, postgres_server: Server
):
    write(settings, an_answered_call("line1420-1795249800.1"))

    async def records() -> set[str | None]:
        async with sessions() as session:
            return set(
                await session.scalars(select(CallRecordRow.call_id).where(CallRecordRow.disposition == "answered"))
            )

    async def first() -> bool:
        return len(await records()) == 1

    await eventually(first)
    postgres_server.stop()
    try:
        for n in range(2, 40):
            write(settings, an_answered_call(f"line1420-1795249800.{n}"))
        await asyncio.sleep(2)
    finally:
        postgres_server.start()

    async def all_of_them() -> bool:
        return len(await records()) == 39

    await eventually(all_of_them)


@contextlib.asynccontextmanager
async def strikes_at_jobs(sessions: Sessions, strike: str) -> AsyncIterator[None]:
    """This happens in the database to the first two who queue a job. A sequence counts them, since it is never rolled back."""
    body = f"BEGIN IF nextval('strikes') <= 2 THEN {strike} END IF; RETURN NEW; END"
    async with sessions.begin() as session:
        await session.execute(text("CREATE SEQUENCE strikes"))
        await session.execute(text(f"CREATE FUNCTION strike() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"))
        await session.execute(
            text("CREATE TRIGGER strike BEFORE INSERT ON pgqueuer FOR EACH ROW EXECUTE FUNCTION strike()")
        )
    try:
        yield
    finally:
        async with sessions.begin() as session:
            await session.execute(text("DROP FUNCTION strike CASCADE"))
            await session.execute(text("DROP SEQUENCE strikes"))


STRIKES = {
    "its back end is ended": "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10);",
    "its disk is full": "RAISE EXCEPTION 'no room' USING ERRCODE = '53100';",
    "its time limit passes": "RAISE EXCEPTION 'too long' USING ERRCODE = '57014';",
}


@pytest.mark.parametrize("strike", STRIKES)
async def test_a_database_that_fails_while_jobs_are_queued_is_waited_for_and_everything_is_stored(
    settings: ApiSettings, sessions: Sessions, follower: None, strike: str
):
    async with strikes_at_jobs(sessions, STRIKES[strike]):
        write(settings, an_answered_call())

        async def stored_with_its_job() -> bool:
            async with sessions() as session:
                agent = await session.scalar(select(VisitRow.agent))
                jobs = await session.scalar(text("SELECT count(*) FROM pgqueuer"))
                return (agent, jobs) == ("operator03", 1)

        await eventually(stored_with_its_job)
        async with sessions() as session:
            assert await session.scalar(text("SELECT last_value FROM strikes")) > 2, "two were struck before"
