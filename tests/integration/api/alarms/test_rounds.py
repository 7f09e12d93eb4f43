"""One look after another at a floor that somebody draws: what begins, what ends, what survives, and who may look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.access.permissions import Role, permissions_of_role
from api.access.principal import Principal
from api.alarms.repository import open_rows
from api.alarms.rounds import Rounds
from api.alarms.rules import asked_rule, change_rule
from api.db.alarm_tables import AlarmRow, AlarmWatchRow
from api.db.engine import Sessions
from api.db.roster_tables import RosterTurnRow
from api.db.tables import AuditEntry, BoardState, Person
from api.processes.alarm_rounds import rounds_of
from api.settings import ApiSettings
from tests.builders import a_call_in_the_menu
from tests.integration.api.reports.day import keep

NOON = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)
"""12:00 in Tehran on a Saturday: every queue is open."""


class SteppedClock:
    """Stands at `NOON`; tests say the seconds by themselves."""

    def now(self) -> datetime:
        return NOON


class Floor:
    """The database with a board in it, and the eye that looks at it."""

    def __init__(self, sessions: Sessions, settings: ApiSettings) -> None:
        self.sessions = sessions
        self.settings = settings
        self.rounds = self.another_eye()

    def another_eye(self) -> Rounds:
        return rounds_of(self.settings, SteppedClock())

    async def shows(
        self, second: float, *, waits: tuple[float, ...] = (), seats: int = 3, age: float = 0.5, **seat: Any
    ) -> None:
        """What the listener publishes: these waits in `insurance`, and so many seats with an agent; the first is `seat`."""
        now = NOON + timedelta(seconds=second)
        waiting = [
            {"call_id": f"l-{n}", "since": (now - timedelta(seconds=wait)).isoformat()} for n, wait in enumerate(waits)
        ]
        plain = {"state": "available", "since": now.isoformat(), "pause_reason": None}
        board = {
            "queues": [
                {"name": name, "waiting": waiting if name == "insurance" else [], "members_total": seats}
                for name in ("general", "insurance", "pensions", "treatment")
            ],
            "seats": [
                {"seat": f"seat{n:02d}", "agent": f"operator{n:02d}" if n <= seats else None} | plain | (seat if n == 1 else {})
                for n in range(1, 17)
            ],
        }  # fmt: skip
        row = BoardState(node="line1420", epoch="e", version=1, as_of=now - timedelta(seconds=age), board=board)
        async with self.sessions.begin() as session:
            await session.merge(row)

    async def look(self, second: float, rounds: Rounds | None = None) -> list[AlarmRow]:
        """What stands after a look."""
        async with self.sessions.begin() as session:
            assert await (rounds or self.rounds).look(session, NOON + timedelta(seconds=second))
        async with self.sessions() as session:
            return list(await open_rows(session))

    async def see(self, second: float, **shown: Any) -> list[AlarmRow]:
        await self.shows(second, **shown)
        return await self.look(second)

    async def ever(self) -> list[tuple[str, str, float | None]]:
        """Kind, subject and seconds that it lasted, of all alarms."""
        async with self.sessions() as session:
            rows = (await session.scalars(select(AlarmRow).order_by(AlarmRow.id))).all()
        return [
            (
                row.kind,
                row.queue or row.subject,
                (row.ended_at - row.began_at).total_seconds() if row.ended_at else None,
            )
            for row in rows
        ]


@pytest.fixture
def floor(sessions: Sessions, settings: ApiSettings) -> Floor:
    return Floor(sessions, settings.model_copy(update={"board_stale": timedelta(seconds=6)}))


async def test_a_long_wait_is_one_alarm_from_its_threshold_until_it_has_been_calm(floor: Floor) -> None:
    assert await floor.see(0, waits=(110, 4)) == []
    [alarm] = await floor.see(2, waits=(121, 6))
    assert (alarm.kind, alarm.queue, alarm.subject, alarm.threshold, alarm.value) == (
        "longest_wait",
        "insurance",
        "",
        120,
        121,
    )
    assert alarm.owner is None
    for second in range(4, 60, 4):
        assert [row.id for row in await floor.see(second, waits=(119 + second,))] == [alarm.id], "once, however long"
    await floor.see(60, waits=(5,))
    await floor.see(75, waits=(100,))  # within the strip between both limits: the calm begins anew
    await floor.see(76, waits=(5,))
    assert await floor.see(105, waits=(34,)) != []
    assert await floor.see(106, waits=(35,)) == []
    assert await floor.ever() == [("longest_wait", "insurance", 104.0)]
    async with floor.sessions() as session:
        worst = (await session.scalars(select(AlarmRow.worst))).one()
    assert 175 / 1.1 <= worst <= 175


async def test_an_alarm_survives_the_restart_of_who_looks(floor: Floor) -> None:
    [alarm] = await floor.see(0, waits=(130,))
    again = floor.another_eye()
    assert [row.id for row in await floor.look(2, again)] == [alarm.id]
    await floor.shows(10)
    await floor.look(10, again)
    await floor.shows(41)
    assert await floor.look(41, again) == []
    assert await floor.ever() == [("longest_wait", "insurance", 41.0)]


async def test_a_stale_picture_neither_begins_nor_ends_anything_but_its_own_alarm(floor: Floor) -> None:
    [wait] = await floor.see(0, waits=(130,))
    await floor.shows(2)  # nobody waits any more, and then the listener dies
    assert [row.kind for row in await floor.look(9, None)] == ["longest_wait"]
    assert [row.kind for row in await floor.look(13, None)] == ["longest_wait", "stale"]
    assert [row.kind for row in await floor.look(600, None)] == ["longest_wait", "stale"]
    assert (await floor.ever())[0] == ("longest_wait", "insurance", None)
    await floor.see(602)
    await floor.see(632)
    assert [kind for kind, _, lasted in await floor.ever() if lasted is None] == [], "both are over once it lives again"
    assert wait.value == 130


async def test_before_the_first_picture_the_age_is_that_of_our_watching(floor: Floor) -> None:
    assert await floor.look(9) == []
    assert [(row.kind, row.value) for row in await floor.look(11)] == [("stale", 11)]


async def test_an_open_queue_without_anybody_is_an_alarm_after_a_minute(floor: Floor) -> None:
    await floor.see(0, seats=0)
    await floor.see(30, seats=0)
    assert {row.queue for row in await floor.see(60, seats=0) if row.kind == "nobody_here"} == {
        "general", "insurance", "pensions", "treatment",
    }  # fmt: skip


async def test_at_night_nobody_is_missed(floor: Floor) -> None:
    night = 12 * 3600
    await floor.see(night, seats=0)
    assert await floor.see(night + 600, seats=0) == []


async def test_an_overdue_pause_is_told_by_its_seat(floor: Floor) -> None:
    long_ago = (NOON - timedelta(minutes=17)).isoformat()
    [alarm] = await floor.see(0, state="paused", pause_reason="break", since=long_ago)
    assert (alarm.kind, alarm.queue, alarm.subject, alarm.value) == ("overdue_pause", "", "seat01", 120)


async def test_fewer_people_than_planned_are_an_alarm_after_five_minutes(floor: Floor, add_person: Any) -> None:
    for n in range(1, 6):
        await add_person(Role.OPERATOR, f"operator{n:02d}")
    async with floor.sessions.begin() as session:
        for person in (await session.scalars(select(Person))).all():
            session.add(
                RosterTurnRow(
                    person_id=person.id, agent=person.username, day=NOON.date(), kind="work", shift_id=None,
                    begins_at=NOON - timedelta(hours=2), ends_at=NOON + timedelta(hours=2), breaks=[], seat=None, note="",
                    planned_at=NOON, planned_by="t",
                )
            )  # fmt: skip
    await floor.see(0, seats=3)
    assert await floor.see(299, seats=3) == []
    [alarm] = await floor.see(301, seats=3)
    assert (alarm.kind, alarm.value, alarm.threshold) == ("seats_missing", 2, 1)


async def test_a_low_service_level_is_judged_once_enough_calls_have_ended(floor: Floor) -> None:
    def lost(count: int, first: int) -> list[Any]:
        at = NOON - timedelta(minutes=30)
        return [
            a_call_in_the_menu(f"line1420-6000.{n}", at=at).joins("pensions").wait(40).hangs_up_waiting()
            for n in range(first, first + count)
        ]

    async with floor.sessions.begin() as session:
        await keep(session, *lost(19, 0))
    await floor.see(0)
    assert await floor.see(90) == []
    async with floor.sessions.begin() as session:
        await keep(session, *lost(1, 19))
    await floor.see(100)
    [alarm] = await floor.see(161)
    assert (alarm.kind, alarm.queue, alarm.value) == ("service_level", "pensions", 0.0)


async def test_only_one_process_looks_at_a_time(floor: Floor) -> None:
    await floor.shows(0, waits=(130,))
    other = floor.another_eye()
    async with floor.sessions.begin() as session:
        assert await floor.rounds.look(session, NOON)
        async with floor.sessions.begin() as second:
            assert not await other.look(second, NOON)
    assert len(await floor.ever()) == 1
    assert [row.kind for row in await floor.look(2, other)] == ["longest_wait"], (
        "the next one may, and finds what stands"
    )
    assert len(await floor.ever()) == 1


async def test_a_look_that_was_rolled_back_is_made_again(floor: Floor) -> None:
    await floor.shows(0, waits=(130,))
    async with floor.sessions() as session:
        assert await floor.rounds.look(session, NOON)
        await session.rollback()
    assert await floor.ever() == []
    floor.rounds.forget()
    assert [row.kind for row in await floor.look(2)] == ["longest_wait"]


async def test_a_limit_is_in_force_from_the_next_look_on_and_ends_what_it_no_longer_wants(
    floor: Floor, manager: Principal
) -> None:
    assert len(await floor.see(0, waits=(130,))) == 1

    async def change(threshold: float, *, on: bool = True) -> bool:
        async with floor.sessions.begin() as session:
            wanted = asked_rule("longest_wait", "insurance", threshold, 0, on=on)
            return await change_rule(session, wanted, at=NOON, by=manager)

    assert await change(120, on=False)
    assert await floor.see(2, waits=(132,)) == []
    assert await change(100)
    assert not await change(100), "as it is already"
    [alarm] = await floor.see(4, waits=(101,))
    assert alarm.threshold == 100
    async with floor.sessions() as session:
        entries = (await session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [(e.actor, e.action, e.target) for e in entries] == [
        ("person:manager", "alarm_rule.changed", "alarm_rule:longest_wait:insurance")
    ] * 2
    assert entries[0].details == {
        "before": {"threshold": 120.0, "after_seconds": 0.0, "on": True},
        "after": {"threshold": 120.0, "after_seconds": 0.0, "on": False},
    }


async def test_each_look_is_written_down(floor: Floor) -> None:
    await floor.see(0)
    await floor.see(2)
    async with floor.sessions() as session:
        [watch] = (await session.scalars(select(AlarmWatchRow))).all()
    assert watch.looked_at == NOON + timedelta(seconds=2)


@pytest.fixture
async def manager(add_person: Callable[..., Any]) -> Principal:
    await add_person(Role.MANAGER)
    may = permissions_of_role(Role.MANAGER)
    return Principal("person:manager", "م", "m", Role.MANAGER, may, None, "test")
