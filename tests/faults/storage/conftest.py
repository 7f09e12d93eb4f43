"""A whole line whose spool, archive, ledgers and database lie on four small disks."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from asterisk_conf.stage import postgres
from tests.faults.storage.small_disk import SmallDisk, move_onto
from tests.line import PATIENT, Line, ports_of, start_line, stop_line
from tests.scenarios.on_the_line.callers import Scenario, scenario

SLOT = 3
MESSAGE_ROOM = 400_000
"""Bytes that must be free for a message: small, as the disks are."""


@dataclass
class Disks:
    """The line's volumes, each a few megabytes."""

    spool: SmallDisk
    archive: SmallDisk
    ledger: SmallDisk
    database: SmallDisk


@dataclass
class SmallLine:
    line: Line
    disks: Disks

    def log(self, program: str) -> str:
        return (self.line.var / "log" / f"{program}.log").read_text(encoding="utf-8", errors="replace")

    @property
    def spool(self) -> Path:
        return self.line.var / "spool"

    @property
    def cel(self) -> str:
        path = self.line.var / "asterisk" / "log" / "cel-custom" / "line.csv"
        return path.read_text(encoding="utf-8", errors="replace")

    def milestones(self, number: str) -> list[str]:
        """Rows of the ledger that name this caller, as text."""
        return [row for row in self.cel.splitlines() if f'"{number}"' in row]


@pytest.fixture(scope="module")
def small_line() -> Iterator[SmallLine]:
    var = Path(tempfile.mkdtemp(prefix="line1420-disks-"))
    mounted: list[SmallDisk] = []
    running: Line | None = None
    try:
        for name, size in (("spool", "6m"), ("archive", "6m"), ("asterisk/log", "3m")):
            mounted.append(SmallDisk(var / name, size))
        postgres.ensure_cluster(var / "postgres", int(ports_of(SLOT)["LINE1420_DATABASE_PORT"]))
        mounted.append(move_onto(var / "postgres", "128m"))
        running = start_line(slot=SLOT, var=var, LINE1420_MESSAGE_ROOM=str(MESSAGE_ROOM), **PATIENT)
        yield SmallLine(running, Disks(*mounted))
    finally:
        try:
            if running is not None:
                stop_line(running)
        finally:
            for disk in mounted:
                disk.unmount()
            shutil.rmtree(var, ignore_errors=True)


@pytest.fixture
def play(small_line: SmallLine, tmp_path: Path) -> Iterator[Scenario]:
    with scenario(small_line.line, tmp_path) as running:
        yield running
    disks = small_line.disks
    for disk in (disks.spool, disks.archive, disks.ledger, disks.database):
        disk.empty()
