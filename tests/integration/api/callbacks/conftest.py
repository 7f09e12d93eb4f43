"""Requests and the ledger rows of attempts, as worker and follower write them."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from api.callbacks.keeping import begin_attempt, keep_place
from api.db.callback_tables import CallbackRow
from api.db.engine import Sessions
from api.db.tables import LedgerEventRow
from api.ledger.store import PostgresLedger
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import CallId
from ivr.kernel.spool_notes import CallbackNote
from ivr.kernel.tracking_code import TrackingCode
from routing.callbacks.request import CallbackState, held_leg
from routing.callbacks.settings import CallbackSettings
from routing.events import LedgerEvent, Source
from routing.ledger.rows import AcceptedRow
from routing.ports import LedgerBatch, Position

RULES = CallbackSettings(carrier="carrier.example", tries=2, apart_seconds=900)
NODE = "line1420"
_offsets = itertools.count(1)


def code(number: int) -> TrackingCode:
    return TrackingCode.from_number(number)


def note(number: int, phone: str = "+989121234567", *, joined_ago: float = 60, **more: object) -> CallbackNote:
    now = SystemClock().now().replace(microsecond=0)
    return CallbackNote(
        code(number), CallId(f"{NODE}-{number}.1"), phone, False, "insurance", "keep_place", now - timedelta(seconds=30),
        now - timedelta(seconds=joined_ago), **more,
    )  # fmt: skip  # pyright: ignore[reportArgumentType]


class Desk:
    """What a test does to the rows, each in a transaction of its own."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions

    async def ask(self, asked: CallbackNote) -> CallbackState:
        async with self.sessions.begin() as session:
            state, _new = await keep_place(session, asked, RULES)
            return state

    async def begin(self, number: int, at: datetime | None = None) -> CallId | None:
        async with self.sessions.begin() as session:
            dial = await begin_attempt(session, code(number), NODE, at or SystemClock().now())
            return dial.call_id if dial else None

    async def tell(self, call: CallId, *names: str, at: datetime | None = None, **fields: str) -> None:
        """Ledger rows of an attempt's call, a second apart; `taken` is on the seat's channel."""
        begun = at or SystemClock().now() - timedelta(seconds=10)
        async with self.sessions.begin() as session:
            for n, name in enumerate(names):
                leg = {"callback_dialled": held_leg(call), "callback_reached": f"{call}.out"}.get(name, call)
                seat = "PJSIP/seat03-00000001" if name == "callback_taken" else "Local/s@line-callback-hold-1;1"
                session.add(
                    LedgerEventRow(
                        node=NODE, source="queue_log" if name == "CONNECT" else "cel", file_id="t",
                        file_offset=next(_offsets), name=name, at=begun + timedelta(seconds=n),
                        call_id=None if name == "CONNECT" else call, leg_id=leg, fields={"channel": seat, **fields},
                    )
                )  # fmt: skip

    async def reads(self, newest: datetime, *, end: datetime | None = None) -> None:
        """The follower stores a row that Asterisk wrote at `newest`, of something else; `end`: and a look begun then found no
        more."""
        ledger, n = PostgresLedger(self.sessions, NODE), next(_offsets)
        row = AcceptedRow(n, LedgerEvent(Source.CEL, "user.other", newest))
        await ledger.store(LedgerBatch(Source.CEL, Position("f", n + 1), (row,), ()))
        if end is not None:
            await ledger.alive(Source.CEL, end)

    async def row(self, number: int) -> CallbackRow:
        async with self.sessions() as session:
            return (await session.scalars(select(CallbackRow).where(CallbackRow.code == code(number)))).one()


@pytest.fixture
def desk(sessions: Sessions) -> Desk:
    return Desk(sessions)
