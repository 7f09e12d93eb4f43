"""Five million calls lie in the database; lists, filters and pages still answer within two seconds, and nobody's loop stands still."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
import structlog
from pydantic import SecretStr

from api.access.permissions import READ_SCOPES, Role
from api.db.engine import connect, sessions_of
from api.main import create_app
from api.people.seed import seed_person, seed_token
from api.processes.migrate import bring_up
from api.reports.periods import day_of, month_of
from api.settings import ApiSettings
from ivr.kernel.clock import SystemClock
from tests.line import SHARED_VAR
from tests.load.cluster import Cluster
from tests.load.history import grow

pytestmark = pytest.mark.slow

TOKEN, PASSWORD = "token-of-the-load", "گذرواژه-of-the-load"
PROMISE_SECONDS = 2.0
STALL_SECONDS = 0.1
ASKED = 25
SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
LONG_AGO = timedelta(days=1200)


def questions(newest: datetime) -> dict[str, str]:
    """What people look for, by name; paths of the API and of pages. Some of it is frequent, some rare, some long ago."""
    start = (newest - LONG_AGO).isoformat().replace("+00:00", "Z")
    end = (newest - LONG_AGO + timedelta(days=30)).isoformat().replace("+00:00", "Z")
    calls = "/api/v1/calls"
    long_ago = day_of((newest - LONG_AGO).date())
    its_month = month_of(long_ago.first).name
    return {
        "newest calls": calls,
        "200 newest calls": f"{calls}?limit=200",
        "a caller who calls often": f"{calls}?caller=09120000000",
        "a caller who called once or never": f"{calls}?caller=02100012345",
        "withheld numbers": f"{calls}?caller=withheld",
        "ending: answered": f"{calls}?disposition=answered",
        "ending: lost by a restart, long ago": f"{calls}?disposition=lost_by_restart",
        "ending: none of it ever": f"{calls}?disposition=lost_unknown",
        "queue": f"{calls}?queue=treatment",
        "an agent of today": f"{calls}?agent=operator02",
        "an agent who left years ago": f"{calls}?agent=operator44",
        "an agent nobody knows": f"{calls}?agent=operator99",
        "agent and queue": f"{calls}?agent=operator03&queue=pensions",
        "an agent who left, abandoned (none)": f"{calls}?agent=operator40&disposition=abandoned",
        "a month long ago": f"{calls}?from={start}&to={end}",
        "an agent in that month": f"{calls}?from={start}&to={end}&agent=operator29",
        "a caller in that month": f"{calls}?from={start}&to={end}&caller=09120000001",
        "newest cases": "/api/v1/cases",
        "closed cases": "/api/v1/cases?state=closed",
        "overdue cases": "/api/v1/cases?overdue=true",
        "cases of a caller": "/api/v1/cases?caller=09120000000",
        "the board with today's figures": "/api/v1/board",
        "figures of today": "/api/v1/figures",
        "figures of a day long ago": f"/api/v1/figures?day={long_ago.name}",
        "figures of a month long ago": f"/api/v1/figures?month={its_month}",
        "figures of a queue in that month": f"/api/v1/figures?month={its_month}&queue=pensions",
        "page: figures of a month": f"/figures?month={its_month}",
        "page: calls": "/calls",
        "page: calls of an agent who left": "/calls?agent=operator44",
        "page: calls of a caller": "/calls?caller=09120000000",
        "page: cases": "/cases",
        "page: floor": "/floor",
        "staffing of today": "/api/v1/staffing",
        "staffing of a day ahead": f"/api/v1/staffing?day={(newest + timedelta(days=40)).date()}",
        "staffing of one queue, long ago": f"/api/v1/staffing?queue=insurance&day={(newest - LONG_AGO).date()}",
        "page: staffing": "/staffing",
    }


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="line1420-history-", ignore_cleanup_errors=True) as folder:
        server = Cluster(Path(folder) / "postgres").start()
        try:
            yield server
        finally:
            server.stop()


@pytest.mark.timeout(5400)
async def test_years_of_calls_are_read_as_fast_as_a_day(cluster: Cluster, tmp_path: Path) -> None:
    """At 10 thousand, 100 thousand, a million and five million calls: p95 of every question, and the longest stall."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    await bring_up(cluster.url)
    newest = SystemClock().now() - timedelta(hours=1)
    found: dict[int, dict[str, dict[str, float]]] = {}
    before = 0
    for size in SIZES:
        await grow(cluster.url, before, size, newest)
        before = size
        async with a_reader(cluster.url, tmp_path) as client:
            found[size] = {name: await ask(client, path) for name, path in questions(newest).items()}
        write_table(found)
    slow = {name: figures for name, figures in found[SIZES[-1]].items() if figures["p95"] > PROMISE_SECONDS}
    stalled = {name: figures for name, figures in found[SIZES[-1]].items() if figures["stall"] > STALL_SECONDS}
    assert not slow
    assert not stalled


