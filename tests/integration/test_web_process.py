"""The web process as `make run` starts it: a program with a port, a log and a clean end."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.integration.conftest import Server, free_port
from tests.patience import quickest

pytestmark = pytest.mark.timeout(300)


@contextmanager
def web(database_url: str, var: Path) -> Iterator[tuple[subprocess.Popen[str], str, Path]]:
    port = free_port()
    log = var / "web.log"
    environment = os.environ | {
        "LINE1420_DATABASE_URL": database_url,
        "LINE1420_WEB_PORT": str(port),
        "LINE1420_VAR": str(var),
    }
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "api.processes.web"], env=environment, stderr=stderr, text=True
        )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 120
        while process.poll() is None:
            try:
                assert httpx2.get(f"{url}/live", timeout=30).status_code == 200
                break
            except httpx2.ConnectError:
                assert time.monotonic() < deadline, "the web process does not listen"
                time.sleep(0.1)
        assert process.poll() is None, log.read_text()
        yield process, url, log
    finally:
        process.kill()
        process.wait()


def test_it_answers_logs_json_and_ends_on_sigterm(database_url: str, tmp_path: Path) -> None:
    assert quickest(lambda: seconds_to_its_end(database_url, tmp_path), 4) < 4


def seconds_to_its_end(database_url: str, tmp_path: Path) -> float:
    with web(database_url, tmp_path) as (process, url, log):
        answer = httpx2.get(f"{url}/api/v1/me", headers={"x-request-id": "who-asked-1"}, timeout=30)
        assert answer.status_code == 401
        assert httpx2.get(f"{url}/ready", timeout=30).json()["reasons"]
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in {0, -signal.SIGTERM}
        seconds = time.monotonic() - asked
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        (request,) = [line for line in lines if line.get("request_id") == "who-asked-1"]
        assert (request["event"], request["status"], request["process"]) == ("http.request", 401, "web")
        assert not [line for line in lines if line["level"] == "error"]
        return seconds


def test_it_starts_without_its_database_and_works_once_it_is_there(
    database_url: str, postgres_server: Server, tmp_path: Path
) -> None:
    postgres_server.stop()
    try:
        with web(database_url, tmp_path) as (_, url, _log):
            away = httpx2.get(f"{url}/api/v1/me", headers={"authorization": "Bearer x"}, timeout=30)
            assert away.status_code == 503
            postgres_server.start()
            again = httpx2.get(f"{url}/api/v1/me", headers={"authorization": "Bearer x"}, timeout=30)
            assert again.status_code == 401
    finally:
        if postgres_server.process is None:
            postgres_server.start()
