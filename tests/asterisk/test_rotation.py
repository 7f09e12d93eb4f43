"""Ledgers are rotated while calls go on, by the shipped recipe: no row is lost, none comes twice."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from ivr.kernel.clock import SystemClock
from routing.events import LedgerEvent, Source
from routing.ledger import cel, queue_log
from routing.ledger.tail import Tail
from tests.asterisk.exchange import Exchange


class Following:
    """Both ledgers, read as the follower reads them."""

    def __init__(self, exchange: Exchange) -> None:
        log = exchange.settings.asterisk / "log"
        self.tails = (
            Tail(log / "cel-custom" / "line.csv", Source.CEL, cel.scan),
            Tail(log / "queue_log", Source.QUEUE_LOG, queue_log.scan),
        )
        self.positions = dict.fromkeys(Source)
        self.rows: list[LedgerEvent] = []
        self.keys: list[tuple[Source, str, int]] = []

    def read(self) -> None:
        for tail in self.tails:
            now = SystemClock().now() + timedelta(minutes=1)
            while (batch := tail.read_new(self.positions[tail.source], now)) is not None:
                assert batch.rejected == ()
                self.rows += [row.event for row in batch.events]
                self.keys += [(tail.source, batch.position.file_id, row.offset) for row in batch.events]
                self.positions[tail.source] = batch.position

    def close(self) -> None:
        for tail in self.tails:
            tail.close()


def rotate(exchange: Exchange, number: int, *, packed: bool) -> None:
    """What logrotate does with the rendered recipe: rename, tell Asterisk, compress the one before."""
    log = exchange.settings.asterisk / "log"
    for path in (log / "queue_log", log / "cel-custom" / "line.csv", log / "messages.log"):
        path.rename(path.with_name(f"{path.name}.{number}"))
        path.touch(mode=0o600)
    recipe = (exchange.settings.asterisk / "etc" / "logrotate.conf").read_text(encoding="utf-8")
    after = re.search(r"postrotate\n(.*?)endscript", recipe, re.DOTALL)
    assert after
    command = after[1].strip().replace(sys.executable, f"LINE1420_ASTERISK_ROOT={exchange.root} {sys.executable}")
    subprocess.run(["sh", "-c", command], check=True, cwd="/", env=os.environ, capture_output=True, timeout=30)
    if packed:
        for path in (log / "queue_log", log / "cel-custom" / "line.csv"):
            old = path.with_name(f"{path.name}.{number - 1}")
            old.with_name(old.name + ".gz").write_bytes(gzip.compress(old.read_bytes()))
            old.unlink()


def test_rotated_twice_during_calls_and_read_once(
    exchange: Exchange, new_caller: Callable[..., Caller], new_seat: Callable[..., Seat]
) -> None:
    follower = Following(exchange)
    follower.read()
    new_seat("seat05", talk=2.0)
    talks = new_caller().pause(2).press("11").until_bye(40).dial()
    listens = [new_caller().pause(2 + n * 0.4).press("43").until_bye(40).dial() for n in range(3)]
    exchange.await_row(talks.user, "BRIDGE_ENTER")
    follower.read()
    rotate(exchange, 1, packed=False)
    leaver = new_caller().pause(1).hang_up().dial()
    leaver.wait()
    rotate(exchange, 2, packed=True)  # the reader has not looked since before the first
    for caller in (talks, *listens):
        caller.stop()
    exchange.clear()
    users = {caller.user for caller in (talks, leaver, *listens)}

    def is_told_to_the_end() -> bool:
        follower.read()
        ours = {row.call_id for row in follower.rows if row.fields.get("cid_num") in users}
        return len(ours & {row.call_id for row in follower.rows if row.name == "LINKEDID_END"}) == len(users)

    exchange.until(is_told_to_the_end, "not every call has its end in the ledger")
    follower.read()
    follower.close()
    assert len(set(follower.keys)) == len(follower.keys)
    assert follower.tails[0].lost == follower.tails[1].lost == []
    for caller in (talks, leaver, *listens):
        ours = [row for row in follower.rows if row.fields.get("cid_num") == caller.user]
        calls = {row.call_id for row in ours}
        assert len(calls) == 1
        names = [row.name for row in follower.rows if row.call_id in calls]
        assert names.count("offered") == names.count("final") == names.count("LINKEDID_END") == 1
    stays = [row.name for row in follower.rows if row.source is Source.QUEUE_LOG]
    ends = ("COMPLETEAGENT", "COMPLETECALLER", "ABANDON", "EXITWITHTIMEOUT", "EXITWITHKEY", "WITHDRAW")
    assert stays.count("ENTERQUEUE") == sum(map(stays.count, ends))
