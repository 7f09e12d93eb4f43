"""Both door servers are gone and Asterisk sees our Python: it starts the menu itself."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from asterisk_conf.robots.caller import Caller, Keys
from asterisk_conf.rootfs import ensure_root
from tests.asterisk.exchange import REPOSITORY, Exchange


@pytest.fixture(scope="module")
def without_doors() -> Iterator[Exchange]:
    """A process that comes late is waited for: what is told here is no limit."""
    root = ensure_root(REPOSITORY / "var", None)
    if root is not None and Path(sys.base_prefix).resolve().is_relative_to("/usr"):
        pytest.skip("a packaged Asterisk does not see the Python of the system")
    bench = Exchange(Path(tempfile.mkdtemp(prefix="line1420-bench-")), root, process_agi=True)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("asterisk_conf.render.PROCESS_LEASE_SECONDS", 60)
            bench.start().close_doors()
        yield bench
    finally:
        bench.stop()


def test_the_caller_walks_the_menu_without_a_door_server(without_doors: Exchange, tmp_path: Path) -> None:
    caller = Caller(tmp_path, without_doors.target, user="09129990001", keys=Keys.INFO)
    caller.pause(8).press("12").pause(60).hang_up().dial()
    try:
        assert without_doors.await_row(caller.user, "decision").fields["queue"] == "pensions"
        without_doors.await_row(caller.user, "talk", queue="pensions")
    finally:
        caller.stop()
    fallbacks = [row.fields for row in without_doors.rows(caller.user) if row.name == "fallback"]
    assert [row["reason"] for row in fallbacks if row["door"] == "reception"] == ["unreachable", "unreachable"]


def test_a_process_that_dies_in_mid_menu_leaves_the_fixed_prompts(without_doors: Exchange, tmp_path: Path) -> None:
    caller = Caller(tmp_path, without_doors.target, user="09129990002", keys=Keys.INFO)
    caller.until_bye(60).dial()
    try:
        without_doors.await_row(caller.user, "step")
        for process in processes_of(without_doors):
            os.kill(process, signal.SIGKILL)
        assert without_doors.await_row(caller.user, "queue").fields["queue"] == "general"
    finally:
        caller.stop()
    fallbacks = [row.fields for row in without_doors.rows(caller.user) if row.fields.get("door") == "reception"]
    assert fallbacks[2] == {"door": "reception", "server": "process", "reason": "unfinished"}


def processes_of(exchange: Exchange) -> list[int]:
    """Menus that this Asterisk started; those of other lines on the machine are not ours to kill."""
    mine = f"LINE1420_VAR={exchange.var}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (
                b"agi_scripts.fallback" in (folder / "cmdline").read_bytes()
                and mine in (folder / "environ").read_bytes()
            ):
                found.append(int(folder.name))
        except OSError:
            continue
    return found
