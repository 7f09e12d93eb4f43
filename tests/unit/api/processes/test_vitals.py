"""The watchdog and the file of measures of the written side's processes, with loops that really stand still."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.processes import vitals
from api.processes.vitals import Vitals
from api.settings import ApiSettings
from tests.patience import LIMIT, until

REPOSITORY = Path(__file__).resolve().parents[4]

BLOCKED = """
import asyncio, time
from datetime import timedelta
from pathlib import Path
from api.http.logs import start_logging
from api.processes.vitals import Vitals
from api.settings import ApiSettings

async def work():
    settings = ApiSettings(var=Path({var!r}), stall_limit=timedelta(seconds=1.6))
    async with Vitals("follower", settings):
        await asyncio.sleep(0.3)
        print("stands still", flush=True)
        time.sleep(60)  # here

start_logging("follower")
asyncio.run(work())
"""


async def is_saved(ended: Vitals) -> None:
    """Its end waits a second at most for the thread that saves; a busy machine takes longer."""
    saving = ended._saving  # pyright: ignore[reportPrivateUsage]
    if saving is not None:
        await asyncio.wait((saving,), timeout=LIMIT)


def value(file: Path, name: str) -> float:
    families = text_string_to_metric_families(file.read_text(encoding="utf-8"))
    return next(s.value for family in families for s in family.samples if s.name == name)


def test_a_loop_that_stands_still_is_told_and_then_ended(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", BLOCKED.format(var=str(tmp_path))], cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "stands still\n"
        started = time.monotonic()
        _, errors = process.communicate(timeout=100)
    assert process.returncode == -signal.SIGABRT
    assert time.monotonic() - started < 60
    told = [json.loads(line)["place"] for line in errors.splitlines() if "process.loop_stalled" in line]
    assert any("<string>:14 work" in place for place in told), told  # a busy machine may have stood still before
    assert "line 14 in work" in errors, "the traceback of the abort names the place too"
    assert value(tmp_path / "run" / "metrics" / "follower.prom", "line1420_process_starts") == 1


async def test_the_file_is_written_again_and_again_and_stops_with_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vitals, "EVERY", vitals.EVERY / 100)
    file = tmp_path / "run" / "metrics" / "listener.prom"
    measured: list[float] = []
    async with Vitals("listener", ApiSettings(var=tmp_path), measure=lambda: measured.append(1)) as ended:
        await until(lambda: len(measured) >= 3 and file.exists())
    await is_saved(ended)
    written = file.stat().st_mtime_ns
    await asyncio.sleep(0.2)
    assert file.stat().st_mtime_ns == written
    assert value(file, "line1420_build_info") == 1


async def test_what_cannot_be_measured_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vitals, "LOOK_EVERY", vitals.LOOK_EVERY / 200)
    monkeypatch.setattr(vitals, "EVERY", vitals.EVERY / 100)
    looks: list[int] = []

    async def look() -> None:
        looks.append(1)
        raise ConnectionError("the database is away")

    def measure() -> None:
        if len(looks) < 2:
            raise ZeroDivisionError("a fault of ours")

    async with Vitals("worker", ApiSettings(var=tmp_path), look=look, measure=measure):
        async with asyncio.timeout(60):  # drawing the first error takes its time
            while len(looks) <= 3 or not (tmp_path / "run" / "metrics" / "worker.prom").exists():
                await asyncio.sleep(0.05)


async def test_each_start_is_counted_within_one_run_of_the_line(tmp_path: Path) -> None:
    file = tmp_path / "run" / "metrics" / "web.prom"
    for expected in (1, 2, 3):
        file.unlink(missing_ok=True)
        async with Vitals("web", ApiSettings(var=tmp_path)) as ended:
            await until(file.exists)
        await is_saved(ended)
        assert value(file, "line1420_process_starts") == expected
