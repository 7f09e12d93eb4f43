"""panoramisk 1.4's AMI side as it is, and where our own wrapper stands in front of each of its faults.

Each fault is shown against the bare library, expected to fail, strictly: when a new release closes one, this file says so
and a guard of ours may go. The same fault against our wrapper is a test that must pass (`client` = tests/unit/routing/ami/
test_client.py, `words` = test_words.py there, `bytes` = test_any_bytes.py there):

====  ================================================================  ==============================================
row   what the library does                                             held against our wrapper in
====  ================================================================  ==============================================
P12   decodes every TCP piece alone: a letter cut in two vanishes        client: …survives_every_split; bytes
P13   a callback that raises costs the link                              client: a_broken_message…, a_failing_reader…
P14   async callbacks are loose tasks: no order, no limit                client: events_arrive_in_order, a_full_inbox…
P15   Originate without `Async` raises inside the reader                 client: an_action_without_further_headers…
P16   QueueAdd's reply is taken for a list that never ends               client: an_action_without_further_headers…
P17   never looks for the answer to its pings                            client: an_unanswered_ping…, pings_leave_nothing…
P18   sends unanswered actions again after the next login                client: an_unanswered_action…never_sent_again
P19   sends them only at FullyBooted, which few rights never see         client: it_goes_live_without_fully_booted
P20   says `authenticated` after the link is lost                        client: nothing_is_sent_before…or_after…
P21   connects again after `close()`                                     client: close_ends_the_wait…
P22   tries a wrong secret at a fixed pace for ever                      client: a_wrong_secret…ever_more_slowly
P23   CallManager merges all calls of one second, never frees them       not used: forbidden by the linter's banned list
P24   keeps a message without end for ever                               client: a_message_without_end…; bytes
P25   a line break in a value is a second action                         client: a_value_cannot_smuggle…; bytes
P26   a misspelt header reads as empty, messages cannot be copied        words: a_misspelt_header…copied
====  ================================================================  ==============================================

Over a real Asterisk: tests/asterisk/test_manager_link_breaks.py.
"""

from __future__ import annotations

import asyncio
import copy
import importlib
import tomllib
from collections.abc import AsyncIterator, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from panoramisk import Manager
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from tests.fakes.asterisk_ami import FakeAmi, Headers, Session
from tests.patience import happens, until

still_broken = pytest.mark.xfail(strict=True)


class Heard:
    """What a bare protocol hands on: stands where panoramisk's manager would."""

    save_stream = None
    forgetable_actions = ("ping", "login")

    def __init__(self, callback: Callable[[Any], None] | None = None) -> None:
        self.messages: list[Any] = []
        self.awaiting_actions: list[Any] = []
        self.callback = callback

    def dispatch(self, message: Any) -> None:
        self.messages.append(message)
        if self.callback is not None:
            self.callback(message)

    def connection_lost(self, _reason: object) -> None: ...


class Wire:
    """A transport that only remembers."""

    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None: ...


def bare(callback: Callable[[Any], None] | None = None) -> tuple[AMIProtocol, Heard, Wire]:
    protocol, heard, wire = AMIProtocol(), Heard(callback), Wire()
    protocol.connection_made(wire)
    protocol.factory, protocol.encoding = heard, "utf8"
    return protocol, heard, wire


@pytest.fixture
async def ami() -> AsyncIterator[FakeAmi]:
    async with FakeAmi() as fake:
        yield fake


@pytest.fixture
async def manager(ami: FakeAmi) -> AsyncIterator[Manager]:
    """Connected and logged in; pings every second, comes again after one."""
    found = Manager(
        loop=asyncio.get_running_loop(),
        host="127.0.0.1",
        port=ami.port,
        username="listener",
        secret="s3cret",
        ping_delay=1,
        ping_interval=1,
        reconnect_timeout=1,
    )
    found.connect()
    await asyncio.wait_for(ami.logged_in.wait(), 20)
    await until(lambda: found.authenticated)
    yield found
    found.reconnect_timeout = 3600
    if found.pinger is not None:
        found.pinger.cancel()
    found.close()


@still_broken
async def test_p12_a_persian_letter_survives_a_split() -> None:
    protocol, heard, _ = bare()
    message = "Event: Join\r\nName: محمد\r\n\r\n".encode()
    cut = message.index("م".encode()) + 1
    protocol.data_received(message[:cut])
    protocol.data_received(message[cut:])
    assert heard.messages[0]["name"] == "محمد"


@still_broken
async def test_p13_a_failing_callback_costs_nothing_else() -> None:
    def fail(_message: Any) -> None:
        raise KeyError("a reader's mistake")

    protocol, heard, _ = bare(fail)
    protocol.data_received(b"Event: One\r\n\r\nEvent: Two\r\n\r\n")
    assert len(heard.messages) == 2


@still_broken
async def test_p14_async_callbacks_keep_the_order(manager: Manager, ami: FakeAmi) -> None:
    seen: list[int] = []

    async def slow_then_fast(_manager: Manager, message: Any) -> None:
        await asyncio.sleep(0.05 if int(message["n"]) % 2 else 0)
        seen.append(int(message["n"]))

    manager.register_event("Tick", slow_then_fast)
    for number in range(20):
        ami.session.send(Event="Tick", N=str(number))
    await until(lambda: len(seen) == 20)
    assert seen == sorted(seen)


