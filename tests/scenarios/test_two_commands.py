"""The two commands of the README in a clean clone: `make run` opens the line and leaves nothing behind, `make test` tests.

The clone has no .venv or node_modules. Only the Debian root that holds Asterisk and most prompts are lent to it (packages
and a synthesiser that say nothing about us), and `make test` runs a part of the suite: the whole is running already. That one is slow and runs in the long suite only: `.ci/run`
does the same in earnest on a machine that has nothing.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.line import REPOSITORY, SHARED_VAR
from tests.scenarios.on_the_line.callers import eventually

pytestmark = [pytest.mark.line, pytest.mark.timeout(900)]

PROMPTS_TO_MAKE = ("fa/line/welcome.wav", "en/line/welcome.wav")


def free_ports(count: int) -> list[int]:
    """TCP ports on loopback that nobody uses, so that two runs of this test do not meet."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """What a newcomer has after `git clone`, and their environment."""
    folder = tmp_path_factory.mktemp("newcomer") / "line1420"
    subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(REPOSITORY), str(folder)], check=True)
    shutil.copytree(SHARED_VAR / "asterisk" / "sounds", folder / "var" / "asterisk" / "sounds")
    for prompt in PROMPTS_TO_MAKE:
        (folder / "var" / "asterisk" / "sounds" / prompt).unlink()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LINE1420_", "VIRTUAL_ENV"))
    }
    environment["PATH"] = environment["PATH"].replace(f"{REPOSITORY}/.venv/bin:", "")
    web, database, sip, ami, http, agi, second_agi = free_ports(7)
    ports = {
        "LINE1420_WEB_PORT": str(web),
        "LINE1420_DATABASE_PORT": str(database),
        "LINE1420_SIP_PORT": str(sip),
        "LINE1420_AMI_PORT": str(ami),
        "LINE1420_HTTP_PORT": str(http),
        "LINE1420_AGI_PORTS": json.dumps([agi, second_agi]),
    }
    return folder, environment | ports | {"LINE1420_ASTERISK_ROOT": str(SHARED_VAR / "asterisk-root")}


def running_from(folder: Path) -> list[str]:
    """Commands of processes that were started from this clone."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [row for row in listed.splitlines() if str(folder) in row and "ps -eo" not in row]


def board_is_fresh(run: dict[str, Any]) -> bool:
    token = {"Authorization": f"Bearer {run['api_token']}"}
    board = httpx2.get(f"{run['urls']['api']}/board", headers=token, timeout=30)
    assert board.status_code == 200
    return board.json()["stale"] is False


def test_make_run_opens_the_line_and_ctrl_c_leaves_nothing(clone: tuple[Path, dict[str, str]]) -> None:
    folder, environment = clone
    said = folder.parent / "said.log"
    with said.open("wb") as out:
        process = subprocess.Popen(
            ["make", "run"], cwd=folder, env=environment, stdout=out, stderr=out, process_group=0
        )
    try:
        handshake = folder / "var" / "run.json"
        deadline = time.monotonic() + 600
        while not handshake.exists():
            assert process.poll() is None, said.read_text("utf-8", "replace")
            assert time.monotonic() < deadline, said.read_text("utf-8", "replace")
            time.sleep(0.2)
        run = json.loads(handshake.read_text("utf-8"))
        assert handshake.stat().st_mode & 0o777 == 0o600
        assert set(run) == {"urls", "ports", "asterisk_root", "accounts", "seats", "api_token", "pids"}
        assert len(run["seats"]) == 16
        eventually(lambda: board_is_fresh(run), seconds=60, what="the board is fresh")
        text = said.read_text("utf-8", "replace")
        assert run["urls"]["floor"] in text
        assert run["urls"]["dial"] in text
        assert all(
            (folder / "var" / "asterisk" / "sounds" / prompt).stat().st_size > 1000 for prompt in PROMPTS_TO_MAKE
        )
    finally:
        # Ctrl-C reaches the whole foreground group, make included.
        with contextlib.suppress(ProcessLookupError):  # it has ended by itself; the assertion above says why
            os.killpg(process.pid, signal.SIGINT)
        process.wait(180)
    assert not handshake.exists()
    eventually(lambda: not running_from(folder), seconds=30, what=f"nothing is left of {running_from(folder)}")


@pytest.mark.slow
def test_make_test_sets_up_for_itself_and_runs(clone: tuple[Path, dict[str, str]]) -> None:
    folder, environment = clone
    done = subprocess.run(
        ["make", "test", "ARGS=tests/unit/ivr/menu tests/house/test_seam.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
