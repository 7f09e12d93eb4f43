"""A spool and a database as one call leaves them, for the tests of adoption and of the worker."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from api.db.engine import Sessions
from api.db.tables import CallRecordRow, LedgerEventRow, VisitRow
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import CallId, MessageId
from ivr.kernel.tracking_code import TrackingCode
from tests.sounds import tone, write_speech, write_wav

CALL = CallId("line1420-1763750000.12")
MESSAGE = MessageId("m-" + "5" * 32)
CODE = TrackingCode.from_number(12345678)
NOW = SystemClock().now()


async def a_call(
    sessions: Sessions, *, ended_ago: float | None = 1, talked: float | None = None, message: str = "",
    told: str = "",
) -> None:  # fmt: skip
    """`told`: the code of the message, as the ledger has it."""
    now = SystemClock().now()  # not NOW: other tests may have taken a minute since
    ended = None if ended_ago is None else now - timedelta(seconds=ended_ago)
    arrived = now - timedelta(seconds=(ended_ago or 0) + 60)
    async with sessions.begin() as session:
        session.add(
            CallRecordRow(
                call_id=CALL, node="line1420", caller="+989121234567", caller_name="", language="fa", arrived_at=arrived,
                ended_at=ended, disposition="answered" if talked else "left_message", menu_path=[], fallbacks=[],
                survey_offered=False, problems=[],
                voice_message={"message": message, "kind": "complaint", "state": "kept"} if message else None,
            )
        )  # fmt: skip
        await session.flush()
        if talked:
            session.add(
                VisitRow(
                    call_id=CALL, n=1, queue="insurance", arrived_at=arrived, entered_at=arrived, connected_at=arrived + timedelta(seconds=5),
                    ended_at=arrived + timedelta(seconds=5 + talked), waited_seconds=5, talked_seconds=talked,
                    outcome="answered", recording=f"{CALL}-1",
                )
            )  # fmt: skip
        if message:
            session.add(
                LedgerEventRow(
                    node="line1420", source="cel", file_id="t", file_offset=1, name="message", at=arrived, call_id=CALL,
                    leg_id=CALL,
                    fields={"message": message, "state": "started", "kind": "complaint"} | ({"code": told} if told else {}),
                )
            )  # fmt: skip


def sidecar(settings: ApiSettings, code: str = CODE, message: str = MESSAGE, call: str = CALL) -> None:
    folder = settings.spool / "messages"
    folder.mkdir(parents=True, exist_ok=True)
    body = {"message": message, "call_id": call, "kind": "complaint", "code": code, "caller": "09121234567",
            "language": "fa", "started_at": (NOW - timedelta(seconds=40)).isoformat()}  # fmt: skip
    (folder / f"{message}.json").write_text(json.dumps(body))


def message_file(settings: ApiSettings, end: str = ".wav", message: str = MESSAGE) -> Path:
    return write_speech(settings.spool / "messages" / f"{message}{end}")


def legs(settings: ApiSettings, seconds: float) -> None:
    for side, hertz in (("rx", 400), ("tx", 1000)):
        write_wav(settings.spool / "calls" / f"{CALL}-1.{side}.wav", tone(seconds, hertz))


def spooled(settings: ApiSettings) -> list[str]:
    folders = (settings.spool / "calls", settings.spool / "messages", settings.spool / "callbacks")
    return sorted(path.name for folder in folders if folder.is_dir() for path in folder.iterdir())


async def rows(sessions: Sessions, table) -> list:
    async with sessions() as session:
        return list((await session.execute(select(table))).scalars())
