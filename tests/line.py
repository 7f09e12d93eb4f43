"""A whole line of our own for tests: `asterisk_conf.stage.run` in its own folder, on its own ports."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from asterisk_conf.stage import postgres
from asterisk_conf.stage.supervision import Supervision
from tests.first_start import REPOSITORY, begin_with_first_start

SHARED_VAR = REPOSITORY / "var"
PORTS = {
    "LINE1420_WEB_PORT": 18000,
    "LINE1420_DATABASE_PORT": 15420,
    "LINE1420_SIP_PORT": 15060,
    "LINE1420_AMI_PORT": 15038,
    "LINE1420_HTTP_PORT": 18088,
}
"""Ports of the line in slot 0; each further slot has its own, a hundred higher."""
AGI_PORTS = (14573, 14574)
SLOT_SHIFT = "LINE1420_TEST_SLOT_SHIFT"
"""Set by the suite for a lane whose lines must not meet those of another."""
PATIENT = {"LINE1420_LEASE_SLACK": "PT10S", "LINE1420_DESK_LIMIT": "PT5S", "LINE1420_SEAT_LIMIT": "PT20S"}
"""For a line on which these limits are not what is tested: a machine that stands still for a moment ends no caller's lease and
misses no look-up."""
CALLER_NAME = "Mina Hamrahi"
"""What the callers of `Scenario` are called by the network; the checker looks that it stands in no log."""
RTP_PORTS = 1_000
"""Each slot's share of the ports from 20000 on, below those that Linux hands out."""


def ports_of(slot: int) -> dict[str, str]:
    """The port settings of the line in `slot` (0–11), so that several lines run side by side."""
    slot += int(os.environ.get(SLOT_SHIFT, "0"))
    first = 20_000 + RTP_PORTS * slot
    return {
        **{name: str(port + 100 * slot) for name, port in PORTS.items()},
        "LINE1420_AGI_PORTS": json.dumps([port + 100 * slot for port in AGI_PORTS]),
        "LINE1420_RTP_FIRST": str(first),
        "LINE1420_RTP_LAST": str(first + RTP_PORTS - 1),
    }


@dataclass
class Line:
    """A running line, as a phone, a tool or a browser would find it: through its `run.json`."""

    var: Path
    process: subprocess.Popen[bytes]
    run: dict[str, Any]
    environment: dict[str, str]

    @property
    def supervision(self) -> Supervision:
        return Supervision(self.var)

    @property
    def web(self) -> str:
        return self.run["urls"]["web"]

    @property
    def sip_port(self) -> int:
        return self.run["ports"]["sip"]

    def api(self) -> httpx2.Client:
        """A client with the read token."""
        return httpx2.Client(
            base_url=self.run["urls"]["api"], headers={"Authorization": f"Bearer {self.run['api_token']}"}, timeout=30
        )

    def password(self, account: str) -> str:
        return self.run["accounts"][account]["password"]

    def module(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one of our commands against this line, as `make refold` does."""
        return subprocess.run(
            [sys.executable, "-m", name, *arguments],
            env=self.environment,
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def logs(self, lines: int = 15) -> str:
        """The last lines of every log, for a failing test's message."""
        parts = []
        for log in sorted((self.var / "log").glob("*.log")):
            tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:]
            parts.append(f"--- {log.name}\n" + "\n".join(tail))
        return "\n".join(parts)


def start_line(slot: int = 0, var: Path | None = None, **settings: str) -> Line:
    """Start a line with test settings in `slot`; fails with the logs when it is not ready in time.

    `var` is an existing folder to keep its data in; without it the line makes one of its own.
    """
    var = var or Path(tempfile.mkdtemp(prefix="line1420-test-"))
    sounds = SHARED_VAR / "asterisk" / "sounds"
    if sounds.is_dir():
        # Making the prompts takes a while; those made before are the same ones.
        shutil.copytree(sounds, var / "asterisk" / "sounds", dirs_exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINE1420_")}
    environment |= {
        "LINE1420_VAR": str(var),
        "LINE1420_ASTERISK_ROOT": str(SHARED_VAR / "asterisk-root"),
        "LINE1420_CLOCK_OPEN": "always",
        "LINE1420_SIGN_IN": "telephone",
        "LINE1420_TEST_CONTEXTS": "true",
        "LINE1420_SYSTEMNAME": "test1420",
        "LINE1420_LEDGER_REST": "PT1S",  # hundreds of cases wait for a record
        "LINE1420_READY_LIMIT": "PT5M",  # other lanes may have both processors meanwhile
        **ports_of(slot),
        **settings,
    }
    process = _started(var, environment)
    run = json.loads((var / "run.json").read_text(encoding="utf-8"))
    # Later commands against this line need its secrets, the way its own processes have them.
    for row in (var / "line.env").read_text(encoding="utf-8").splitlines():
        name, sign, value = row.partition("=")
        if sign and not row.startswith("#"):
            environment[name] = value
    environment["LINE1420_DATABASE_URL"] = postgres.database_url(
        var / "postgres", int(environment["LINE1420_DATABASE_PORT"])
    )
    return Line(var, process, run, environment)


def _started(var: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """The line's process when the line is ready. One starts at a time: ten interpreters that load their modules take both
    processors for a while, and robots of another lane may be on the telephone."""
    SHARED_VAR.mkdir(exist_ok=True)
    with (SHARED_VAR / "test-start.lock").open("w") as turn, (var / "stage.out").open("wb") as out:
        fcntl.flock(turn, fcntl.LOCK_EX)
        begin_with_first_start(var, SHARED_VAR)
        process = subprocess.Popen(
            [sys.executable, "-m", "asterisk_conf.stage.run"], cwd=REPOSITORY, env=environment, stdout=out, stderr=out
        )
        try:
            deadline = time.monotonic() + 420
            while not (var / "run.json").exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    said = (var / "stage.out").read_text(encoding="utf-8", errors="replace")
                    line = Line(var, process, {}, environment)
                    raise AssertionError(f"the line did not start:\n{said}\n{line.logs()}")
                time.sleep(0.1)
        except BaseException:  # whatever ends the wait, a limit of the test or Ctrl-C: nothing is left running
            _end(process)
            raise
    return process


def stop_line(line: Line) -> None:
    """End it the way Ctrl-C does, and leave nothing behind."""
    try:
        _end(line.process)
    finally:
        if not os.environ.get("LINE1420_KEEP"):
            shutil.rmtree(line.var, ignore_errors=True)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(180)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