@asynccontextmanager
async def a_reader(url: str, folder: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """The web application in this very loop, and a supervisor who is logged in and has the read token."""
    settings = ApiSettings(var=folder, database_url=url, api_token=SecretStr(TOKEN))
    engine = connect(url, application="load-history")
    async with sessions_of(engine).begin() as session:
        await seed_token(session, "api", TOKEN, READ_SCOPES)
        await seed_person(session, "supervisor", Role.SUPERVISOR, PASSWORD)
    await engine.dispose()
    app = create_app(settings)
    gc.collect()
    gc.freeze()  # as the web process does; the tests' own heap is none of its business
    async with app.router.lifespan_context(app):
        transport = httpx2.ASGITransport(app=app)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://line.test", timeout=120) as client:
            form = {"username": "supervisor", "password": PASSWORD, "next": "/"}
            assert (await client.post("/login", data=form)).status_code == 303
            client.headers.update(headers)
            yield client


async def ask(client: httpx2.AsyncClient, path: str) -> dict[str, float]:
    """Ask many times; seconds (median, p95), and the longest the loop worked on without a pause."""
    headers = {} if path.startswith("/api") else {"Authorization": ""}
    taken: list[float] = []
    await client.get(
        path, headers=headers
    )  # the first question of a process also compiles and loads what all others use
    async with watched_loop() as stalls:
        for _ in range(ASKED):
            began = time.perf_counter()
            answer = await client.get(path, headers=headers)
            taken.append(time.perf_counter() - began)
            assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
    ordered = sorted(taken)
    p95 = ordered[int(len(ordered) * 0.95)]
    return {"median": round(statistics.median(taken), 4), "p95": round(p95, 4), "stall": round(max(stalls), 4)}


@asynccontextmanager
async def watched_loop() -> AsyncIterator[list[float]]:
    """Collects how long this loop's own work kept a timer of 5 ms from coming.

    Counted is the processor time of the loop's thread: on a machine that also runs other tests, the clock on the wall
    would count what those take."""
    late = [0.0]

    async def watch() -> None:
        while True:
            began = time.thread_time()
            await asyncio.sleep(0.005)
            late.append(time.thread_time() - began)

    watcher = asyncio.create_task(watch())
    try:
        yield late
    finally:
        watcher.cancel()
        await asyncio.gather(watcher, return_exceptions=True)


def write_table(found: dict[int, dict[str, dict[str, float]]]) -> None:
    """Print p95 in milliseconds by size, and keep everything under `var/bench/` for the documents."""
    folder = SHARED_VAR / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    body: dict[str, Any] = {
        "made by": "make test-all ARGS=tests/load/test_history.py",
        "unit": "seconds",
        "sizes": {str(size): rows for size, rows in found.items()},
    }
    (folder / "history.json").write_text(json.dumps(body, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    last = max(found)
    print("\np95 in ms at " + ", ".join(f"{size:,}" for size in found) + " calls; longest stall at the last size")
    for name in found[last]:
        row = " ".join(f"{found[size][name]['p95'] * 1000:8.0f}" for size in found)
        print(f"{name:40} {row} {found[last][name]['stall'] * 1000:8.0f}", flush=True)
