"""Hearing a recording over HTTP: ranges, rights, the audit before the first byte."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text

from api.access.permissions import Role
from api.db.tables import AuditEntry, CaseRow, RecordingRow
from api.playback.repository import RecordingRows
from ivr.kernel.ids import CallId, RecordingId
from recordings.adapters.archive import LocalArchive
from recordings.recording import Kind, Recording, State
from tests.sounds import tone, wav_bytes

TALK = RecordingId("line1420-1.1-1")
MESSAGE = RecordingId("m-" + "5" * 32)
SOUND = wav_bytes(tone(30))
KEY = f"2026/11/21/{TALK}.wav"
AUDIO = f"/api/v1/recordings/{TALK}/audio"


async def stored(settings, sessions, recording_id=TALK, kind=Kind.TALK) -> Recording:
    work = settings.var / "work.wav"
    work.write_bytes(SOUND)
    key = f"2026/11/21/{recording_id}.wav"
    digest = await LocalArchive(settings.archive).put(key, work)
    made = Recording(recording_id, CallId("line1420-1.1"), kind, State.ARCHIVED, None, 30.0, 30.2, 1, len(SOUND), digest, key,
                     [[0.3, 0.3]])  # fmt: skip
    async with sessions.begin() as session:
        assert await RecordingRows(session).keep(made)
    return made


async def heard(sessions) -> list[AuditEntry]:
    async with sessions() as session:
        query = select(AuditEntry).where(AuditEntry.action == "recording.heard").order_by(AuditEntry.id)
        return list((await session.execute(query)).scalars())


@pytest.fixture
async def talk(settings, sessions) -> Recording:
    return await stored(settings, sessions)


async def test_metadata_with_waveform(client, api_token_headers, talk):
    answer = await client.get(f"/api/v1/recordings/{TALK}", headers=api_token_headers)
    body = answer.json()
    assert answer.status_code == 200
    assert (body["kind"], body["state"], body["seconds"], body["channels"]) == ("talk", "archived", 30.0, 1)
    assert body["peaks"] == [[0.3, 0.3]]
    assert body["audio_url"] == AUDIO


async def test_the_whole_sound_and_its_headers(client, api_token_headers, sessions, talk):
    answer = await client.get(AUDIO, headers=api_token_headers)
    assert (answer.status_code, answer.content) == (200, SOUND)
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-length"] == str(len(SOUND))
    assert answer.headers["content-disposition"] == f'inline; filename="line1420-{TALK}.wav"'
    (entry,) = await heard(sessions)
    assert (entry.actor, entry.target) == ("token:tests", f"recording:{TALK}")
    assert entry.details == {"call": "line1420-1.1", "range": "all"}


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-70099", 100, 70099),
        ("bytes=480000-", 480000, 480043),
        ("bytes=-44", 480000, 480043),
    ],
)
async def test_one_range(client, api_token_headers, talk, asked, first, last):
    answer = await client.get(AUDIO, headers={**api_token_headers, "Range": asked})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(SOUND)}"
    assert answer.content == SOUND[first : last + 1]
    assert answer.headers["content-length"] == str(last - first + 1)


@pytest.mark.parametrize(
    ("asked", "status"),
    [("bytes=0-1,5-9", 416), ("bytes=9-3", 416), ("bytes=999999-", 416), ("bytes=-0", 416), ("bytes=x", 400),
     ("bytes=" + "0-," * 5000, 400)],
)  # fmt: skip
async def test_a_bad_range_is_refused_and_nothing_was_heard(client, api_token_headers, sessions, talk, asked, status):
    answer = await client.get(AUDIO, headers={**api_token_headers, "Range": asked})
    assert answer.status_code == status
    assert answer.json()["error"]["message"]
    if status == 416:
        assert answer.headers["content-range"] == f"bytes */{len(SOUND)}"
    assert await heard(sessions) == []


async def test_who_may_not_hear(client, log_in, door_token_headers, sessions, talk):
    assert (await client.get(AUDIO)).status_code == 401
    assert (await client.get(AUDIO, headers=door_token_headers)).status_code == 403
    await log_in(Role.OPERATOR)
    assert (await client.get(AUDIO)).status_code == 403
    assert await heard(sessions) == []


async def test_casework_hears_messages_of_cases_and_no_talks(client, log_in, settings, sessions, talk):
    await stored(settings, sessions, MESSAGE, Kind.MESSAGE)
    await log_in(Role.CASEWORK)
    assert (await client.get(AUDIO)).status_code == 404
    assert (await client.get(f"/api/v1/recordings/{MESSAGE}/audio")).status_code == 404
    now = datetime(2026, 11, 21, tzinfo=UTC)
    async with sessions.begin() as session:
        session.add(CaseRow(code="000000000", kind="complaint", state="open", caller="", call_id="line1420-1.1",
                            recording_id=MESSAGE, opened_at=now, due_at=now, deadline={}, details={}))  # fmt: skip
    assert (await client.get(f"/api/v1/recordings/{MESSAGE}/audio")).content == SOUND
    assert [entry.actor for entry in await heard(sessions)] == ["person:casework"]


async def test_no_audit_no_sound(client, api_token_headers, sessions, engine, talk):
    async with engine.begin() as connection:
        await connection.execute(
            text("ALTER TABLE audit_entry ADD CONSTRAINT full_up CHECK (action <> 'recording.heard') NOT VALID")
        )
    try:
        answer = await client.get(AUDIO, headers=api_token_headers)
    finally:
        async with engine.begin() as connection:
            await connection.execute(text("ALTER TABLE audit_entry DROP CONSTRAINT full_up"))
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"]["code"] == "unavailable"


async def test_the_entry_is_committed_before_the_archive_is_opened(app, client, api_token_headers, sessions, talk):
    seen: list[int] = []
    real = app.state.archive

    class Watching:
        async def stream(self, key, first, last):
            seen.append(len(await heard(sessions)))
            async for piece in real.stream(key, first, last):
                yield piece

    app.state.archive = Watching()
    answer = await client.get(AUDIO, headers=api_token_headers)
    assert answer.content == SOUND
    assert seen == [1]


async def test_unknown_missing_and_lost_sound(client, api_token_headers, settings, sessions, talk):
    assert (await client.get("/api/v1/recordings/nobody/audio", headers=api_token_headers)).status_code == 404
    assert (await client.get("/api/v1/recordings/a%2F..%2Fb/audio", headers=api_token_headers)).status_code == 404
    assert (await client.get("/api/v1/recordings/..%00x", headers=api_token_headers)).status_code == 422
    async with sessions.begin() as session:
        await RecordingRows(session).keep(
            Recording(MESSAGE, None, Kind.MESSAGE, State.MISSING, "no sound file in the spool")
        )
    answer = await client.get(f"/api/v1/recordings/{MESSAGE}/audio", headers=api_token_headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_sound")
    assert (await client.get(f"/api/v1/recordings/{MESSAGE}", headers=api_token_headers)).json()["audio_url"] is None
    (settings.archive / KEY).unlink()
    assert (await client.get(AUDIO, headers=api_token_headers)).status_code == 503


async def test_a_link_in_the_archive_leads_nowhere_else(client, api_token_headers, settings, talk):
    secret = settings.var / "secret"
    secret.write_bytes(b"s" * len(SOUND))
    (settings.archive / KEY).unlink()
    os.symlink(secret, settings.archive / KEY)
    answer = await client.get(AUDIO, headers=api_token_headers)
    assert b"ssss" not in answer.content


async def test_only_missing_may_become_something_better(sessions, talk):
    async with sessions.begin() as session:
        store = RecordingRows(session)
        assert not await store.keep(Recording(TALK, None, Kind.TALK, State.MISSING, "gone"))
        assert not await store.keep(Recording(TALK, None, Kind.TALK, State.TRUNCATED, "shorter"))
    async with sessions() as session:
        assert (await session.get(RecordingRow, TALK)).state == "archived"
