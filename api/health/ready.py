"""Whether the line's written side works as a whole, and one sentence for each thing that does not.

The database is asked; all else stands in the files that the other processes write, so the answer is cheap and comes also
when the database is away. A process that never wrote a file is not expected on this machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client import Gauge
from pydantic import BaseModel, Field
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.engine import DATABASE_AWAY, Sessions
from api.db.migrations.plan import newest
from api.db.tables import BoardState, FollowerPosition
from api.health.files import Written
from api.settings import ApiSettings

BOARD_AGE = Gauge("line1420_board_age_seconds", "Age of the live board's newest proof.")
FOLLOWER_AGE = Gauge("line1420_follower_age_seconds", "Since the ledger follower last said that it is alive.")
DATABASE_UP = Gauge("line1420_database_up", "1 when the database answered the last question about its state.")

SILENT_SECONDS = 30.0
"""A process writes every five; six writings missed are no chance."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`process` must keep `measure` at or below `most`; else `sentence`, in which {} is the value."""

    process: str
    measure: str
    most: float
    sentence: str


LIMITS = (
    Limit("listener", "line1420_listener_ami_age_seconds", 15, "Asterisk has said nothing to the listener for {:.0f} s: does it "
          "run, is its manager port open, does the secret fit? See the logs of listener and asterisk."),
    Limit("follower", "line1420_ledger_lag_seconds", 30, "A ledger was last read to its end {:.0f} s ago: does the database "
          "take rows? See the follower's log."),
    Limit("worker", "line1420_spool_oldest_seconds", 600, "Something has waited in the spool for {:.0f} s: does the "
          "worker reach database and archive? See the worker's log."),
    Limit("worker", "line1420_jobs_oldest_seconds", 120, "A job has waited for {:.0f} s: is the worker running, or is one "
          "job failing again and again? See the worker's log."),
    Limit("worker", "line1420_disk_level", 2, "A disk is so full that the line steps back (level {:.0f} of 4): make room. "
          "Which disk stands in line1420_disk_level."),
)  # fmt: skip


class Ready(BaseModel):
    """Whether the line's written side works as a whole."""

    ready: bool
    reasons: list[str] = Field(description="What is not right, one sentence each; empty when ready.")
    board_age_seconds: float | None = Field(description="Age of the live board; null when there is none.")
    follower_age_seconds: float | None = Field(description="Since the follower last reported; null when it never did.")


async def look(sessions: Sessions, settings: ApiSettings, now: datetime, others: Sequence[Written]) -> Ready:
    """Look at everything; sets this room's gauges on the way."""
    in_files = reasons_in(others)
    board_at = follower_at = None
    try:
        async with sessions() as session:
            version = await _version(session)
            if version == newest():
                board_at = await session.scalar(select(func.min(BoardState.as_of)))
                follower_at = await session.scalar(select(func.max(FollowerPosition.updated_at)))
    except (SQLAlchemyError, *DATABASE_AWAY) as error:
        DATABASE_UP.set(0)
        return _not_ready(f"The database does not answer ({type(error).__name__}): does it run?", in_files)
    DATABASE_UP.set(1)
    if version != newest():
        return _not_ready(
            f"The database is at migration {version or 'none'}, this code needs {newest()}: run the migrations.",
            in_files,
        )
    board_age = None if board_at is None else (now - board_at).total_seconds()
    follower_age = None if follower_at is None else (now - follower_at).total_seconds()
    reasons = []
    if board_age is None or board_age > settings.board_stale.total_seconds():
        seen = "never seen" if board_age is None else f"{board_age:.0f} s old"
        reasons.append(f"The live board is {seen}: is the listener running, does Asterisk's manager port answer?")
    if follower_age is None or follower_age > settings.follower_late.total_seconds():
        seen = "has never reported" if follower_age is None else f"was last heard {follower_age:.0f} s ago"
        reasons.append(f"The ledger follower {seen}: is it running, does Asterisk write its ledgers?")
    if board_age is not None:
        BOARD_AGE.set(board_age)
    if follower_age is not None:
        FOLLOWER_AGE.set(follower_age)
    reasons += in_files
    return Ready(ready=not reasons, reasons=reasons, board_age_seconds=board_age, follower_age_seconds=follower_age)


def reasons_in(others: Sequence[Written]) -> list[str]:
    """What the processes' own measures say against being ready. What a silent process wrote last is not looked at."""
    reasons = [
        f"The process {written.process} has written no measures for {written.age_seconds:.0f} s: is it running? "
        "`python -m asterisk_conf.stage.supervision status` and its log tell."
        for written in others
        if written.age_seconds > SILENT_SECONDS
    ]
    speaking = {written.process: written for written in others if written.age_seconds <= SILENT_SECONDS}

    for limit in LIMITS:
        found = speaking[limit.process].value(limit.measure) if limit.process in speaking else None
        if found is not None and found > limit.most:
            reasons.append(limit.sentence.format(found))
    return reasons


def _not_ready(first: str, then: list[str]) -> Ready:
    return Ready(ready=False, reasons=[first, *then], board_age_seconds=None, follower_age_seconds=None)


async def _version(session: AsyncSession) -> str | None:
    if await session.scalar(text("SELECT to_regclass('alembic_version')::text")) is None:
        return None
    return await session.scalar(text("SELECT version_num FROM alembic_version"))
