"""A place from the asking to its end, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.access.permissions import Role
from api.callbacks.following import follow
from api.callbacks.freeing import free_operators
from api.callbacks.keeping import end, served_otherwise
from api.callbacks.reading import all_callbacks, one_callback
from api.db.callback_tables import CallbackCallRow
from api.db.duty_tables import WrapUpRow
from api.db.tables import CallRecordRow, LedgerEventRow
from api.duty.service import sign_in
from api.playback.expected import ExpectedSound
from ivr.kernel.clock import SystemClock
from ivr.kernel.ids import CallId, RecordingId
from routing.callbacks.request import CallbackState
from routing.seats import seat_names
from tests.integration.api.callbacks.conftest import NODE, RULES, Desk, code, note

CLOCK = SystemClock()


async def followed(desk: Desk, *, standing=frozenset(), later: float = 0):
    async with desk.sessions.begin() as session:
        return await follow(session, CLOCK.now() + timedelta(seconds=later), RULES, standing=standing, node=NODE)


async def test_a_request_told_twice_is_one_place_with_the_first_joining(desk: Desk) -> None:
    asked = note(1)
    assert await desk.ask(asked) is CallbackState.PENDING
    assert await desk.ask(replace(asked, joined_at=CLOCK.now())) is CallbackState.PENDING
    row = await desk.row(1)
    assert (row.joined_at, row.tries, row.attempt) == (asked.joined_at, 0, 0)


async def test_two_requests_of_one_number_have_one_place_and_one_end(desk: Desk) -> None:
    await desk.ask(note(1))
    assert await desk.ask(note(2)) is CallbackState.SAME_PLACE
    assert await desk.ask(note(3, "+989351234567")) is CallbackState.PENDING
    assert (await desk.row(2)).same_as == code(1)
    async with desk.sessions.begin() as session:
        assert await end(session, code(1), CallbackState.REACHED, by="reached", at=CLOCK.now()) == [code(1), code(2)]
    assert (await desk.row(2)).state == "reached"
    assert await desk.ask(note(4)) is CallbackState.PENDING, "the place is free again"


@pytest.mark.parametrize("number", ["+989091234567", "+441234567890", "110", ""])
async def test_a_number_that_is_not_rung_is_left_to_a_person(desk: Desk, number: str) -> None:
    assert await desk.ask(note(1, number)) is CallbackState.GIVEN_UP
    assert (await desk.row(1)).ended_by == "number"
    assert await desk.begin(1) is None


async def test_many_who_begin_at_once_make_one_attempt(desk: Desk) -> None:
    await desk.ask(note(1))
    begun = await asyncio.gather(*(desk.begin(1) for _ in range(5)))
    assert sorted(call for call in begun if call) == [f"{NODE}-cb{code(1)}.1"]


async def test_an_attempt_that_nobody_heard_of_is_given_a_new_number_later(desk: Desk) -> None:
    now = CLOCK.now()
    await desk.ask(note(1))
    await desk.begin(1, now)
    await desk.reads(now, end=now + timedelta(seconds=5))
    await followed(desk, later=5)
    assert (await desk.row(1)).attempt_call is not None
    await desk.reads(now, end=now + timedelta(seconds=30))
    await followed(desk, later=30)
    assert (await desk.row(1)).attempt_call is None
    assert await desk.begin(1) == f"{NODE}-cb{code(1)}.2"


async def test_the_ledger_leads_it_from_the_line_to_the_caller(desk: Desk) -> None:
    asked, connected, reached = note(1), CLOCK.now() - timedelta(seconds=10), CLOCK.now()
    await desk.ask(asked)
    call = await desk.begin(1)
    assert call
    await desk.tell(call, "callback_placed")
    assert await followed(desk, standing={call}) == []
    assert (await desk.row(1)).state == "placed"
    await desk.tell(call, "CONNECT", "callback_taken", "callback_dialled", at=connected, agent="operator03")
    await followed(desk)
    assert (await desk.row(1)).state == "dialling"
    await desk.tell(call, "callback_reached", at=reached)
    (moved,) = await followed(desk)
    assert (moved.codes, moved.state, moved.agent, moved.call_id) == ([code(1)], "reached", "operator03", call)
    assert await followed(desk) == [], "said once"
    async with desk.sessions() as session:
        shown = await one_callback(session, code(1), step_seconds=30)
        (one,) = shown.calls
        figures = (await all_callbacks(session, CLOCK.now(), step_seconds=30, automatic=True)).today
    assert (one.seat, one.agent, one.outcome, one.ended_at) == ("seat03", "operator03", "reached", None)
    assert one.rang_seconds == pytest.approx((reached - connected).total_seconds() - 1), "taken a second after CONNECT"
    assert (figures.reached, figures.dials, figures.share_reached.value) == (1, 1, 1.0)
    assert figures.wait.mean_seconds == pytest.approx((reached - asked.joined_at).total_seconds())


async def test_tries_in_vain_end_with_a_person(desk: Desk) -> None:
    await desk.ask(note(1))
    for tries in (1, 2):
        call = await desk.begin(1)
        assert call
        names = ("callback_placed", "callback_taken", "callback_dialled", "callback_over", "HANGUP")
        await desk.tell(call, *names, status="NOANSWER")
        (moved,) = await followed(desk)
        assert (await desk.row(1)).tries == tries
    assert moved.state is CallbackState.GIVEN_UP
    row = await desk.row(1)
    assert (row.state, row.ended_by, row.attempt) == ("given_up", "tries", 2)


async def test_a_restart_of_asterisk_brings_the_place_back_without_a_try(desk: Desk) -> None:
    await desk.ask(note(1))
    call = await desk.begin(1)
    assert call
    await desk.tell(call, "callback_placed")
    await followed(desk, standing={call})
    async with desk.sessions.begin() as session:
        session.add(
            LedgerEventRow(node=NODE, source="queue_log", file_id="t", file_offset=0, name="QUEUESTART", at=CLOCK.now(),
                           call_id=None, leg_id=None, fields={})
        )  # fmt: skip
    await followed(desk)
    row = await desk.row(1)
    assert (row.state, row.tries, row.attempt_call) == ("pending", 0, None)
    async with desk.sessions() as session:
        (one,) = await session.scalars(select(CallbackCallRow))
    assert one.outcome == "lost_by_restart"


async def an_answered_call(desk: Desk, call_id: str, caller: str, *, arrived_ago: float = 0) -> None:
    now = CLOCK.now()
    async with desk.sessions.begin() as session:
        session.add(
            CallRecordRow(
                call_id=call_id, node=NODE, caller=caller, caller_name="", language="fa",
                arrived_at=now - timedelta(seconds=arrived_ago), answered_at=now, ended_at=None, disposition=None, menu_path=[],
                fallbacks=[], survey_offered=False, problems=[],
            )
        )  # fmt: skip


async def test_who_rings_again_and_is_answered_is_called_no_more(desk: Desk) -> None:
    """A colleague behind the same number who has rung before and is answered now takes nobody's place away."""
    await desk.ask(note(1))
    await desk.ask(note(2, "+989351234567"))
    await an_answered_call(desk, f"{NODE}-9.9", "+989121234567")
    await an_answered_call(desk, f"{NODE}-9.8", "+989351234567", arrived_ago=600)
    async with desk.sessions.begin() as session:
        assert list(await served_otherwise(session)) == [(code(1), "answered_meanwhile")]


