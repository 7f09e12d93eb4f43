"""Closing queues and telling everybody something: files that doors read, roles, the trail, and hostile input."""

from __future__ import annotations

import wave
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from agi_scripts.announcements import Announcements
from api.access.permissions import Role
from api.db.engine import Sessions
from api.db.tables import AuditEntry
from api.settings import ApiSettings
from ivr.kernel.announcements import load_announcements
from ivr.kernel.clock import SystemClock
from ivr.kernel.hours import load_closures
from recordings.pieces import LONGEST_SECONDS
from tests.sounds import tone, wav_bytes

HTML = {"accept": "text/html"}
SOUND = wav_bytes(tone(8.0, 500))
HOUR = timedelta(hours=1)


def soon(hours: float = 2) -> str:
    return (SystemClock().now() + timedelta(hours=hours)).isoformat()


def dated(told: dict[str, Any]) -> dict[str, Any]:
    """With the hours from now on that stand for an instant; reckoned in the test, which may begin long after it was collected."""
    return {name: soon(value) if isinstance(value, int) else value for name, value in told.items()}


async def ask(client: httpx2.AsyncClient, me: dict[str, Any], method: str, path: str, **body: Any) -> httpx2.Response:
    return await client.request(method, f"/api/v1{path}", headers={"x-csrf-token": me["csrf"]}, json=body or None)


async def announce(
    client: httpx2.AsyncClient, me: dict[str, Any], sound: bytes = SOUND, **params: Any
) -> httpx2.Response:
    told = {"text": "برق ساختمان قطع است", "ends_at": soon(), **params}
    return await client.post("/api/v1/announcements", params=told, content=sound, headers={"x-csrf-token": me["csrf"]})


async def trail(sessions: Sessions, start: str) -> list[tuple[str, str, Any, Any]]:
    async with sessions() as session:
        rows = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    return [(row.action, row.target, row.details["before"], row.details["after"]) for row in rows if row.action.startswith(start)]  # fmt: skip


async def test_a_queue_is_closed_now_and_opened_again(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings, sessions: Sessions
) -> None:
    by_hand = "# written by Maryam\n"
    file = settings.var / "closures.toml"
    file.write_text(by_hand)
    me = await log_in(Role.SUPERVISOR)
    closed = (await ask(client, me, "POST", "/closures", queue="pensions", ends_at=soon(), reason="آتش‌سوزی")).json()
    assert (closed["kind"], closed["queue"], closed["runs"]) == ("closure", "pensions", True)
    (change,) = load_closures(file.read_text("utf-8"))
    assert (change.section, change.reason, change.open) == ("pensions", "آتش‌سوزی", False)
    assert file.read_text("utf-8").startswith(by_hand)
    board = (await client.get("/api/v1/board")).json()
    assert {queue["name"]: queue["open"] for queue in board["queues"]}["pensions"] is False
    assert (await client.get("/api/v1/closures")).json()["items"] == [closed]
    floor = (await client.get("/floor", headers=HTML)).text
    assert 'data-kind="closure"' in floor
    assert "آتش‌سوزی" in floor
    assert (await ask(client, me, "DELETE", f"/closures/{closed['id']}")).status_code == 200
    now = SystemClock().now()
    assert not any(now in one.interval for one in load_closures(file.read_text("utf-8")))
    assert file.read_text("utf-8").startswith(by_hand)
    told = await trail(sessions, "line.")
    assert [(action, target) for action, target, _, _ in told] == [("line.closed", "queue:pensions"), ("line.change_ended", "queue:pensions")]  # fmt: skip
    assert told[0][2] is None
    assert told[1][2]["until"] == change_end(closed)
    assert (await ask(client, me, "DELETE", "/closures/000000000000")).status_code == 404


def change_end(view: dict[str, Any]) -> str:
    return view["ends_at"].replace("Z", "+00:00")


