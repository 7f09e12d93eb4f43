"""The keeper between a scripted Asterisk and a real database: what is said, said again, and not said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from api.access.permissions import Permission, Role
from api.access.principal import Principal
from api.agents.service import change_skills
from api.db.notify import Listener as Words
from api.duty.floor_facts import DutyRules, happened, phone_seen
from api.duty.keeper import Keeper, KeeperPace
from api.duty.service import CHANNEL, duty_at, pause, resume, sign_in, sign_out
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import CallId, QueueName, SeatName
from routing.agents import DeviceStatus
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox
from routing.duty import PauseCause, Place
from routing.live import Member, MemberChanged, SeatCompleted, Snapshot
from routing.members import Members
from routing.queues import default_queues
from routing.seats import ROLL_CALL, seat_names
from tests.fakes.asterisk_ami import FakeAmi, Headers, Session
from tests.patience import happens


class LeadClock(SystemClock):
    """The clock of everybody here; a test may let time go by, or set this clock alone."""

    ahead = timedelta()
    jump = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead + self.jump

    def seconds(self) -> float:
        """Of the clock that never jumps."""
        return time.monotonic() + self.ahead.total_seconds()


CLOCK = LeadClock()
SEAT = SeatName("seat05")
COLLEAGUES = SeatName("seat06")
QUEUES_AS_SHIPPED = default_queues()
QUEUES = tuple(QUEUES_AS_SHIPPED)
LEADER = Principal("person:leader", "", "", Role.SUPERVISOR, frozenset({Permission.AGENTS_EDIT}), None, "test")


class Exchange:
    """An Asterisk whose members change as it is told, and that tells nobody unless a test lets it."""

    def __init__(self, ami: FakeAmi, keeper: Keeper) -> None:
        self.ami, self.keeper = ami, keeper
        self.members: dict[tuple[str, str], tuple[str, str, str]] = {}
        """(queue, seat) → name, penalty, reason."""
        self.said: list[str] = []
        ami.on_action = self._acted

    async def _acted(self, session: Session, action: Headers) -> bool:
        key = (action.get("Queue", "").removeprefix("q-"), action.get("Interface", "").removeprefix("PJSIP/"))
        match action["Action"]:
            case "QueueAdd":
                self.members[key] = (action["MemberName"], action["Penalty"], "")
            case "QueueRemove":
                self.members.pop(key, None)
            case "QueuePause":
                name, penalty, _ = self.members[key]
                self.members[key] = (name, penalty, action.get("Reason", ""))
            case "QueuePenalty":
                name, _, reason = self.members[key]
                self.members[key] = (name, action["Penalty"], reason)
            case _:
                return False
        self.said.append(f"{action['Action']} {key[0]} {key[1]}")
        session.reply(action)
        return True

    def picture(self, *, phone: bool = True) -> None:
        """What a snapshot would show."""
        status = DeviceStatus.NOT_IN_USE if phone else DeviceStatus.UNAVAILABLE
        members = [self._member(ROLL_CALL, seat, str(seat), status) for seat in seat_names()]
        for (queue, seat), (name, penalty, reason) in self.members.items():
            members.append(self._member(QueueName(queue), SeatName(seat), name, status, int(penalty), reason))
        self.keeper.pictured(Snapshot((*QUEUES, ROLL_CALL), tuple(members), (), CLOCK.now()), ())

    def _member(self, queue, seat, name, status, penalty=0, reason="") -> Member:
        return Member(queue, seat, name, status, bool(reason), False, None, 0, reason, penalty)

    @property
    def reasons(self) -> set[str]:
        return {reason for _, _, reason in self.members.values()}


PACE = KeeperPace(look=0.1, read_again=0.5)


@pytest.fixture
async def floor(request, sessions, database_url, add_person, monkeypatch) -> AsyncIterator[Exchange]:
    monkeypatch.setattr(CLOCK, "ahead", timedelta())
    monkeypatch.setattr(CLOCK, "jump", timedelta())
    await add_person(Role.OPERATOR, "operator03")
    await add_person(Role.OPERATOR, "operator04")
    async with FakeAmi() as ami:
        link = AmiLink(LinkSettings("127.0.0.1", ami.port, "keeper", "s3cret", first_retry=0.05), Inbox(), CLOCK)
        words = Words(database_url, (CHANNEL,), resync=timedelta(seconds=1))
        rules = DutyRules(default_queues(), 2, timedelta(minutes=5), timedelta(minutes=10))
        keeper = Keeper(
            Members(link, settles=0.0), sessions, words, CLOCK, rules, getattr(request, "param", PACE), CLOCK.seconds
        )
        tasks = [asyncio.create_task(work) for work in (link.run(), words.run(), keeper.run())]
        found = Exchange(ami, keeper)
        assert await happens(lambda: link.live)
        yield found
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def sit_down(sessions, agent="operator03", seat=SEAT) -> None:
    async with sessions.begin() as session:
        await sign_in(session, agent, seat, seats=seat_names(), at=CLOCK.now(), by=f"person:{agent}")


async def test_nothing_is_said_before_asterisk_has_been_seen(floor, sessions):
    await sit_down(sessions)
    await asyncio.sleep(0.5)
    assert floor.said == []
    floor.picture()
    assert await happens(lambda: len(floor.members) == 4)
    assert set(floor.members.values()) == {("operator03", "0", "")}


async def test_a_duty_becomes_members_a_pause_a_reason_and_its_end_nothing(floor, sessions):
    floor.picture()
    await sit_down(sessions)
    assert await happens(lambda: len(floor.members) == 4)
    async with sessions.begin() as session:
        await pause(session, await duty_at(session, SEAT), PauseCause.MEAL, at=CLOCK.now(), by="person:operator03")
    assert await happens(lambda: floor.reasons == {"meal"})
    async with sessions.begin() as session:
        await resume(session, await duty_at(session, SEAT), [PauseCause.MEAL], at=CLOCK.now(), by="person:operator03")
    assert await happens(lambda: floor.reasons == {""})
    async with sessions.begin() as session:
        await sign_out(session, await duty_at(session, SEAT), at=CLOCK.now(), by="person:operator03")
    assert await happens(lambda: floor.members == {})
    assert floor.keeper.members.counts.reasserted == 0


@pytest.mark.parametrize("floor", [KeeperPace(look=0.1, read_again=3600)], indirect=True)
async def test_a_change_of_skills_counts_in_the_duty_that_is_open(floor, sessions):
    """By the word that is said of it, not at some next reading: whoever changed it looks at the floor in the next second.

    A colleague serves all at the first level; of one who sits alone the best level that is there would be the first."""
    floor.picture()
    await sit_down(sessions)
    await sit_down(sessions, "operator04", COLLEAGUES)
    assert await happens(lambda: len(floor.members) == 8)
    for skills, held in (
        ({"general": 2, "pensions": 1}, {("general", SEAT): "1", ("pensions", SEAT): "0"}),
        ({"treatment": 3}, {("treatment", SEAT): "2"}),
        (dict.fromkeys(QUEUES, 1), {(queue, SEAT): "0" for queue in QUEUES}),
    ):
        async with sessions.begin() as session:
            await change_skills(session, LEADER, "operator03", skills, queues=QUEUES, now=CLOCK.now())
        assert await happens(
            lambda held=held: {key: rank for key, (_, rank, _) in floor.members.items() if key[1] == SEAT} == held
        )


async def test_what_asterisk_forgets_is_said_again_and_counted(floor, sessions):
    floor.picture()
    await sit_down(sessions)
    assert await happens(lambda: len(floor.members) == 4)
    assert await happens(lambda: len(floor.keeper.members.actual) == 4)
    floor.members.clear()
    floor.keeper.lost()
    floor.picture()
    assert await happens(lambda: len(floor.members) == 4)
    assert await happens(lambda: floor.keeper.members.counts.reasserted == 4)


async def test_what_somebody_changes_behind_our_back_is_put_right(floor, sessions):
    floor.picture()
    await sit_down(sessions)
    assert await happens(lambda: len(floor.members) == 4)
    floor.members["general", "seat09"] = ("intruder", "0", "")
    floor.members["general", SEAT] = ("operator03", "0", "because")
    floor.picture()
    assert await happens(lambda: len(floor.members) == 4 and floor.reasons == {""})


async def test_a_talk_that_ends_is_followed_by_work_in_every_queue(floor, sessions):
    floor.picture()
    await sit_down(sessions)
    assert await happens(lambda: len(floor.members) == 4)
    floor.keeper.heard(SeatCompleted(QueueName("insurance"), SEAT, CallId("line1420-1.1"), CLOCK.now()))
    assert await happens(lambda: floor.reasons == {"wrap_up"})


async def test_a_telephone_that_goes_is_noted_and_one_that_is_back_too(floor, sessions):
    floor.picture()
    await sit_down(sessions)
    gone = Member(ROLL_CALL, SEAT, str(SEAT), DeviceStatus.UNAVAILABLE, False, False, None, 0)
    floor.keeper.heard(MemberChanged(gone, CLOCK.now()))
    assert await happens(lambda: floor.keeper.duties and floor.keeper.duties[0].phone_gone_at is not None)
    floor.picture()
    assert await happens(lambda: floor.keeper.duties and floor.keeper.duties[0].phone_gone_at is None)


async def test_while_the_database_is_away_asterisk_is_still_kept_to_what_was_read_last(
    floor, sessions, postgres_server
):
    floor.picture()
    await sit_down(sessions)
    assert await happens(lambda: len(floor.members) == 4)
    assert await happens(
        lambda: len(floor.keeper.members.actual) == 4
    )  # or a late reply is newer than the picture to come
    postgres_server.stop()
    try:
        floor.keeper.heard(SeatCompleted(QueueName("insurance"), SEAT, CallId("line1420-1.1"), CLOCK.now()))
        floor.members.clear()
        floor.picture()
        assert await happens(lambda: len(floor.members) == 4)
    finally:
        postgres_server.start()
    assert await happens(lambda: floor.reasons == {"wrap_up"}), "what happened meanwhile is written down after all"
    assert floor.keeper.members.actual["general", SEAT] == Place("operator03", 0, "wrap_up")


async def test_work_whose_time_is_over_ends_in_asterisk_though_nobody_can_write_that_down(
    floor, sessions, postgres_server
):
    floor.picture()
    began = CLOCK.now() - timedelta(seconds=120)
    async with sessions.begin() as session:
        await sign_in(session, "operator03", SEAT, seats=seat_names(), at=began, by="person:operator03")
    assert await happens(lambda: len(floor.members) == 4)
    floor.keeper.heard(SeatCompleted(QueueName("insurance"), SEAT, CallId("line1420-1.1"), CLOCK.now()))
    assert await happens(lambda: floor.reasons == {"wrap_up"})
    postgres_server.stop()
    try:
        await asyncio.sleep(0.5)
        assert floor.reasons == {"wrap_up"}, "its time is not over"
        CLOCK.ahead = timedelta(seconds=QUEUES_AS_SHIPPED["insurance"].wrapup_limit_seconds)
        assert await happens(lambda: floor.reasons == {""})
    finally:
        postgres_server.start()


async def test_a_clock_that_jumps_an_hour_takes_nobody_from_their_seat_and_no_work_from_them(floor, sessions):
    floor.picture()
    await sit_down(sessions)
    assert await happens(lambda: len(floor.members) == 4)
    floor.keeper.heard(SeatCompleted(QueueName("insurance"), SEAT, CallId("line1420-1.1"), CLOCK.now()))
    assert await happens(lambda: floor.reasons == {"wrap_up"})
    async with sessions() as session, session.begin():
        await phone_seen(session, SEAT, registered=False, at=CLOCK.now())
    floor.picture(phone=False)
    CLOCK.jump = timedelta(hours=1)
    await asyncio.sleep(1)
    assert (floor.reasons, len(floor.keeper.duties or ())) == ({"wrap_up"}, 1)
    CLOCK.ahead = timedelta(minutes=4)
    assert await happens(lambda: floor.reasons == {""})
    CLOCK.ahead = timedelta(minutes=6)
    assert await happens(lambda: floor.members == {}), "gone too long since the clock was set"


async def test_a_fact_that_can_never_be_written_keeps_no_other_waiting(floor, sessions, monkeypatch):
    refused = [IntegrityError("INSERT", {}, ValueError("no such row"))]

    async def refuses_once(session, fact, rules, now):
        if refused:
            raise refused.pop()
        await happened(session, fact, rules, now)

    monkeypatch.setattr("api.duty.keeper.happened", refuses_once)
    floor.picture()
    await sit_down(sessions)
    assert await happens(lambda: len(floor.members) == 4)
    for call in ("line1420-1.1", "line1420-2.1"):
        floor.keeper.heard(SeatCompleted(QueueName("insurance"), SEAT, CallId(call), CLOCK.now()))
    assert await happens(lambda: floor.reasons == {"wrap_up"})
