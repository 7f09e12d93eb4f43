"""For machines that watch this machine: `/live`, `/ready`, `/metrics`.

Ready means: the database answers and is migrated, the board is fresh, the ledgers are being followed. Each thing that
is not so is named, so that who reads it knows where to look.
"""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from pydantic import BaseModel, Field
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.db.engine import DATABASE_AWAY, Sessions
from api.db.migrations.plan import newest
from api.db.tables import BoardState, FollowerPosition
from api.settings import ApiSettings

router = APIRouter(tags=["health"])

BOARD_AGE = Gauge("line1420_board_age_seconds", "Age of the live board's newest proof.")
FOLLOWER_AGE = Gauge("line1420_follower_age_seconds", "Since the ledger follower last said that it is alive.")


class Live(BaseModel):
    """The process answers; it says nothing about anything else."""

    live: bool = True


class Ready(BaseModel):
    """Whether the line's written side works as a whole."""

    ready: bool
    reasons: list[str] = Field(description="What is not right, one sentence each; empty when ready.")
    board_age_seconds: float | None = Field(description="Age of the live board; null when there is none.")
    follower_age_seconds: float | None = Field(description="Since the follower last reported; null when it never did.")


@router.get("/live", summary="Does the process answer")
async def live() -> Live:
    return Live()


@router.get(
    "/ready", summary="Does the written side work", responses={503: {"model": Ready, "description": "Not ready."}}
)
async def ready(request: Request, response: Response) -> Ready:
    answer = await look(request)
    response.status_code = 200 if answer.ready else 503
    return answer


@router.get("/metrics", summary="Measures for Prometheus", response_class=Response)
async def metrics(request: Request) -> Response:
    await look(request)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def look(request: Request) -> Ready:
    """Look at everything that `/ready` speaks of; sets the gauges on the way."""
    settings: ApiSettings = request.app.state.settings
    sessions: Sessions = request.app.state.sessions
    now: datetime = request.app.state.clock.now()
    try:
        async with sessions() as session:
            version = await _version(session)
            if version != newest():
                reason = (
                    f"The database is at migration {version or 'none'}, this code needs {newest()}: run the migrations."
                )
                return Ready(ready=False, reasons=[reason], board_age_seconds=None, follower_age_seconds=None)
            board_at = await session.scalar(select(func.min(BoardState.as_of)))
            follower_at = await session.scalar(select(func.max(FollowerPosition.updated_at)))
    except (SQLAlchemyError, *DATABASE_AWAY) as error:
        reason = f"The database does not answer ({type(error).__name__})."
        return Ready(ready=False, reasons=[reason], board_age_seconds=None, follower_age_seconds=None)
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
    return Ready(ready=not reasons, reasons=reasons, board_age_seconds=board_age, follower_age_seconds=follower_age)


async def _version(session: AsyncSession) -> str | None:
    if await session.scalar(text("SELECT to_regclass('alembic_version')::text")) is None:
        return None
    return await session.scalar(text("SELECT version_num FROM alembic_version"))
