"""What a door server leaves for those who watch it: a file that is fresh while its loop turns."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from agi_scripts.measures import Report
from agi_scripts.server import DoorServer
from ivr.kernel.watchdog import Watchdog
from tests.patience import one_try_of_several


def samples(file: Path) -> dict[str, float]:
    families = text_string_to_metric_families(file.read_text(encoding="utf-8"))
    return {s.name + str(sorted(s.labels.values())): s.value for family in families for s in family.samples}


async def written(folder: Path, process: str = "doors-a", watchdog: Watchdog | None = None) -> dict[str, float]:
    report = Report(folder, process, watchdog or Watchdog(timedelta(seconds=3)))
    report.start()
    while not (folder / f"{process}.prom").exists():
        await asyncio.sleep(0.02)
    await report.stop()
    return samples(folder / f"{process}.prom")


async def test_a_probe_and_a_stranger_are_told_apart_from_a_conversation(tmp_path: Path, doors: DoorServer) -> None:
    before = await written(tmp_path / "before")
    for words in (b"", b"agi_network_script: reception\nagi_arg_1: wrong\n\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", doors.port)
        writer.write(words)
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()
    after = await written(tmp_path / "after")
    gained = {name: after[name] - before.get(name, 0) for name in after if "knocks_total" in name}
    assert gained["line1420_doors_knocks_total['probe']"] == 1
    assert gained["line1420_doors_knocks_total['refused']"] == 1
    assert after["line1420_doors_conversations[]"] == before["line1420_doors_conversations[]"] == 0


@one_try_of_several
async def test_a_loop_that_stood_still_stands_in_the_measures_with_its_place(tmp_path: Path) -> None:
    told: list[str] = []
    watchdog = Watchdog(timedelta(seconds=30), warn=told.append)
    watchdog.start()
    before = await written(tmp_path / "1", watchdog=watchdog)
    await asyncio.sleep(0.3)
    time.sleep(1.6)
    await asyncio.sleep(0.3)
    after = await written(tmp_path / "2", watchdog=watchdog)
    await watchdog.stop()
    assert 1.0 <= after["line1420_process_stall_longest_seconds[]"] < 5
    assert after["line1420_process_stalls_total[]"] == before["line1420_process_stalls_total[]"] + 1
    assert len(told) == 1
    (place,) = told
    assert "time.sleep(1.6)" in place


async def test_a_folder_that_cannot_be_written_costs_the_measures_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="ascii")
    report = Report(tmp_path / "file", "doors-a", Watchdog(timedelta(seconds=3)))
    report.start()
    await asyncio.sleep(0.05)
    await report.stop()
