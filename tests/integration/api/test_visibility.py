"""What each role sees of the same calls and recordings."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from api.access.permissions import READ_SCOPES, Role, permissions_of_role, permissions_of_scopes
from api.access.principal import Principal
from api.access.visibility import visible_calls, visible_cases, visible_recordings
from api.db.engine import Sessions
from api.db.tables import CallRecordRow, CaseRow, RecordingRow

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def person(role: Role) -> Principal:
    return Principal(f"person:{role}", "", "", role, permissions_of_role(role), "csrf", "127.0.0.1")


def program(*scopes: str) -> Principal:
    return Principal("token:t", "t", "t", None, permissions_of_scopes(list(scopes)), None, "127.0.0.1")


def call(call_id: str) -> CallRecordRow:
    return CallRecordRow(
        call_id=call_id,
        node="line1420",
        caller="",
        caller_name="",
        language="fa",
        arrived_at=AT,
        menu_path=[],
        fallbacks=[],
        survey_offered=False,
        problems=[],
    )


@pytest.fixture
async def house(sessions: Sessions) -> Sessions:
    """A talk that led to nothing, and a voice message that became a case."""
    async with sessions.begin() as session:
        session.add_all([call("talked"), call("complained")])
        session.add(RecordingRow(recording_id="talk", call_id="talked", kind="talk", state="archived"))
        session.add(RecordingRow(recording_id="talk-before", call_id="complained", kind="talk", state="archived"))
        session.add(RecordingRow(recording_id="message", call_id="complained", kind="message", state="archived"))
        session.add(
            CaseRow(
                code="123456782",
                kind="complaint",
                state="open",
                caller="",
                call_id="complained",
                opened_at=AT,
                recording_id="message",
                due_at=AT,
                deadline={},
                details={},
            )
        )
    return sessions


ALL_CALLS, ALL_SOUND, ALL_CASES = {"talked", "complained"}, {"talk", "talk-before", "message"}, {"123456782"}


@pytest.mark.parametrize(
    ("principal", "calls", "sound", "cases"),
    [
        (person(Role.OPERATOR), set(), set(), set()),
        (person(Role.SUPERVISOR), ALL_CALLS, ALL_SOUND, ALL_CASES),
        (person(Role.QA), ALL_CALLS, ALL_SOUND, ALL_CASES),
        (person(Role.MANAGER), ALL_CALLS, set(), ALL_CASES),
        (person(Role.CASEWORK), {"complained"}, {"message"}, ALL_CASES),
        (person(Role.ADMIN), ALL_CALLS, ALL_SOUND, ALL_CASES),
        (program(*READ_SCOPES), ALL_CALLS, ALL_SOUND, ALL_CASES),
        (program("calls:read"), ALL_CALLS, set(), set()),
        (program("case:state"), set(), set(), set()),
    ],
    ids=lambda value: value.actor if isinstance(value, Principal) else "",
)
async def test_who_sees_what(
    house: Sessions, principal: Principal, calls: set[str], sound: set[str], cases: set[str]
) -> None:
    async with house() as session:
        seen_calls = await session.scalars(visible_calls(principal, select(CallRecordRow.call_id)))
        seen_sound = await session.scalars(visible_recordings(principal, select(RecordingRow.recording_id)))
        seen_cases = await session.scalars(visible_cases(principal, select(CaseRow.code)))
        assert (set(seen_calls), set(seen_sound), set(seen_cases)) == (calls, sound, cases)
