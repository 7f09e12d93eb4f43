"""What `/ready` and `/metrics` make of the files that the other processes write."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile
from prometheus_client.parser import text_string_to_metric_families

from api.db.engine import Sessions
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from tests.integration.api.test_readiness import report
from tests.patience import quickest


def written(folder: Path, process: str, age: float = 0.0, **values: float) -> Path:
    """A process's file with these gauges, written `age` seconds ago. `name__label_value=…` sets a label."""
    folder.mkdir(parents=True, exist_ok=True)
    registry = CollectorRegistry()
    for name, value in values.items():
        name, _, label = name.partition("__")
        key, _, content = label.partition("_")
        gauge = Gauge(name, "of a test", [key] if label else [], registry=registry)
        (gauge.labels(content) if label else gauge).set(value)
    file = folder / f"{process}.prom"
    write_to_textfile(str(file), registry)
    at = SystemClock().now().timestamp() - age
    os.utime(file, (at, at))
    return file


async def reasons(client: httpx2.AsyncClient) -> list[str]:
    return (await client.get("/ready")).json()["reasons"]


async def test_well_processes_leave_it_ready(
    client: httpx2.AsyncClient, sessions: Sessions, settings: ApiSettings
) -> None:
    await report(sessions, board_age=1, follower_age=2)
    written(settings.measures, "listener", line1420_listener_ami_age_seconds=2)
    written(settings.measures, "follower", line1420_ledger_lag_seconds__source_cel=1)
    written(settings.measures, "worker", line1420_jobs_oldest_seconds=3, line1420_disk_level__volume_spool=1)
    assert await reasons(client) == []


@pytest.mark.parametrize(
    ("process", "measure", "value", "word"),
    [
        ("listener", "line1420_listener_ami_age_seconds", 40, "listener for 40 s"),
        ("follower", "line1420_ledger_lag_seconds__source_queue", 31, "ledger was last read to its end 31 s ago"),
        ("worker", "line1420_spool_oldest_seconds", 700, "spool for 700 s"),
        ("worker", "line1420_jobs_oldest_seconds", 130, "job has waited for 130 s"),
        ("worker", "line1420_disk_level__volume_archive", 3, "level 3 of 4"),
    ],
)
async def test_what_one_process_measures_makes_the_line_not_ready(
    client: httpx2.AsyncClient,
    sessions: Sessions,
    settings: ApiSettings,
    process: str,
    measure: str,
    value: float,
    word: str,
) -> None:
    await report(sessions, board_age=1, follower_age=2)
    written(settings.measures, process, **{measure: value})
    (reason,) = await reasons(client)
    assert word in reason
    assert reason.count(". ") <= 2, "a person on call reads one sentence and where to look"


async def test_a_silent_process_is_named_and_its_last_words_are_not_believed(
    client: httpx2.AsyncClient, sessions: Sessions, settings: ApiSettings
) -> None:
    await report(sessions, board_age=1, follower_age=2)
    written(settings.measures, "worker", age=45, line1420_jobs_oldest_seconds=500)
    (reason,) = await reasons(client)
    told = re.search(r"The process worker has written no measures for (\d+) s: ", reason)
    assert told is not None, reason
    assert 45 <= int(told[1]) <= 120


async def test_a_half_written_or_foreign_file_does_not_blind_the_watcher(
    client: httpx2.AsyncClient, sessions: Sessions, settings: ApiSettings
) -> None:
    await report(sessions, board_age=1, follower_age=2)
    written(settings.measures, "worker", line1420_jobs_oldest_seconds=1)
    (settings.measures / "broken.prom").write_bytes(b'line1420_x{a="\xff\n')
    (settings.measures / "follower.prom.123.456").write_text("line1420_ledger_lag_seconds 99\n", encoding="ascii")
    assert await reasons(client) == []
    page = (await client.get("/metrics")).text
    assert 'line1420_jobs_oldest_seconds{process="worker"} 1.0' in page


async def test_all_processes_stand_on_one_page_side_by_side(
    client: httpx2.AsyncClient, sessions: Sessions, settings: ApiSettings
) -> None:
    written(settings.measures, "doors-b", age=20, line1420_doors_conversations=4, line1420_process_starts=7)
    written(settings.measures, "doors-a", line1420_doors_conversations=3, line1420_process_starts=1)
    written(settings.measures, "web", age=500, line1420_process_starts=9)
    page = (await client.get("/metrics")).text
    families = {family.name: family for family in text_string_to_metric_families(page)}
    conversations = {s.labels["process"]: s.value for s in families["line1420_doors_conversations"].samples}
    assert conversations == {"doors-a": 3, "doors-b": 4}
    ages = {s.labels["process"]: s.value for s in families["line1420_process_age_seconds"].samples}
    assert ages["web"] == 0, "the web process speaks for itself, its own old file does not"
    assert 19 < ages["doors-b"] < 80
    assert 0 <= ages["doors-a"] < ages["doors-b"] - 19, "written after the other, whose file says 20 s more"


async def test_how_many_prompts_a_machine_speaks_is_a_measure(
    client: httpx2.AsyncClient, settings: ApiSettings
) -> None:
    assert "line1420_prompts_synthetic" not in (await client.get("/metrics")).text
    report = settings.var / "asterisk" / "sounds" / "report.json"
    report.parent.mkdir(parents=True)
    report.write_text('{"synthetic": ["fa/a", "fa/b"]}', encoding="ascii")
    assert "line1420_prompts_synthetic 2.0" in (await client.get("/metrics")).text


async def test_watching_often_reads_each_file_once(
    app: FastAPI, client: httpx2.AsyncClient, settings: ApiSettings
) -> None:
    values = {f"line1420_x{n}": float(n) for n in range(400)}
    for name in ("doors-a", "doors-b", "follower", "listener", "worker"):
        written(settings.measures, name, **values)
    await client.get("/ready")

    def seconds_each() -> float:
        started = time.perf_counter()
        for _ in range(20):
            app.state.measure_files.read(app.state.clock.now())
        return (time.perf_counter() - started) / 20

    assert quickest(seconds_each, 0.02) < 0.02


@pytest.mark.parametrize("path", ["/live", "/metrics", "/login", "/api/v1/openapi.json"])
async def test_head_answers_as_get_does_and_without_a_body(client: httpx2.AsyncClient, path: str) -> None:
    get, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["content-type"] == get.headers["content-type"]


async def test_head_of_ready_tells_by_its_status(client: httpx2.AsyncClient, sessions: Sessions) -> None:
    assert (await client.head("/ready")).status_code == 503
    await report(sessions, board_age=1, follower_age=2)
    assert (await client.head("/ready")).status_code == 200


async def test_head_opens_no_stream_and_hears_no_recording(
    client: httpx2.AsyncClient, api_token_headers: dict[str, str]
) -> None:
    for path in ("/api/v1/board/stream", "/api/v1/recordings/line1420-1.1-1/audio"):
        assert (await client.head(path, headers=api_token_headers)).status_code == 405