async def test_one_planned_is_taken_back_and_a_line_is_opened_out_of_hours(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings
) -> None:
    me = await log_in(Role.ADMIN)
    planned = await ask(client, me, "POST", "/closures", starts_at=soon(1), ends_at=soon(2), reason="مانور")
    assert (planned.json()["queue"], planned.json()["runs"]) == ("", False)
    opened = await ask(client, me, "POST", "/closures", kind="opening", queue="general", ends_at=soon(3), reason="برف")
    assert opened.json()["kind"] == "opening"
    assert (await ask(client, me, "DELETE", f"/closures/{planned.json()['id']}")).status_code == 200
    assert [one.open for one in load_closures((settings.var / "closures.toml").read_text("utf-8"))] == [True]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"queue": "nowhere", "ends_at": 2, "reason": "x"}, "no_such_queue"),
        ({"queue": 'general"\n[[opening]]', "ends_at": 2, "reason": "x"}, "no_such_queue"),
        ({"ends_at": -1, "reason": "x"}, "ends_too_soon"),
        ({"ends_at": 1, "starts_at": 2, "reason": "x"}, "ends_too_soon"),
        ({"ends_at": 24 * 365, "reason": "x"}, "lasts_too_long"),
        ({"ends_at": "9999-12-31T23:59:59Z", "reason": "x"}, "lasts_too_long"),
        ({"starts_at": "0001-01-01T00:00:00+14:00", "ends_at": 2, "reason": "x"}, "starts_in_past"),
        ({"ends_at": 2, "reason": "   "}, "reason_missing"),
        ({"ends_at": 2, "reason": 'x"\nsection = "general'}, "reason_unwritable"),
        ({"ends_at": "2026-11-21T08:00:00", "reason": "x"}, "invalid"),
        ({"ends_at": 2}, "invalid"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings, sessions: Sessions, body: dict[str, Any], code: str
) -> None:
    answer = await ask(client, await log_in(Role.SUPERVISOR), "POST", "/closures", **dated(body))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert not (settings.var / "closures.toml").exists()
    assert await trail(sessions, "line.") == []


async def test_a_refused_closure_comes_back_on_the_page_with_what_was_typed(
    client: httpx2.AsyncClient, log_in: Any
) -> None:
    me = await log_in(Role.SUPERVISOR)
    assert (
        await ask(client, me, "POST", "/closures", queue="pensions", ends_at=soon(3), reason="برف")
    ).status_code == 201
    typed = {"csrf": me["csrf"], "kind": "opening", "section": "pensions", "lasts": "60", "reason": "جلسهٔ کوتاه"}
    page = await client.post("/emergency/closures", data=typed, headers={"accept": "text/html"})
    assert page.status_code == 409
    assert "جلسهٔ کوتاه" in page.text
    assert "نخست آن بستن را پایان دهید" in page.text


async def test_a_file_that_a_person_must_mend_is_left_alone(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings, sessions: Sessions
) -> None:
    file = settings.var / "closures.toml"
    file.write_text("[[closure]\nnot toml")
    answer = await ask(client, await log_in(Role.SUPERVISOR), "POST", "/closures", ends_at=soon(), reason="x")
    assert answer.status_code == 422
    assert file.read_text() == "[[closure]\nnot toml"
    assert await trail(sessions, "line.") == []
    for path in ("/floor", "/emergency"):
        assert (await client.get(path, headers=HTML)).status_code == 200, "no page goes down with it"


async def test_an_announcement_runs_is_heard_by_the_doors_and_is_stopped(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings, sessions: Sessions
) -> None:
    me = await log_in(Role.SUPERVISOR)
    made = (await announce(client, me)).json()
    assert (made["runs"], made["queues"], made["seconds"]) == (True, [], pytest.approx(8.0, abs=0.1))
    (kept,) = load_announcements((settings.var / "announcements.json").read_text("utf-8"))
    for language in ("fa", "en"):
        folder = settings.var / "asterisk" / "sounds" / language / "line"
        lengths = [seconds(folder / f"{prompt}.wav") for prompt in kept.prompts]
        assert sum(lengths) == pytest.approx(8.0, abs=0.1)
        assert max(lengths) <= LONGEST_SECONDS
    doors = Announcements(settings.var / "announcements.json", SystemClock())
    assert [told.prompts for told in (await doors.news()).everybody] == [kept.prompts]
    assert 'data-kind="announcement"' in (await client.get("/floor/under-way", headers=HTML)).text
    assert (await ask(client, me, "DELETE", f"/announcements/{made['id']}")).json()["over"] is True
    assert (await doors.news()).everybody == ()
    assert 'data-kind="announcement"' not in (await client.get("/floor/under-way", headers=HTML)).text
    again = await ask(client, me, "DELETE", f"/announcements/{made['id']}")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "announcement_over")
    (item,) = (await client.get("/api/v1/announcements")).json()["items"]
    assert (item["over"], item["ended_by"]) == (True, "person:supervisor")
    assert [(action, before is None) for action, _, before, _ in await trail(sessions, "announcement.")] == [
        ("announcement.made", True), ("announcement.ended", False),
    ]  # fmt: skip


def seconds(path: Path) -> float:
    with wave.open(str(path)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 1, 2)
        return sound.getnframes() / 8000


async def test_one_for_some_queues_at_a_time_waits_for_its_time(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings
) -> None:
    me = await log_in(Role.ADMIN)
    now = await announce(client, me, queue=["pensions", "general"])
    later = await announce(client, me, starts_at=soon(1), text="فردا")
    assert (now.json()["runs"], later.json()["runs"]) == (True, False)
    news = await Announcements(settings.var / "announcements.json", SystemClock()).news()
    assert (news.everybody, sorted(news.queues)) == ((), ["general", "pensions"])


