"""Bad SIP does no harm: Asterisk lives, no ledger has a row that was not meant, and the next caller is served."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Callable

import pytest

from api.calls.fold import fold
from asterisk_conf.robots.caller import Caller
from ivr.kernel.clock import SystemClock
from ivr.kernel.milestones import Milestone
from routing.ledger import cel
from routing.ledger.rows import AcceptedRow, RejectedRow
from tests.asterisk.bad_sip import cases, message
from tests.asterisk.exchange import Exchange

KNOWN = {mark.value for mark in Milestone} | {
    "CHAN_START", "CHAN_END", "ANSWER", "HANGUP", "APP_START", "APP_END", "LINKEDID_END", "BRIDGE_ENTER", "BRIDGE_EXIT",
}  # fmt: skip
FLOOD = 300
EVERY_SECONDS = 0.02
"""Between two cases: they are no flood, each is to be looked at."""


@pytest.fixture(scope="module")
def assaulted(exchange: Exchange) -> dict[str, bytes]:
    """Every case was sent, by name: what came back first."""
    host, _, port = exchange.target.partition(":")
    answers: dict[str, bytes] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind((host, 0))
        phone.connect((host, int(port)))
        phone.settimeout(EVERY_SECONDS)
        for name, datagram in cases(exchange.target):
            phone.send(datagram)
            answers[name] = b""
            with contextlib.suppress(TimeoutError, ConnectionRefusedError):
                answers[name] = phone.recv(65_536)
    return answers


def test_asterisk_lives_and_serves_the_next_caller(
    exchange: Exchange, assaulted: dict[str, bytes], new_caller: Callable[..., Caller]
) -> None:
    assert len(assaulted) > 60
    assert "up" in exchange.remote("core show uptime").lower()
    exchange.remote("channel request hangup all")
    caller = new_caller()
    caller.pause(2).press("11").pause(60).dial()
    exchange.await_row(caller.user, "decision")
    exchange.clear()
    exchange.await_row(caller.user, "final")
    rows = exchange.rows(caller.user)
    assert [row.name for row in rows].count("offered") == 1
    assert any(row.name == "decision" for row in rows)


def test_nothing_that_asterisk_did_not_mean_stands_in_a_ledger(exchange: Exchange, assaulted: dict[str, bytes]) -> None:
    exchange.clear()
    rows = exchange.rows()
    assert {row.call.partition("-")[0] for row in rows} <= {"bench", ""}
    assert {row.name for row in rows} <= KNOWN
    for line in exchange.queue_log():
        assert re.fullmatch(r"\d{10}", line[0])
        assert line[1] == "NONE" or line[1].startswith("bench-")


def test_every_call_that_came_of_it_has_a_record_of_its_own(exchange: Exchange, assaulted: dict[str, bytes]) -> None:
    """Some of the cases are calls after all: they begin once, end once, and fold into a record with one disposition."""
    exchange.clear()
    rows = exchange.rows()
    offered = [row.call for row in rows if row.name == "offered"]
    ended = {row.call for row in rows if row.name == "LINKEDID_END"}
    assert len(offered) == len(set(offered))
    assert len(ended & set(offered)) > 5, "no case came far enough to be a call"
    raw = (exchange.settings.asterisk / "log" / "cel-custom" / "line.csv").read_bytes()
    read = cel.scan(raw, 0, SystemClock().now())
    assert [row for row in read.rows if isinstance(row, RejectedRow)] == []
    events = [row.event for row in read.rows if isinstance(row, AcceptedRow)]
    for call in ended & set(offered):
        record = fold([event for event in events if event.call_id == call])
        assert record is not None
        assert record.disposition is not None
        assert re.fullmatch(r"[0-9+]*", record.caller)


def test_a_small_flood_keeps_nobody_out(
    exchange: Exchange, assaulted: dict[str, bytes], new_caller: Callable[..., Caller]
) -> None:
    host, _, port = exchange.target.partition(":")
    datagrams = [message(exchange.target, method="OPTIONS", body="") for _ in range(FLOOD)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        for datagram in datagrams:
            phone.sendto(datagram, (host, int(port)))
    caller = new_caller()
    caller.pause(0.5).dial()
    offered = exchange.await_row(caller.user, "offered")
    asked = caller.sipp.first("INVITE ", sent=True)
    assert asked is not None
    assert offered.at - asked.timestamp() < 15
    caller.wait()
