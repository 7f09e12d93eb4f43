"""The AMI link against an Asterisk that misbehaves. Each case is a fault panoramisk 1.4 has shown."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest

from ivr.kernel.clock import SystemClock
from ivr.kernel.errors import Invalid
from routing.ami.client import AmiLink, LinkSettings
from routing.ami.inbox import Heard, Inbox, Item, LinkDown, LinkUp, Overflow
from routing.ami.protocol import MAX_MESSAGE, LinkLost
from tests.fakes.asterisk_ami import FakeAmi, Headers, Session
from tests.patience import until
from tests.unit.routing.ami.conftest import Start


async def heard(link: AmiLink) -> Heard:
    item = await asyncio.wait_for(link.inbox.get(), 20)
    assert isinstance(item, Heard)
    return item


async def test_a_persian_name_survives_every_split(ami: FakeAmi, start: Start) -> None:
    link = await start(ping_every=60)
    message = "Event: QueueCallerJoin\r\nCallerIDName: محمد رضایی\r\nQueue: general\r\n\r\n".encode()
    for cut in range(1, len(message)):
        ami.session.raw(message[:cut])
        await asyncio.sleep(0.001)
        ami.session.raw(message[cut:])
        assert (await heard(link)).message["CallerIDName"] == "محمد رضایی"


async def test_a_broken_message_costs_neither_the_link_nor_the_next_message(ami: FakeAmi, start: Start) -> None:
    link = await start()
    ami.session.raw(b"\xff\xfe junk\r\n\r\n\r\n: \r\n\r\nEvent: Next\r\n\r\n")
    assert (await heard(link)).message.event == "Next"
    assert link.live


async def test_a_failing_reader_costs_neither_the_link_nor_the_next_message(ami: FakeAmi, start: Start) -> None:
    link = await start(ping_every=60)
    put, failed = link.inbox.put, False

    def fail_once(item: Item) -> None:
        nonlocal failed
        if not failed:
            failed = True
            raise KeyError("a mistake of ours")
        put(item)

    link.inbox.put = fail_once  # type: ignore[method-assign]
    ami.session.raw(b"Event: One\r\n\r\nEvent: Two\r\n\r\n")
    assert (await heard(link)).message.event == "Two"
    assert (link.live, link.dropped) == (True, 1)


async def test_pings_leave_nothing_behind(ami: FakeAmi, start: Start) -> None:
    link = await start(ping_every=0.005)
    await until(lambda: len(ami.actions("Ping")) >= 50)
    assert link._protocol is not None
    assert len(link._protocol.responses) <= 1


async def test_a_slow_answer_proves_only_what_was_before_the_question(ami: FakeAmi, start: Start) -> None:
    async def late(_session: Session, action: Headers) -> bool:
        if action["Action"] == "Ping":
            await asyncio.sleep(0.2)
        return False

    ami.on_action = late
    link = await start(ping_every=0.01)
    for _ in range(20):
        await asyncio.sleep(0.03)
        ami.session.send(Event="Tick")
    assert link.proven is not None
    assert link.last_heard is not None
    assert (link.last_heard - link.proven).total_seconds() > 0.15


async def test_events_arrive_in_order(ami: FakeAmi, start: Start) -> None:
    link = await start()
    for n in range(200):
        ami.session.send(Event="Tick", N=str(n))
    assert [(await heard(link)).message.number("N") for _ in range(200)] == list(range(200))


async def test_an_action_without_further_headers_and_one_whose_text_looks_like_a_list_both_end(
    ami: FakeAmi, start: Start
) -> None:
    async def answer(session: Session, action: Headers) -> bool:
        if action["Action"] in ("QueueAdd", "Originate"):
            session.reply(action, Message="Added interface to queue")
            return True
        return False

    ami.on_action = answer
    link = await start(ping_every=60)
    for name in ("QueueAdd", "Originate"):
        (reply,) = await link.ask(name, {"Queue": "general"})
        assert reply.succeeded
    assert link._protocol is not None
    assert link._protocol.responses == {}


async def test_an_unanswered_ping_ends_the_link_and_it_comes_again(ami: FakeAmi, start: Start) -> None:
    link = await start(ping_limit=0.3)
    ami.answer_pings = False
    item = await asyncio.wait_for(link.inbox.get(), 20)
    assert isinstance(item, LinkDown)
    assert "ping" in item.reason
    ami.answer_pings = True
    assert isinstance(await asyncio.wait_for(link.inbox.get(), 20), LinkUp)


async def test_an_unanswered_action_fails_at_the_drop_and_is_never_sent_again(ami: FakeAmi, start: Start) -> None:
    async def silence(session: Session, action: Headers) -> bool:
        if action["Action"] == "Originate":
            session.drop()
            return True
        return False

    ami.on_action = silence
    link = await start()
    with pytest.raises(LinkLost):
        await link.ask("Originate", {"Channel": "PJSIP/seat01"})
    assert isinstance(await asyncio.wait_for(link.inbox.get(), 20), LinkDown)
    assert isinstance(await asyncio.wait_for(link.inbox.get(), 20), LinkUp)
    ami.session.send(Event="FullyBooted", Status="Fully Booted")  # the word at which panoramisk sends it again
    assert (await heard(link)).message.event == "FullyBooted"
    await link.ask("Ping")
    assert len(ami.actions("Originate")) == 1


async def test_an_action_has_a_limit_and_a_late_answer_is_no_event(ami: FakeAmi, start: Start) -> None:
    waiting: list[tuple[Session, Headers]] = []

    async def later(session: Session, action: Headers) -> bool:
        waiting.append((session, action))
        return action["Action"] == "QueueStatus"

    ami.on_action = later
    link = await start(ping_every=60)
    with pytest.raises(TimeoutError):
        await link.ask("QueueStatus", ends_with="QueueStatusComplete", limit=0.1)
    await until(lambda: waiting and waiting[-1][1]["Action"] == "QueueStatus")
    session, action = waiting[-1]
    session.send(Event="QueueParams", Queue="general", ActionID=action["ActionID"])
    session.send(Event="Fresh")
    assert (await heard(link)).message.event == "Fresh"


async def test_a_list_with_half_a_reply_fails_at_the_drop(ami: FakeAmi, start: Start) -> None:
    async def half(session: Session, action: Headers) -> bool:
        if action["Action"] != "QueueStatus":
            return False
        session.reply(action, EventList="start")
        session.send(Event="QueueParams", Queue="general", ActionID=action["ActionID"])
        await session.writer.drain()
        session.writer.close()
        return True

    ami.on_action = half
    link = await start()
    with pytest.raises(LinkLost):
        await link.ask("QueueStatus", ends_with="QueueStatusComplete")


async def test_it_goes_live_without_fully_booted(ami: FakeAmi, start: Start) -> None:
    link = await start()  # the fake, like Asterisk to a user with least rights, never says FullyBooted
    assert link.live
    assert (await link.ask("Ping"))[0]["Ping"] == "Pong"


async def test_nothing_is_sent_before_the_link_is_up_or_after_it_is_lost(ami: FakeAmi, start: Start) -> None:
    ami.answer_logins = False
    link = await start(wait=False, login_limit=0.3, ping_every=60, first_retry=1.0, longest_retry=1.0)
    assert not link.live
    with pytest.raises(LinkLost):
        await link.ask("Ping")
    ami.answer_logins = True
    await until(lambda: link.live)
    ami.session.drop()
    await until(lambda: not link.live)
    with pytest.raises(LinkLost):
        await link.ask("Ping")
    await until(lambda: link.live)
    assert ami.actions("Ping") == []


async def test_close_ends_the_wait_for_the_next_attempt(ami: FakeAmi) -> None:
    port = ami.port
    await ami.__aexit__()
    link = AmiLink(
        replace(LinkSettings("127.0.0.1", port, "listener", "s3cret"), first_retry=300.0, longest_retry=300.0),
        Inbox(),
        SystemClock(),
    )
    task = asyncio.create_task(link.run())
    await asyncio.sleep(0.05)
    link.close()
    await asyncio.wait_for(task, 20)
    came: list[asyncio.StreamWriter] = []
    async with asyncio.timeout(20):
        server = await asyncio.start_server(lambda _r, writer: came.append(writer), "127.0.0.1", port)
        await asyncio.sleep(0.2)
        server.close()
    assert came == [], "it connected again"


async def test_a_wrong_secret_is_reported_and_tried_ever_more_slowly(ami: FakeAmi, start: Start) -> None:
    link = await start(wait=False, secret="wrong", first_retry=0.1, refused_retry=10.0)
    await until(lambda: link.refused_logins >= 5)
    gaps = [later.began - sooner.began for sooner, later in pairwise(ami.sessions)]
    assert all(gap >= wait / 2 for gap, wait in zip(gaps, (0.1, 0.2, 0.4, 0.8), strict=False))  # at most halved
    assert len(link.inbox) == 0


async def test_an_absence_of_minutes_costs_seconds_after_it(ami: FakeAmi, start: Start) -> None:
    """A link that has failed many times tries again so soon that the board can be right within five seconds of a return."""
    ami.banner = b"HTTP/1.1 503 Service Unavailable\r\n\r\n"
    await start(wait=False, login_limit=0.1, first_retry=60.0, longest_retry=LinkSettings("", 0, "", "").longest_retry)

    def gaps() -> list[float]:
        return [later.began - sooner.began for sooner, later in pairwise(ami.sessions)]

    await until(lambda: min(gaps(), default=60.0) < 4.0)  # one of some: a busy machine makes single ones longer


async def test_a_message_without_end_cuts_the_link(ami: FakeAmi, start: Start) -> None:
    link = await start()
    ami.session.raw(b"Event: x\r\n" + b"y" * (MAX_MESSAGE + 10))
    item = await asyncio.wait_for(link.inbox.get(), 20)
    assert isinstance(item, LinkDown)
    assert "longest" in item.reason


@pytest.mark.parametrize("value", ["x\r\nAction: Originate", "x\ny", "x\0y"])
async def test_a_value_cannot_smuggle_a_second_action(ami: FakeAmi, start: Start, value: str) -> None:
    link = await start()
    for headers in ({"Queue": value}, {value: "x"}):
        with pytest.raises(Invalid):
            await link.ask("QueueStatus", headers)
    await link.ask("Ping")
    assert {action["Action"] for action in ami.session.actions} == {"Login", "Ping"}


async def test_a_full_inbox_drops_everything_and_says_so(ami: FakeAmi, start: Start) -> None:
    link = await start(limit=50, ping_every=60)
    for n in range(60):
        ami.session.send(Event="Tick", N=str(n))
    await until(lambda: link.inbox.overflows == 1 and len(link.inbox) >= 11)
    assert await link.inbox.get() == Overflow(50)
    assert (await heard(link)).message["N"] == "50"


@pytest.mark.parametrize("banner", [b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 5000, b""])
async def test_a_port_that_is_not_ami_is_left(ami: FakeAmi, start: Start, banner: bytes) -> None:
    ami.banner = banner
    link = await start(wait=False, login_limit=0.3, connect_limit=0.5)
    await until(lambda: len(ami.sessions) >= 2)
    assert not link.live
    assert ami.actions("Login") == []


async def test_a_reader_that_stalls_in_the_login_is_given_up(ami: FakeAmi, start: Start) -> None:
    ami.answer_logins = False
    await start(wait=False, login_limit=0.3)
    await until(lambda: len(ami.sessions) >= 2)


async def test_a_hundred_flaps_leave_one_link(ami: FakeAmi, start: Start) -> None:
    link = await start(first_retry=0.005)
    for flaps in range(1, 101):
        ami.session.drop()
        await until(lambda: len(ami.sessions) > flaps and link.live)  # noqa: B023 - awaited at once
    assert len(ami.sessions) == 101
