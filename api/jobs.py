"""Hand work to the worker inside the business transaction: a rollback takes the job with it.

Who writes something that another process must act on calls `enqueue` with its own session, before its commit. The job
names below are the whole vocabulary between the follower, the web process and `api/processes/worker.py`; what each one
leads to stands in `api/reactions.py`.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.wire import as_the_session, wire_of


class Job(StrEnum):
    """Name of a job; the payload is listed with each."""

    CALL_ENDED = "call_ended"
    """A call's record was folded, the call is over and may have left something. `{"call_id"}`; dedupe key
    `call_ended:<call_id>`."""
    TEXT_MESSAGE = "text_message"
    """Something of a call back is to be told by SMS. `{"code", "kind"}`; the number is looked up when it is sent."""


@dataclass(frozen=True, slots=True)
class JobsNow:
    """How much is waiting. `dead` jobs have failed for good and wait for a person."""

    waiting: int
    dead: int
    oldest_seconds: float


async def jobs_now(session: AsyncSession) -> JobsNow:
    """Count the jobs; the table holds only what is not done."""
    row = (await session.execute(_COUNT)).one()
    return JobsNow(row.waiting, row.dead, row.oldest)


_COUNT = text(
    "SELECT count(*) FILTER (WHERE status IN ('queued', 'picked')) AS waiting,"
    " count(*) FILTER (WHERE status = 'failed') AS dead,"
    " coalesce(extract(epoch FROM now() - min(created) FILTER (WHERE status IN ('queued', 'picked'))), 0)::float AS oldest"
    " FROM pgqueuer"
)


async def enqueue(
    session: AsyncSession, entrypoint: str, payload: Mapping[str, object], dedupe_key: str | None = None
) -> None:
    """Queue one job on the session's own connection; it becomes visible, and wakes the worker, at commit.

    With a `dedupe_key` a second job is dropped while the first is waiting or running. Handlers therefore read what is
    true when they run, and the worker's sweeper looks again later: nothing depends on one job arriving.
    """
    body = json.dumps(dict(payload), ensure_ascii=False).encode()
    async with _queries_of(session) as queries:
        await queries.enqueue(entrypoint, body, dedupe_key=dedupe_key, on_conflict="skip")


async def enqueue_each(session: AsyncSession, entrypoint: str, jobs: Mapping[str, Mapping[str, object]]) -> None:
    """As `enqueue`, for many jobs in one statement: dedupe key → payload."""
    if not jobs:
        return
    bodies: list[bytes | None] = [json.dumps(dict(payload), ensure_ascii=False).encode() for payload in jobs.values()]
    keys: list[str | None] = list(jobs)
    priorities = [0] * len(jobs)
    async with _queries_of(session) as queries:
        await queries.enqueue([entrypoint] * len(jobs), bodies, priorities, dedupe_key=keys, on_conflict="skip")


@asynccontextmanager
async def _queries_of(session: AsyncSession) -> AsyncIterator[Queries]:
    """The library on the session's own connection; what goes wrong is raised as the session would have raised it."""
    wire = await wire_of(session)
    with as_the_session(wire, "enqueue jobs"):
        yield Queries(AsyncpgDriver(wire))
