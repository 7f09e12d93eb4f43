"""The dialler between a scripted Asterisk and a real database: what is asked for, once, and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from api.callbacks.dialler import Dialler, DiallerPace
from api.callbacks.keeping import CHANNEL, end
from api.db.notify import Listener as Words
from api.db.tables import CallRecordRow
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import CallId, LegId, QueueName, SeatName
from routing.agents import DeviceStatus
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox
from routing.board import Board
from routing.callbacks.floor import Places
from routing.callbacks.request import CallbackState
from routing.live import CallerJoined, CallerLeft, LiveEvent, Member, Snapshot, SnapshotCaller
from routing.priority import queue_prio
from routing.queues import QUEUES
from tests.fakes.asterisk_ami import FakeAmi, Headers, Session
from tests.integration.api.callbacks.conftest import NODE, RULES, Desk, code, note
from tests.patience import happens

CLOCK = SystemClock()
Q = QueueName("insurance")
STEP = 30


class Hours:
    """A queue that is open until a test closes it."""

    opened = True

    def is_open(self, queue: str, now) -> bool:
        return self.opened


class Exchange:
    """An Asterisk whose insurance queue holds what it was told to place, and tells of it as the real one does."""

    def __init__(self, ami: FakeAmi, dialler: Dialler, board: Board) -> None:
        self.ami, self.dialler, self.board = ami, dialler, board
        self.hours = Hours()
        self.line: list[str] = []
        self.prios: dict[str, int] = {}
        self.deaf = False
        """Takes what it is told and does nothing."""
        self.moved: list[tuple[str, str]] = []
        ami.on_action = self._acted

    @property
    def asked(self) -> list[Headers]:
        return self.ami.actions("Originate")

    def hear(self, event: LiveEvent) -> None:
        self.board.apply(event)
        self.dialler.heard(event)

    def picture(self) -> None:
        member = Member(Q, SeatName("seat01"), "operator01", DeviceStatus.NOT_IN_USE, False, False, None, 0)
        callers = tuple(SnapshotCaller(Q, LegId(leg), place, "", CLOCK.now()) for place, leg in enumerate(self.line, 1))
        snapshot = Snapshot(QUEUES, (member,), callers, CLOCK.now())
        self.board.replace(snapshot)
        self.dialler.pictured(snapshot, ())

    def joins(self, leg: str, prio: int) -> None:
        position = 1 + sum(self.prios[other] >= prio for other in self.line)
        self.prios[leg] = prio
        self.line.insert(position - 1, leg)
        self.hear(CallerJoined(Q, LegId(leg), CallId(leg), position, "", CLOCK.now()))

    def leaves(self, leg: str) -> None:
        self.line.remove(leg)
        self.hear(CallerLeft(Q, LegId(leg), CLOCK.now()))

    async def _acted(self, session: Session, action: Headers) -> bool:
        match action["Action"]:
            case "Originate":
                session.reply(action)
                if not self.deaf:
                    told = dict(pair.split("=", 1) for pair in action["Variable"].split(","))
                    self.joins(action["ChannelId"], int(told["QUEUE_PRIO"]))
            case "QueueStatus":
                session.reply(action)
                for leg in self.line:
                    session.send(
                        Event="QueueEntry", ActionID=action["ActionID"], Uniqueid=leg, Channel=f"Local/s@x-{leg};1"
                    )
                session.send(Event="QueueStatusComplete", ActionID=action["ActionID"], ListItems=str(len(self.line)))
            case "QueueWithdrawCaller":
                session.reply(action)
                self.leaves(action["Caller"].removeprefix("Local/s@x-").removesuffix(";1"))
            case _:
                return False
        return True


@pytest.fixture
async def floor(desk: Desk, database_url) -> AsyncIterator[Exchange]:
    async with FakeAmi() as ami:
        link = AmiLink(LinkSettings("127.0.0.1", ami.port, "dialler", "s3cret", first_retry=0.05), Inbox(), CLOCK)
        words = Words(database_url, (CHANNEL,), resync=timedelta(seconds=1))
        board, hours, moved = Board(), Hours(), list[tuple[str, str]]()

        async def follows(session, what) -> None:
            moved.append((what.codes[0], what.state.value))

        dialler = Dialler(
            Places(board), link, desk.sessions, words, CLOCK, hours, RULES, follows, node=NODE, step_seconds=STEP,
            winding_down=timedelta(seconds=0), pace=DiallerPace(look=0.1),
        )  # fmt: skip
        tasks = [asyncio.create_task(work) for work in (link.run(), words.run(), dialler.run())]
        found = Exchange(ami, dialler, board)
        found.hours, found.moved = hours, moved
        assert await happens(lambda: link.live)
        yield found
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_nothing_is_asked_for_before_asterisk_has_been_seen(floor: Exchange, desk: Desk) -> None:
    await desk.ask(note(1))
    await asyncio.sleep(0.5)
    assert floor.asked == []
    floor.picture()
    assert await happens(lambda: len(floor.asked) == 1)


async def test_requests_take_their_places_in_the_order_of_joining_among_callers(floor: Exchange, desk: Desk) -> None:
    floor.picture()
    floor.joins("line1420-9.1", queue_prio(int(CLOCK.now().timestamp()) - 60, 0, STEP))
    await desk.ask(note(1, joined_ago=50))
    await desk.ask(note(2, "+989351234567", joined_ago=80))
    assert await happens(lambda: len(floor.line) == 3)
    await asyncio.sleep(0.5)
    codes = [leg.partition("-cb")[2][:9] for leg in floor.line]
    assert codes == [code(2), "", code(1)]
    assert len(floor.asked) == 2, "each once"


async def test_what_asterisk_is_told(floor: Exchange, desk: Desk) -> None:
    floor.picture()
    await desk.ask(note(1, joined_ago=50, priority=3))
    assert await happens(lambda: floor.asked)
    asked = floor.asked[0]
    assert asked["Channel"] == "Local/s@line-callback-hold/n"
    assert asked["ChannelId"] == f"{NODE}-cb{code(1)}.1"
    assert asked["OtherChannelId"] == f"{NODE}-cb{code(1)}.1.held"
    assert asked["CallerID"] == "09121234567"
    assert "LINE_NUMBER=09121234567" in asked["Variable"]
    joined = (await desk.row(1)).joined_at
    assert f"QUEUE_PRIO={queue_prio(int(joined.timestamp()), 3, STEP)}" in asked["Variable"]


async def test_a_number_that_was_keyed_in_is_shown_to_nobody(floor: Exchange, desk: Desk) -> None:
    floor.picture()
    asked = note(1)
    await desk.ask(type(asked)(asked.code, asked.call_id, asked.number, True, asked.queue, asked.when, asked.asked_at))
    assert await happens(lambda: floor.asked)
    assert floor.asked[0]["CallerID"] == ""


async def test_a_step_that_asterisk_lost_is_not_said_again_at_once(floor: Exchange, desk: Desk) -> None:
    """It may only be slow: a second dial would be worse than a wait."""
    floor.deaf = True
    floor.picture()
    await desk.ask(note(1))
    assert await happens(lambda: floor.asked)
    await asyncio.sleep(1)
    assert len(floor.asked) == 1


async def test_a_cancelled_one_leaves_the_queue(floor: Exchange, desk: Desk) -> None:
    floor.picture()
    await desk.ask(note(1))
    assert await happens(lambda: floor.line)
    async with desk.sessions.begin() as session:
        await end(session, code(1), CallbackState.CANCELLED, by="person:supervisor", at=CLOCK.now())
    assert await happens(lambda: not floor.line)
    assert floor.ami.actions("QueueWithdrawCaller")[0]["WithdrawInfo"] == "not_wanted"


async def test_a_queue_that_closes_sends_them_home_and_they_keep_their_place(floor: Exchange, desk: Desk) -> None:
    floor.picture()
    await desk.ask(note(1))
    assert await happens(lambda: floor.line)
    floor.hours.opened = False
    assert await happens(lambda: not floor.line)
    assert (await desk.row(1)).state in ("pending", "placed")


async def test_what_became_of_a_call_is_told_once(floor: Exchange, desk: Desk) -> None:
    floor.picture()
    await desk.ask(note(1))
    assert await happens(lambda: floor.line)
    call = CallId(floor.line[0])
    floor.leaves(call)
    await desk.tell(call, "callback_placed", "callback_taken", "callback_dialled", "callback_reached")
    assert await happens(lambda: floor.moved == [(code(1), "reached")])
    await asyncio.sleep(0.5)
    assert floor.moved == [(code(1), "reached")]
    assert len(floor.asked) == 1


async def test_who_is_still_on_the_line_is_not_placed_until_they_hang_up(floor: Exchange, desk: Desk) -> None:
    """They listen to their code, or have rung again: their telephone would be engaged."""
    asked = note(1)
    async with desk.sessions.begin() as session:
        session.add(
            CallRecordRow(
                call_id=asked.call_id, node=NODE, caller="+989121234567", caller_name="", language="fa",
                arrived_at=CLOCK.now(), answered_at=None, ended_at=None, disposition=None, menu_path=[], fallbacks=[],
                survey_offered=False, problems=[],
            )
        )  # fmt: skip
    floor.picture()
    await desk.ask(asked)
    await asyncio.sleep(0.5)
    assert floor.asked == []
    async with desk.sessions.begin() as session:
        row = await session.get(CallRecordRow, asked.call_id)
        assert row is not None
        row.ended_at, row.disposition = CLOCK.now(), "callback_requested"
    assert await happens(lambda: len(floor.line) == 1)