@still_broken
async def test_p15_originate_without_async_is_answered() -> None:
    protocol, _, _ = bare()
    action = Action({"Action": "Originate", "Channel": "PJSIP/seat01"})
    future = protocol.send(action, as_list=None)  # as the manager does
    protocol.data_received(
        f"Response: Success\r\nActionID: {action.id}\r\nMessage: Originate successfully queued\r\n\r\n".encode()
    )
    assert future.done()


@still_broken
async def test_p16_queue_add_is_answered() -> None:
    protocol, _, _ = bare()
    action = Action({"Action": "QueueAdd", "Queue": "q-general"})
    future = protocol.send(action, as_list=None)  # as the manager does
    protocol.data_received(
        f"Response: Success\r\nActionID: {action.id}\r\nMessage: Added interface to queue\r\n\r\n".encode()
    )
    assert future.done()


@still_broken
async def test_p17_an_unanswered_ping_is_noticed(manager: Manager, ami: FakeAmi) -> None:
    ami.answer_pings = False
    await until(lambda: len(ami.actions("Ping")) >= 3)
    assert len(manager.responses) <= 1


@still_broken
async def test_p18_an_action_without_a_reply_is_sent_once(manager: Manager, ami: FakeAmi) -> None:
    async def lose(session: Session, action: Headers) -> bool:
        if action["Action"] != "Originate":
            return False
        session.drop()
        return True

    ami.on_action = lose
    manager.send_action({"Action": "Originate", "Channel": "PJSIP/seat01", "Async": "true"})
    await until(lambda: len(ami.sessions) == 2)
    ami.session.send(Event="FullyBooted", Status="Fully Booted")
    assert not await happens(lambda: len(ami.actions("Originate")) > 1, 15)


@still_broken
async def test_p19_what_waits_is_sent_or_failed_without_fully_booted(manager: Manager, ami: FakeAmi) -> None:
    async def lose(session: Session, action: Headers) -> bool:
        if action["Action"] == "QueueStatus":
            session.drop()
        return action["Action"] == "QueueStatus"

    ami.on_action = lose
    future = manager.send_action({"Action": "QueueStatus"})
    await until(lambda: len(ami.sessions) == 2)
    ami.on_action = None
    assert await happens(future.done, 2)


@still_broken
async def test_p20_a_lost_link_is_not_authenticated(manager: Manager, ami: FakeAmi) -> None:
    ami.session.drop()
    await until(lambda: manager.protocol.closed)
    assert not manager.authenticated


@still_broken
async def test_p21_close_is_the_end(manager: Manager, ami: FakeAmi) -> None:
    ami.session.drop()
    await until(lambda: manager.protocol.closed)
    manager.close()
    assert not await happens(lambda: len(ami.sessions) > 1, 15)


@still_broken
async def test_p22_a_wrong_secret_is_tried_ever_more_slowly(ami: FakeAmi) -> None:
    ami.secret = "another"
    found = Manager(
        loop=asyncio.get_running_loop(),
        host="127.0.0.1",
        port=ami.port,
        username="listener",
        secret="wrong",
        reconnect_timeout=1,
    )
    found.connect()
    try:
        await until(lambda: len(ami.sessions) >= 5)
        at = [session.began for session in ami.sessions[:5]]
        gaps = [later - sooner for sooner, later in pairwise(at)]
        assert all(later > sooner * 1.5 for sooner, later in pairwise(gaps))  # no stall stretches each gap more
    finally:
        found.reconnect_timeout = 3600
        if found.pinger is not None:
            found.pinger.cancel()
        found.close()


@still_broken
async def test_p23_two_calls_of_one_second_are_two() -> None:
    calls = importlib.import_module("panoramisk.call_manager").CallManager()
    for uniqueid in ("1795302650.1", "1795302650.2"):
        calls.handle_calls(calls, Message({"Event": "Newchannel", "Uniqueid": uniqueid}))
    assert len(calls.calls_queues) == 2


def test_p23_nothing_here_may_use_the_call_manager() -> None:
    settings = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    assert "panoramisk.call_manager" in settings["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]


@still_broken
async def test_p24_a_message_without_end_is_not_kept() -> None:
    protocol, _, _ = bare()
    for _ in range(32):
        protocol.data_received(b"x" * 65536)
    assert protocol.closed or sum(len(kept) for kept in protocol.queue) < 1 << 20


@still_broken
async def test_p25_one_action_is_one_action_on_the_wire() -> None:
    protocol, _, wire = bare()
    protocol.send({"Action": "QueuePause", "Reason": "x\r\n\r\nAction: Originate\r\nChannel: PJSIP/seat01"})
    assert wire.written.count(b"Action: ") == 1


@still_broken
def test_p26_a_misspelt_header_is_an_error() -> None:
    with pytest.raises(AttributeError):
        _ = Message({"Event": "Join", "Queue": "q-general"}).qeue


@still_broken
def test_p26_a_message_can_be_copied() -> None:
    message = Message({"Event": "Join"})
    assert copy.deepcopy(message)["event"] == "Join"
