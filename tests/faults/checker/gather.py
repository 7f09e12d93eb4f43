"""One look at a line: every reader once, put together as `Evidence`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from ivr.kernel.clock import SystemClock
from tests.faults.checker import limits
from tests.faults.checker.database import read_board, read_database
from tests.faults.checker.evidence import Evidence, FloorView, Leak
from tests.faults.checker.exchange import AT_REST, WRAP_UP, Floor, paused_as, read_channels, read_floor
from tests.faults.checker.files import read_codes, read_sounds, read_spool
from tests.faults.checker.floor import board_is_true
from tests.faults.checker.ledgers import read_cel, read_queue_log
from tests.faults.checker.logs import read_leaks
from tests.faults.checker.place import Place
from tests.faults.checker.witness import Witness

_STATES = {"available": "free", "holding": "talking"}
"""The board's words in Asterisk's; a caller on hold is a talk to `QueueStatus`."""
_AROUND = timedelta(hours=5)


async def gather(
    place: Place,
    witnesses: Sequence[Witness],
    *,
    since: datetime,
    until: datetime,
    grace: float,
    names: Iterable[str] = (),
) -> Evidence:
    """Read everything. The ledgers first: what the database has by then and they have not was written in between."""
    cel, damaged = await asyncio.to_thread(read_cel, place.cel, since - _AROUND)
    queue_log = await asyncio.to_thread(read_queue_log, place.queue_log, since - _AROUND)
    near = [row for row in cel if since - _AROUND <= row.at < until + _AROUND]
    spool = await asyncio.to_thread(read_spool, place.var / "spool")
    stored = await read_database(
        place.database_url,
        node=place.node,
        since=since,
        until=until,
        call_ids={row.call for row in near if row.name == "offered"},
        secrets=place.secrets,
    )
    evidence = Evidence(
        since=since,
        until=until,
        now=SystemClock().now(),
        grace=grace,
        cel=near,
        queue_log=[row for row in queue_log if since - _AROUND <= row.at < until + _AROUND],
        damaged_rows=damaged,
        ledgers_begin=min((row.at for row in cel), default=None),
        calls=stored.calls,
        visits=stored.visits,
        recordings=stored.recordings,
        cases=stored.cases,
        stored_rows=stored.stored_rows,
        case_openings=stored.case_openings,
        callbacks=stored.callbacks,
        callback_calls=stored.callback_calls,
        calls_back=place.calls_back,
        jobs=stored.jobs,
        spool=spool,
        codes=await asyncio.to_thread(read_codes, place.var / "spool"),
        witnesses=witnesses,
    )
    keys = [row["archive_key"] for row in stored.recordings if row["archive_key"]]
    evidence.sounds = await asyncio.to_thread(read_sounds, place.var / "archive", keys)
    logs = (place.var / "log", place.var / "asterisk" / "log")
    leaks, _ = await asyncio.to_thread(read_leaks, logs, since=since, secrets=place.secrets, names=names)
    evidence.leaks = [*leaks, *(Leak("ledger_event", 0, f"a secret in the call {call}") for call in stored.leaked)]
    if place.ami_secret:
        evidence.floor = await _floor(place, evidence)
        evidence.channels = await asyncio.to_thread(read_channels, place)
    return evidence


async def _floor(place: Place, evidence: Evidence) -> FloorView | None:
    """Asterisk and the board, asked again until they agree or the board has had its time."""
    view: FloorView | None = None
    clock, loop = SystemClock(), asyncio.get_running_loop()
    end = loop.time() + limits.FLOOR_SETTLES
    while True:
        real = await asyncio.to_thread(read_floor, place)
        if real is None:
            return None
        try:
            board = await read_board(place.database_url, place.node)
        except (OSError, asyncpg.PostgresError):
            return None
        view = floor_view(real, board, clock.now(), own_rest=place.own_rest)
        evidence.floor = view
        if not list(board_is_true(evidence)) or loop.time() >= end:
            return view
        await asyncio.sleep(0.5)


def floor_view(real: Floor, board: dict[str, Any] | None, now: datetime, *, own_rest: float) -> FloorView:
    """Both sides in the same words. `own_rest`: seconds that a seat may show of work after a talk and be free to Asterisk."""
    callers, seats = real
    queues: list[dict[str, Any]] = board["queues"] if board else []
    seated: list[dict[str, Any]] = board["seats"] if board else []
    shown = {seat["seat"]: _shown(seat, now, own_rest) for seat in seated}
    return FloorView(
        asterisk_callers=callers,
        asterisk_seats=seats,
        board_callers={queue["name"]: tuple(caller["leg_id"] for caller in queue["waiting"]) for queue in queues},
        board_seats=shown,
        board_age=(now - board["as_of"]).total_seconds() if board else None,
    )


def _shown(seat: dict[str, Any], now: datetime, own_rest: float) -> str:
    if seat["state"] == "paused":
        return paused_as(seat.get("pause_reason"))
    state: str = seat["state"]
    if state == WRAP_UP and (now - datetime.fromisoformat(seat["since"])).total_seconds() <= own_rest:
        return AT_REST
    return _STATES.get(state, state)
