"""A day on the line for the pages' tests: calls told through the ledger, their sound in the archive, cases, a board."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.access.permissions import Role
from api.access.secrets_of import hash_password
from api.cases.adapters.hours_file import HoursFile
from api.cases.case import CaseKind
from api.cases.repository import CaseRows
from api.cases.service import Request, open_case
from api.db.notify import notify
from api.db.tables import BoardState, Person
from api.ledger.folding import refold
from api.ledger.rows import append, learn_legs, row_of
from api.playback.repository import RecordingRows
from api.reports.periods import today
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import CallId, RecordingId
from ivr.kernel.tracking_code import TrackingCode
from recordings.naming import archive_key
from recordings.recording import Kind, Recording, State
from recordings.waveform import peaks
from tests.builders import CallStory, a_call_in_the_menu, an_answered_call
from tests.fakes import line_data
from tests.sounds import tone, wav_bytes

PASSWORD = "گذرواژه-for-tests"
ANSWERED = "line1420-1795249800.7"
COMPLAINT = TrackingCode.from_number(12345678)
_files = count()
_hash = ""
_numbers = count(20_000_000)


async def add_people(session: AsyncSession) -> None:
    """One account for each role, and the sixteen operators, all with `PASSWORD` (hashed once: argon2 is slow on purpose)."""
    global _hash
    _hash = _hash or await hash_password(PASSWORD)
    accounts = {role.value: role for role in Role if role is not Role.OPERATOR}
    accounts |= {f"operator{seat:02d}": Role.OPERATOR for seat in range(1, 17)}
    for username, role in accounts.items():
        name = f"کارشناس پاسخ‌گویی {username[-2:]}" if role is Role.OPERATOR else "مریم احمدی"
        session.add(Person(username=username, name_fa=name, name_en=username, role=role.value, password_hash=_hash))
    await session.flush()


async def write_down(session: AsyncSession, story: CallStory) -> None:
    """What the follower does with a call's events."""
    file_id = f"day-{next(_files)}"
    rows = [row_of(event, node="line1420", file_id=file_id, offset=at) for at, event in enumerate(story.events)]
    await append(session, rows)
    await learn_legs(session, {str(event.leg_id): str(event.call_id) for event in story.events if event.leg_id})
    await refold(session, [str(story.call_id)], jobs=False)


async def an_archived_talk(session: AsyncSession, archive: Path, story: CallStory, seconds: float = 40) -> RecordingId:
    """A stereo talk: the caller's tone left, the operator's right, each speaking in turn."""
    turns = [(0.6, 0.0), (0.05, 0.4), (0.5, 0.1), (0.0, 0.7)] * int(seconds)
    left = np.concatenate([tone(seconds / len(turns), 440, a) for a, _ in turns])
    right = np.concatenate([tone(seconds / len(turns), 880, b) for _, b in turns])
    samples = np.stack([left, right], axis=1)
    return await _archived(session, archive, RecordingId(f"{story.call_id}-1"), story, Kind.TALK, samples)


async def an_archived_message(
    session: AsyncSession, archive: Path, story: CallStory, message: str, seconds: float = 9
) -> RecordingId:
    """What a caller left."""
    loud = [0.1, 0.5, 0.7, 0.3, 0.0, 0.6] * int(seconds)
    samples = np.concatenate([tone(seconds / len(loud), 300, level) for level in loud])
    return await _archived(session, archive, RecordingId(message), story, Kind.MESSAGE, samples)


async def _archived(
    session: AsyncSession, archive: Path, recording_id: RecordingId, story: CallStory, kind: Kind, samples: Any
) -> RecordingId:
    channels = 2 if samples.ndim == 2 else 1
    sound = wav_bytes(samples.reshape(-1), channels=channels)
    key = archive_key(recording_id, story.now)
    (archive / key).parent.mkdir(parents=True, exist_ok=True)
    (archive / key).write_bytes(sound)
    seconds = len(samples) / 8000
    recording = Recording(
        recording_id, CallId(story.call_id), kind, State.ARCHIVED, None, seconds, seconds if channels == 2 else None,
        channels, len(sound), "0" * 64, key, peaks(samples.reshape(-1, channels)),
    )  # fmt: skip
    assert await RecordingRows(session).keep(recording)
    return recording_id


class _Codes:
    """Codes in a row, for cases that nobody was told a code of."""

    def reserve(self) -> TrackingCode:
        return TrackingCode.from_number(next(_numbers))


async def a_case(
    session: AsyncSession,
    folder: Path,
    story: CallStory,
    kind: CaseKind,
    *,
    recording: RecordingId | None = None,
    code: TrackingCode | None = None,
    opened_at: datetime | None = None,
) -> TrackingCode:
    """A case as the worker opens it."""
    wanted = Request(kind, story.caller, CallId(story.call_id), recording, opened_at or story.now, code, {})
    case, _ = await open_case(
        CaseRows(session), _Codes(), HoursFile(folder / "closures.toml", line_data.hours()).now(), wanted
    )
    return case.code