@pytest.mark.parametrize(
    ("sound", "params", "code"),
    [
        (b"", {}, "sound_missing"),
        (b"#EXTM3U\nfile:///etc/passwd", {}, "sound_kind"),
        (b"RIFF\xff\xff\xff\xffWAVE", {}, "sound_broken"),
        (wav_bytes(tone(2.0, level=0.0)), {}, "sound_silent"),
        (wav_bytes(tone(62.0)), {}, "sound_long"),
        (SOUND, {"text": " \t "}, "announcement_text"),
        (SOUND, {"text": "x" * 501}, "invalid"),
        (SOUND, {"text": "a\x1bb"}, "announcement_text"),
        (SOUND, {"queue": ["nowhere"]}, "no_such_queue"),
        (SOUND, {"ends_at": -1}, "ends_too_soon"),
        (SOUND, {"ends_at": 24 * 90}, "lasts_too_long"),
        (SOUND, {"starts_at": "0001-01-01T00:00:00+14:00"}, "starts_in_past"),
    ],
)
async def test_hostile_announcements_are_refused_and_leave_nothing_behind(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings, sessions: Sessions, sound: bytes,
    params: dict[str, Any], code: str,
) -> None:  # fmt: skip
    answer = await announce(client, await log_in(Role.SUPERVISOR), sound, **dated(params))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert not (settings.var / "announcements.json").exists()
    assert not list(settings.var.rglob("announcement-*"))
    assert await trail(sessions, "announcement.") == []


async def test_a_sound_may_be_larger_than_other_bodies_and_not_without_end(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings
) -> None:
    me = await log_in(Role.SUPERVISOR)
    assert len(large := wav_bytes(tone(20.0, rate=44_100), rate=44_100)) > settings.body_limit_bytes
    assert (await announce(client, me, large)).status_code == 201
    assert (await announce(client, me, bytes(settings.sound_limit_bytes + 1))).status_code == 413


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.QA, Role.MANAGER, Role.CASEWORK])
async def test_who_does_not_lead_closes_nothing_and_tells_nobody(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings, role: Role
) -> None:
    me = await log_in(role)
    assert (await ask(client, me, "POST", "/closures", ends_at=soon(), reason="x")).status_code == 403
    assert (await announce(client, me)).status_code == 403
    assert (await client.get("/emergency", headers=HTML)).status_code == 403
    assert [path.name for path in settings.var.iterdir() if path.name.startswith(("closures", "announce"))] == []


async def test_the_page_does_it_all_by_plain_forms(
    client: httpx2.AsyncClient, log_in: Any, settings: ApiSettings
) -> None:
    me = await log_in(Role.SUPERVISOR)

    async def send(path: str, files: Any = None, **fields: Any) -> httpx2.Response:
        return await client.post(f"/emergency/{path}", data={"csrf": me["csrf"], **fields}, files=files, headers=HTML)

    done = await send("closures", kind="closure", section="general", lasts="60", reason="قطع برق")
    assert done.headers["location"] == "/emergency"
    done = await send("announcements", {"sound": ("a.wav", SOUND, "audio/wav")}, text="برق نیست", lasts="120", queues=["general"])  # fmt: skip
    assert done.headers["location"] == "/emergency"
    page = (await client.get("/emergency", headers=HTML)).text
    assert page.count('data-runs="yes"') == 2
    for bad, kind, said in (
        ({"kind": "closure", "lasts": "60", "reason": " "}, "closure", "دلیل را بنویسید"),
        ({"kind": "closure", "lasts": "7", "reason": "نگه‌داشتنی"}, "closure", "مدت را از فهرست"),
        ({"kind": "closure", "lasts": "60", "begins": "25:99", "reason": "نگه‌داشتنی"}, "closure", "ساعت را مانند"),
    ):
        refused = await send("closures", **bad)
        assert (refused.status_code, f'data-testid="problem-{kind}"' in refused.text) == (422, True)
        assert said in refused.text
    assert "نگه‌داشتنی" in refused.text, "what was typed is still there"
    refused = await send("announcements", {"sound": ("a.wav", b"MZ nothing", "audio/wav")}, text="متن", lasts="60")
    assert (refused.status_code, "WAV" in refused.text) == (422, True)
    (closure,) = (await client.get("/api/v1/closures")).json()["items"]
    (told,) = (await client.get("/api/v1/announcements")).json()["items"]
    assert (await send(f"closures/{closure['id']}/end")).status_code == 303
    assert (await send(f"announcements/{told['id']}/end")).status_code == 303
    assert (await send(f"announcements/{told['id']}/end")).status_code == 409
    assert (await client.get("/emergency", headers=HTML)).text.count('data-runs="yes"') == 0