async def test_who_came_back_to_the_queue_and_is_answered_is_called_no_more(desk: Desk) -> None:
    """The number was keyed in, so only the call tells."""
    await desk.ask(note(1, "+989351234567"))
    await an_answered_call(desk, note(1).call_id, "+982188000000", arrived_ago=600)
    async with desk.sessions.begin() as session:
        assert list(await served_otherwise(session)) == [(code(1), "answered_meanwhile")]


async def test_open_ones_are_shown_in_the_order_of_joining(desk: Desk) -> None:
    for number, ago in ((1, 50), (2, 90), (3, 70)):
        await desk.ask(note(number, f"+98912123456{number}", joined_ago=ago))
    async with desk.sessions() as session:
        shown = await all_callbacks(session, CLOCK.now(), step_seconds=30, automatic=True)
    assert [(one.code, one.place) for one in shown.open] == [(code(2), 1), (code(3), 2), (code(1), 3)]


async def test_an_operator_who_only_heard_the_ringing_is_free_at_once(desk: Desk, add_person) -> None:
    await add_person(Role.OPERATOR, "operator03")
    await desk.ask(note(1))
    call = await desk.begin(1)
    assert call
    names = ("callback_placed", "callback_taken", "callback_dialled", "callback_over", "HANGUP")
    await desk.tell(call, *names, status="BUSY")
    await followed(desk)
    async with desk.sessions.begin() as session:
        duty = await sign_in(
            session,
            "operator03",
            "seat03",
            seats=seat_names(),
            at=CLOCK.now() - timedelta(hours=1),
            by="person:operator03",
        )
        for of, at in ((call, 2), (CallId(f"{NODE}-5.5"), 3)):
            ended = None if of == call else CLOCK.now()
            began = CLOCK.now() - timedelta(seconds=at)
            session.add(WrapUpRow(duty_id=duty.id, queue="insurance", call_id=of, began_at=began, ended_at=ended))
    async with desk.sessions.begin() as session:
        assert await free_operators(session, CLOCK.now()) == 1
    async with desk.sessions() as session:
        ends = {wrap.call_id: wrap.ended_by for wrap in await session.scalars(select(WrapUpRow))}
    assert ends[call] == "not_reached"


async def test_the_talk_of_a_call_back_is_expected_in_the_archive_as_long_as_it_was(desk: Desk) -> None:
    await desk.ask(note(1))
    call = await desk.begin(1)
    assert call
    began = CLOCK.now() - timedelta(seconds=30)
    names = ("callback_placed", "callback_taken", "callback_dialled", "callback_reached")
    await desk.tell(call, *names, at=began)
    await followed(desk)
    async with desk.sessions() as session:
        assert await ExpectedSound(session).talk(RecordingId(f"{call}-1"), call) is None, "it goes on"
    await desk.tell(call, "HANGUP", at=began + timedelta(seconds=20))
    await followed(desk)
    async with desk.sessions() as session:
        talk = await ExpectedSound(session).talk(RecordingId(f"{call}-1"), call)
        facts = await ExpectedSound(session).call(call)
    assert talk is not None
    assert talk.expected_seconds == pytest.approx(17)
    assert facts is not None
    assert facts.ended_at is not None