def earlier_today(now: datetime, ago: timedelta) -> datetime:
    """So long ago; just after midnight, when that was yesterday, the first moment of today."""
    return max(now - ago, today(now).since)


async def wait_past_midnight() -> None:
    """Wait when Tehran's day ends within a minute: what a test writes then is yesterday's before a page has shown it as today's."""
    now = SystemClock().now()
    left = (today(now).until - now).total_seconds()
    if left < 60:
        await asyncio.sleep(left + 0.1)


async def seed_day(session: AsyncSession, folder: Path, now: datetime) -> None:
    """Some of everything that can stand in a list."""
    await add_people(session)
    answered = an_answered_call(ANSWERED, at=now - timedelta(minutes=42), caller="09121234567")
    await write_down(session, answered)
    await an_archived_talk(session, folder / "archive", answered)
    waited = a_call_in_the_menu("line1420-1795249801.1", at=now - timedelta(minutes=30), caller="02188901234")
    waited.keys("main", "0").decided("queue", queue="general").joins("general").wait(95).hangs_up_waiting()
    await write_down(session, waited)
    gone = a_call_in_the_menu("line1420-1795249801.2", at=now - timedelta(minutes=25), caller="").keys("main", "wrong")
    await write_down(session, gone.hears("main").hangs_up())
    message = "m-" + "1" * 32
    left = a_call_in_the_menu("line1420-1795249801.3", at=now - timedelta(hours=30), caller="09351112233")
    left.keys("main", "2").hears("message").keys("message", "1").decided("voice_message", kind="complaint")
    left.records(message, code=str(COMPLAINT)).wait(9)
    left.milestone("message", message=message, state="recorded", seconds="9", status="DTMF").wait(3)
    left.milestone("message", message=message, kind="complaint", code=str(COMPLAINT), state="kept").wait(8)
    await write_down(session, left.hangs_up().fact("case_opened", code=str(COMPLAINT), recording=message))
    recording = await an_archived_message(session, folder / "archive", left, message)
    await a_case(session, folder, left, CaseKind.COMPLAINT, recording=recording, code=COMPLAINT)
    await a_case(session, folder, gone, CaseKind.CALLBACK, opened_at=now - timedelta(days=20))
    await a_case(session, folder, waited, CaseKind.QUESTION, opened_at=now - timedelta(hours=2))


SEATS = [
    ("talking", None, True, True, 17),
    ("talking", None, True, True, 68),
    ("ringing", None, True, True, 4),
    ("available", None, True, True, 272),
    ("available", None, True, True, 425),
    ("wrap_up", "wrap_up", True, True, 22),
    ("paused", "meal", True, True, 833),
    ("talking", "prayer", True, True, 1088),
    ("holding", None, True, True, 95),
    ("paused", "missed_calls", True, True, 130),
    ("paused", "break", True, True, 1260),
    ("offline", None, True, False, 50),
    ("offline", None, False, True, 1800),
    *[("offline", None, False, False, 4000)] * 3,
]
"""State, why no calls come, whether somebody is signed in, whether the telephone is on, and for how many seconds: a seat
of every kind. The break at seat 11 is overdue."""


def board_json(now: datetime, waiting: dict[str, list[tuple[str, float]]] | None = None) -> dict[str, Any]:
    """A board as the listener publishes it; `waiting`: queue → (call id, seconds waited so far)."""
    return {
        "queues": [
            {
                "name": name,
                "waiting": [
                    {
                        "call_id": call_id,
                        "leg_id": call_id,
                        "position": position,
                        "since": (now - timedelta(seconds=seconds)).isoformat(),
                        "caller_masked": "…4567",
                    }
                    for position, (call_id, seconds) in enumerate((waiting or {}).get(name, []), 1)
                ],
                "members_available": 2,
                "members_total": 16,
            }
            for name in ("general", "insurance", "pensions", "treatment")
        ],
        "seats": [
            {
                "seat": f"seat{at:02d}",
                "agent": f"operator{at:02d}" if manned else None,
                "state": state,
                "since": (now - timedelta(seconds=seconds)).isoformat(),
                "queue": None,
                "call_id": None,
                "pause_reason": reason,
                "phone": phone,
            }
            for at, (state, reason, manned, phone, seconds) in enumerate(SEATS, 1)
        ],
    }


async def publish(session: AsyncSession, board: dict[str, Any], as_of: datetime) -> None:
    """What the listener does: replace the node's row and say so."""
    values = {"node": "line1420", "epoch": "tests", "as_of": as_of, "board": board}
    statement = insert(BoardState).values(values | {"version": 1})
    await session.execute(
        statement.on_conflict_do_update(index_elements=["node"], set_=values | {"version": BoardState.version + 1})
    )
    await notify(session, "board", "line1420")
