"""The application beside a scripted Asterisk: one caller waits in insurance, one in pensions, one operator talks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from api.db.engine import Sessions
from api.floor.sink import PostgresBoard
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from routing import leading
from routing.board import Board
from routing.ports import BoardLink, BoardPublication
from tests.fakes.asterisk_floor import Entry, FloorAmi
from tests.integration.conftest import settings as plain_settings

CALL, OTHER, TALK = "line1420-1.1", "line1420-1.2", "line1420-1.3"
__all__ = ["plain_settings"]


@pytest.fixture(autouse=True)
def patient_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page gives up a slow exchange after a second and a half; a busy machine is none."""
    monkeypatch.setattr(leading, "LOOK_LIMIT", 30.0)


@pytest.fixture
async def asterisk() -> AsyncIterator[FloorAmi]:
    fake = FloorAmi(queues={"insurance": [Entry.joined(CALL, 40)], "pensions": [Entry.joined(OTHER, 90, 3)]})
    fake.talks("seat03", TALK)
    async with fake:
        yield fake


@pytest.fixture
def settings(plain_settings: ApiSettings, asterisk: FloorAmi) -> ApiSettings:
    secret = SecretStr(asterisk.secret)
    return plain_settings.model_copy(
        update={
            "ami_port": asterisk.port,
            "ami_lead_secret": secret,
            "clock_open": "always",
            "board_stale": timedelta(seconds=60),
        }
    )


@pytest.fixture
async def board(sessions: Sessions, asterisk: FloorAmi, app: object) -> None:
    """As the listener would show it: the caller in pensions has waited longer; seats 15 and 16 are nobody's."""
    await asterisk.logged_in.wait()
    now = SystemClock().now()
    told = Board().to_json(now)
    for queue, call, seconds in (("insurance", CALL, 40), ("pensions", OTHER, 90)):
        line = next(one for one in told["queues"] if one["name"] == queue)
        since = (now - timedelta(seconds=seconds)).isoformat()
        (entry,) = asterisk.queues[queue]
        line["waiting"] = [
            {
                "call_id": call,
                "leg_id": call,
                "position": 1,
                "since": since,
                "caller_masked": "…4567",
                "prio": entry.priority,
            }
        ]
    for line in told["queues"]:
        line["members_total"] = 0 if line["name"] == "treatment" else 2
    for number, changes in (
        (2, {"state": "talking", "agent": "operator03", "call_id": TALK, "queue": "general", "phone": True}),
        (14, {"phone": True}),
        (15, {"phone": True}),
    ):
        told["seats"][number] |= {"since": now.isoformat(), **changes}
    await PostgresBoard(sessions, "line1420").publish(BoardPublication(told, now, 1, "e", BoardLink.LIVE))
