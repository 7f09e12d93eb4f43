"""What who leads the floor asks of a real Asterisk: callers out of queues and up in them, and hearing talks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from ivr.kernel.clock import SystemClock
from ivr.kernel.errors import Conflict
from ivr.kernel.ids import CallId, QueueName, SeatName
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Inbox
from routing.leading import Hearing, Lead
from tests.asterisk.exchange import LIMIT, Exchange
from tests.asterisk.overheard import Overheard
from tests.asterisk.strangers import AmiVisitor
from tests.asterisk.test_least_rights import FORBIDDEN

INSURANCE, PENSIONS = QueueName("insurance"), QueueName("pensions")
CALLER, OPERATOR, SUPERVISOR = 440.0, 800.0, 1300.0
ITS_WORK = {"Originate", "Redirect", "Hangup", "Getvar", "Setvar", "MixMonitor"}
"""Classes `call` and `originate`; Asterisk has no smaller ones for hearing a talk."""

Answer = TypeVar("Answer")
Callers = Callable[..., Caller]
Seats = Callable[..., Seat]


def lead(exchange: Exchange, deed: Callable[[Lead], Awaitable[Answer]]) -> Answer:
    """One deed over a link of its own."""

    async def do() -> Answer:
        settings = LinkSettings("127.0.0.1", exchange.settings.ami_port, "lead", "lead")
        link = AmiLink(settings, Inbox(), SystemClock())
        living = asyncio.create_task(link.run())
        try:
            async with asyncio.timeout(LIMIT):
                while not link.live:
                    await asyncio.sleep(0.02)
            return await deed(Lead(link))
        finally:
            link.close()
            await living

    return asyncio.run(do())


def enters(new_caller: Callers, section: str = "1") -> Caller:
    """A caller who goes to insurance (1) or pensions (2), with a tone, and stays."""
    return new_caller().pause(2).press(f"1{section}").tone(CALLER).until_bye(90).dial()


@pytest.fixture
def busy(exchange: Exchange, new_caller: Callers, new_seat: Seats) -> Iterator[Seat]:
    """The only operator talks, so that others wait; the talk ends when its caller is stopped."""
    seat = new_seat("seat01", talk=None, hertz=OPERATOR)
    talker = enters(new_caller)
    exchange.await_row(talker.user, "BRIDGE_ENTER")
    yield seat
    talker.stop()


def call_of(exchange: Exchange, caller: Caller) -> CallId:
    return CallId(exchange.await_row(caller.user, "talk").call)


def stands(exchange: Exchange, queue: QueueName) -> list[tuple[str, int]]:
    return [(str(one.leg_id), one.prio) for one in lead(exchange, lambda asks: asks.queued(queue))]


def until_stands(exchange: Exchange, queue: QueueName, legs: list[CallId]) -> None:
    exchange.until(lambda: [leg for leg, _ in stands(exchange, queue)] == legs, f"{queue} does not hold {legs}")


def queue_rows(exchange: Exchange, call: str) -> list[list[str]]:
    return [[row[2], *row[4:]] for row in exchange.queue_log() if row[1] == call]


def test_a_moved_caller_waits_on_at_their_place_and_both_ledgers_say_so(
    exchange: Exchange, new_caller: Callers, busy: Seat
) -> None:
    """Though the other queue is full: it has room for one here, and turns away who comes anew."""
    first = enters(new_caller)
    moved = call_of(exchange, first)
    until_stands(exchange, INSURANCE, [moved])
    second = enters(new_caller, "2")  # its keys take more than a second
    there = call_of(exchange, second)
    until_stands(exchange, PENSIONS, [there])
    (queued,) = lead(exchange, lambda asks: asks.queued(INSURANCE))
    lead(exchange, lambda asks: asks.withdraw(queued, "move", "pensions", str(queued.prio)))
    until_stands(exchange, PENSIONS, [moved, there])
    refused = exchange.await_row(enters(new_caller, "2").user, "queue")
    assert refused.fields == {"queue": "pensions", "status": "FULL"}
    assert dict(stands(exchange, PENSIONS))[moved] == queued.prio, "the place they had"
    left = exchange.await_row(first.user, "queue")
    assert left.fields == {"queue": "insurance", "status": "MOVED", "to": "pensions"}
    assert exchange.await_row(first.user, "talk", queue="pensions").fields["recording"] == f"{moved}-2"
    rows = queue_rows(exchange, moved)
    assert [row[:2] for row in rows] == [["q-insurance", "ENTERQUEUE"], ["q-insurance", "WITHDRAW"], ["q-pensions", "ENTERQUEUE"]]  # fmt: skip
    assert rows[1][-1] == f"move,pensions,{queued.prio}"
    with pytest.raises(Conflict):
        lead(exchange, lambda asks: asks.withdraw(queued, "move", "pensions", str(queued.prio)))
    assert [leg for leg, _ in stands(exchange, PENSIONS)] == [moved, there], "too late: nothing was changed"


@pytest.mark.slow
def test_priority_puts_a_caller_before_all_with_less_at_once(
    exchange: Exchange, new_caller: Callers, busy: Seat
) -> None:
    callers = []
    for _ in range(3):
        callers.append(call_of(exchange, enters(new_caller)))
        until_stands(exchange, INSURANCE, callers)
    one, two, three = callers
    ahead = dict(stands(exchange, INSURANCE))[one] + 1
    for raised, prio, order in ((three, ahead, [three, one, two]), (two, ahead + 1, [two, three, one]), (three, 0, [two, one, three])):  # fmt: skip
        queued = next(q for q in lead(exchange, lambda asks: asks.queued(INSURANCE)) if q.leg_id == raised)
        lead(exchange, lambda asks, queued=queued, prio=prio: asks.prioritise(queued, prio))
        assert [leg for leg, _ in stands(exchange, INSURANCE)] == order
    queued = next(q for q in lead(exchange, lambda asks: asks.queued(INSURANCE)) if q.leg_id == two)
    lead(exchange, lambda asks: asks.withdraw(queued, "move", "pensions", str(ahead + 1)))
    until_stands(exchange, PENSIONS, [two])
    assert stands(exchange, PENSIONS) == [(two, ahead + 1)], "who was urgent stays so"


@pytest.mark.slow
def test_who_waits_in_a_queue_that_is_closed_is_told_and_offered_a_message(
    exchange: Exchange, new_caller: Callers, busy: Seat
) -> None:
    caller = enters(new_caller)
    until_stands(exchange, INSURANCE, [call_of(exchange, caller)])
    (queued,) = lead(exchange, lambda asks: asks.queued(INSURANCE))
    lead(exchange, lambda asks: asks.withdraw(queued, "closed"))
    assert exchange.await_row(caller.user, "queue").fields == {"queue": "insurance", "status": "CLOSED"}
    exchange.await_row(caller.user, "step", node="after_hours")


@pytest.mark.slow
def test_a_caller_for_whom_a_seat_rings_is_let_talk(exchange: Exchange, new_caller: Callers, new_seat: Seats) -> None:
    new_seat("seat01", ring=3, talk=None)
    caller = enters(new_caller)
    until_stands(exchange, INSURANCE, [call_of(exchange, caller)])
    (queued,) = lead(exchange, lambda asks: asks.queued(INSURANCE))
    lead(exchange, lambda asks: asks.withdraw(queued, "closed"))
    exchange.await_row(caller.user, "BRIDGE_ENTER")
    caller.stop()


def test_a_supervisor_hears_and_is_heard_only_by_whom_they_chose(
    exchange: Exchange, new_caller: Callers, new_seat: Seats, busy: Seat
) -> None:
    call = next(CallId(row.call) for row in reversed(exchange.rows()) if row.name == "talk")
    seat, phone = SeatName("seat01"), SeatName("seat02")
    new_seat("seat02", talk=None, hertz=SUPERVISOR)
    tones = [CALLER, OPERATOR, SUPERVISOR]
    each_other = [(CALLER,), (OPERATOR,)]
    muted = [(CALLER,), (CALLER, OPERATOR), (OPERATOR,)]
    whispers = [(CALLER, OPERATOR), (CALLER, SUPERVISOR), (OPERATOR,)]
    barges = [(CALLER, OPERATOR), (CALLER, SUPERVISOR), (OPERATOR, SUPERVISOR)]
    with Overheard(exchange.settings.rtp_first, exchange.settings.rtp_last) as heard:
        assert heard.until_tones(each_other, tones) == each_other, "the two hear each other"
        lead(exchange, lambda asks: asks.hear(phone, seat, call, "supervisor"))
        exchange.until(lambda: len(lead(exchange, lambda asks: asks.listeners())) == 1, "nobody listens")
        (mine,) = lead(exchange, lambda asks: asks.listeners())
        assert (mine.phone, mine.seat, mine.call_id, mine.by, mine.mode) == (phone, seat, call, "supervisor", Hearing.LISTEN)  # fmt: skip
        assert heard.until_tones(muted, tones) == muted, "both are heard, nobody hears"
        lead(exchange, lambda asks: asks.change(mine, Hearing.WHISPER))
        assert heard.until_tones(whispers, tones) == whispers, "only the operator hears"
        lead(exchange, lambda asks: asks.change(mine, Hearing.BARGE))
        assert heard.until_tones(barges, tones) == barges
        lead(exchange, lambda asks: asks.change(mine, Hearing.LISTEN))
        assert heard.until_tones(muted, tones) == muted, "muted again"
        lead(exchange, lambda asks: asks.stop(mine))
        exchange.until(lambda: not lead(exchange, lambda asks: asks.listeners()), "somebody still listens")
        assert heard.until_tones(each_other, tones) == each_other, "the talk goes on as before"
    told = [row for row in exchange.rows() if row.name == "listening"]
    assert [(row.fields["mode"], row.fields["state"]) for row in told] == [
        ("listen", "began"), ("whisper", "began"), ("barge", "began"), ("listen", "began"), ("listen", "ended"),
    ]  # fmt: skip
    assert {(row.fields["call"], row.fields["seat"], row.fields["by"]) for row in told} == {(call, seat, "supervisor")}
    with pytest.raises(Conflict):
        lead(exchange, lambda asks: asks.hear(phone, SeatName("seat05"), call, "supervisor"))


def test_the_user_who_leads_may_do_no_more_than_that(exchange: Exchange) -> None:
    visitor = AmiVisitor("127.0.0.1", exchange.settings.ami_port)
    try:
        assert visitor.log_in("lead", "lead")["Response"] == "Success"
        others = {action: headers for action, headers in FORBIDDEN.items() if action not in ITS_WORK}
        done = {action: visitor.ask(action, **headers)["Response"] for action, headers in others.items()}
        assert done == dict.fromkeys(others, "Error")
        told = visitor.ask("Originate", Channel="Local/1420@from-trunk", Application="System", Data="id")
        assert told["Response"] == "Error", "no application that reaches the machine"
        assert visitor.ask("Getvar", Variable="SHELL(id)").get("Value", "") == ""
    finally:
        visitor.close()
