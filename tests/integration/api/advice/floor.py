"""A floor for the tests of estimates: a published board, newest talks, and call backs that keep a place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.calls.rows import rows_of, write_rows
from api.db.callback_tables import CallbackRow
from api.db.engine import Sessions
from api.floor.sink import PostgresBoard
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import CallId, LegId, QueueName, SeatName
from ivr.kernel.tracking_code import TrackingCode
from routing.agents import DeviceStatus
from routing.board import Board
from routing.live import CallerJoined, Member, MemberChanged
from routing.ports import BoardLink, BoardPublication
from tests.builders import a_call_in_the_menu, record_of

NODE = "line1420"
INSURANCE = QueueName("insurance")


def now() -> datetime:
    return SystemClock().now()


def busy_board(*, talking: int, waiting: int, free: int = 0, queue: QueueName = INSURANCE) -> Board:
    """So many seats that talk, then so many free ones, all of one queue, and so many callers in it."""
    board = Board()
    states = [DeviceStatus.IN_USE] * talking + [DeviceStatus.NOT_IN_USE] * free
    for number, state in enumerate(states, 1):
        seat = SeatName(f"seat{number:02d}")
        member = Member(queue, seat, f"operator{number:02d}", state, False, state is DeviceStatus.IN_USE, None, 0)
        board.apply(MemberChanged(member, now()))
    for place in range(1, waiting + 1):
        leg = f"line1420-9.{place}"
        board.apply(CallerJoined(queue, LegId(leg), CallId(leg), place, "…4567", now()))
    return board


async def publish(
    sessions: Sessions, board: Board, *, age: float = 0.0, link: BoardLink = BoardLink.LIVE, version: int = 1
) -> None:
    as_of = now() - timedelta(seconds=age)
    await PostgresBoard(sessions, NODE).publish(BoardPublication(board.to_json(now()), as_of, version, "epoch-1", link))


async def keep_talks(
    session: AsyncSession, seconds: Iterable[float], *, ago: timedelta = timedelta(minutes=30), queue: str = "insurance"
) -> None:
    """Answered calls whose talks lasted so long and ended about so long ago."""
    for n, talk in enumerate(seconds):
        at = now() - ago - timedelta(seconds=talk + n)
        story = a_call_in_the_menu(f"line1420-{int(at.timestamp())}.{n}", at=at).joins(queue).is_answered(1)
        await write_rows(session, [rows_of(record_of(story.wait(talk).hangs_up_talking()))])


def call_back(number: int, *, queue: str = "insurance", state: str = "pending", **changed: object) -> CallbackRow:
    """One that keeps a place, asked for five minutes ago."""
    at = now() - timedelta(minutes=5)
    row = {
        "code": str(TrackingCode.from_number(number)),
        "number": f"+98912{number:07d}",
        "keyed": False,
        "queue": queue,
        "priority": 0,
        "asked_call": f"line1420-7.{number}",
        "asked_at": at,
        "joined_at": at,
        "state": state,
        "tries": 0,
        "attempt": 0,
    }
    return CallbackRow(**row | changed)
