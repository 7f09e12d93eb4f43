"""The two commands of the README in a clean clone: `make run` opens the line and leaves nothing behind, `make test` tests.

The clone has no var/, .venv or node_modules. Only the Debian root that holds Asterisk is lent to it (half a minute of
packages that say nothing about us), and `make test` runs a part of the suite: the whole is running already.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import httpx2
import pytest

from tests.line import REPOSITORY, SHARED_VAR

pytestmark = [pytest.mark.line, pytest.mark.timeout(420)]

PORTS = {
    "LINE1420_WEB_PORT": "19000",
    "LINE1420_DATABASE_PORT": "16420",
    "LINE1420_SIP_PORT": "16060",
    "LINE1420_AMI_PORT": "16038",
    "LINE1420_HTTP_PORT": "19088",
    "LINE1420_AGI_PORTS": "[15573,15574]",
    "LINE1420_RTP_FIRST": "21000",
    "LINE1420_RTP_LAST": "21999",
}


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """What a newcomer has after `git clone`, and their environment."""
    folder = tmp_path_factory.mktemp("newcomer") / "line1420"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(REPOSITORY), str(folder)], check=True)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LINE1420_", "VIRTUAL_ENV"))
    }
    environment["PATH"] = environment["PATH"].replace(f"{REPOSITORY}/.venv/bin:", "")
    return folder, environment | PORTS | {"LINE1420_ASTERISK_ROOT": str(SHARED_VAR / "asterisk-root")}


def running_from(folder: Path) -> list[str]:
    """Commands of processes that were started from this clone."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [row for row in listed.splitlines() if str(folder) in row and "ps -eo" not in row]


def test_make_run_opens_the_line_and_ctrl_c_leaves_nothing(clone: tuple[Path, dict[str, str]]) -> None:
    folder, environment = clone
    said = folder.parent / "said.log"
    with said.open("wb") as out:
        process = subprocess.Popen(
            ["make", "run"], cwd=folder, env=environment, stdout=out, stderr=out, start_new_session=True
        )
    try:
        handshake = folder / "var" / "run.json"
        deadline = time.monotonic() + 300
        while not handshake.exists():
            assert process.poll() is None, said.read_text("utf-8", "replace")
            assert time.monotonic() < deadline, said.read_text("utf-8", "replace")
            time.sleep(0.2)
        run = json.loads(handshake.read_text("utf-8"))
        assert handshake.stat().st_mode & 0o777 == 0o600
        assert set(run) == {"urls", "ports", "accounts", "seats", "api_token", "pids"}
        assert len(run["seats"]) == 16
        board = httpx2.get(f"{run['urls']['api']}/board", headers={"Authorization": f"Bearer {run['api_token']}"})
        assert board.status_code == 200
        assert board.json()["stale"] is False
        text = said.read_text("utf-8", "replace")
        assert run["urls"]["floor"] in text
        assert run["urls"]["dial"] in text
    finally:
        # Ctrl-C reaches the whole foreground group, make included.
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
    assert not handshake.exists()
    assert running_from(folder) == []


def test_make_test_sets_up_for_itself_and_runs(clone: tuple[Path, dict[str, str]]) -> None:
    folder, environment = clone
    done = subprocess.run(
        ["make", "test", "ARGS=tests/unit/ivr/menu tests/house/test_seam.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
