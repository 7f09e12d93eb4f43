"""Talks to the line's supervisord over its unix socket: start, stop, list, and end all.

Also a small command: `python -m asterisk_conf.stage.supervision stop postgres` (or `start`, `kill`, `status`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from pathlib import Path
from typing import Any, cast

from supervisor.xmlrpc import SupervisorTransport

from asterisk_conf.stage.settings import StageSettings

STOP_LIMIT_SECONDS = 45.0


def socket_path(var: Path) -> Path:
    """The supervisor's socket. A unix socket's path is limited to 107 bytes, so deep folders get one under /tmp."""
    near = var.resolve() / "run" / "supervisor.sock"
    if len(str(near)) < 100:
        return near
    name = str(var.resolve()).replace("/", "_")[-60:]
    return Path(tempfile.gettempdir()) / f"line1420-{os.getuid()}{name}.sock"


class Supervision:
    """The running supervisor of one line."""

    def __init__(self, var: Path) -> None:
        self._socket = f"unix://{socket_path(var)}"

    def _call(self, name: str, *args: object) -> Any:
        # A connection of its own for each call: one that was refused or interrupted once is never usable again.
        transport = cast("Any", SupervisorTransport(None, None, serverurl=self._socket))
        with xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(cast("Any", server).supervisor, name)(*args)

    def answers(self) -> bool:
        """Whether the supervisor is up."""
        try:
            return self._call("getState")["statename"] == "RUNNING"
        except (OSError, xmlrpc.client.Error):
            return False

    def start(self, name: str, *, wait: bool = True) -> None:
        """Start a program; one that runs already is left alone. A program that cannot start names its log."""
        try:
            self._call("startProcess", name, wait)
        except xmlrpc.client.Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                raise SystemExit(
                    f"{name} does not start ({fault.faultString}); see its log in the log folder"
                ) from fault

    def stop(self, name: str) -> None:
        """Stop a program and wait until it has gone."""
        try:
            self._call("stopProcess", name, True)
        except xmlrpc.client.Fault as fault:
            if "NOT_RUNNING" not in fault.faultString:
                raise

    def signal(self, name: str, signal_name: str) -> None:
        """Send a signal (`KILL`, `STOP`, `CONT`) to a program's first process."""
        os.kill(self.pids()[name], getattr(signal, f"SIG{signal_name}"))

    def states(self) -> dict[str, str]:
        """Program → `RUNNING`, `STOPPED`, `FATAL`, …"""
        return {info["name"]: info["statename"] for info in self._call("getAllProcessInfo")}

    def pids(self) -> dict[str, int]:
        """Program → process id of those that run."""
        return {info["name"]: info["pid"] for info in self._call("getAllProcessInfo") if info["pid"]}

    def pids_if_told(self) -> dict[str, int]:
        """As `pids`; nothing while the supervisor is too busy to say."""
        try:
            return self.pids()
        except (OSError, xmlrpc.client.Error):
            return {}

    def shutdown(self, process: subprocess.Popen[bytes] | None = None) -> None:
        """End every program in the reverse of its start, then the supervisor; kill what does not go in time."""
        try:
            self._call("stopAllProcesses", True)
            self._call("shutdown")
        except (OSError, xmlrpc.client.Error):
            if process is not None:
                process.terminate()
        if process is None:
            return
        deadline = time.monotonic() + STOP_LIMIT_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        if process.poll() is None:
            process.kill()
            process.wait()


def main() -> None:
    verbs = {"start", "stop", "kill", "freeze", "thaw", "status"}
    if len(sys.argv) < 2 or sys.argv[1] not in verbs or (sys.argv[1] != "status" and len(sys.argv) != 3):
        raise SystemExit(
            "usage: python -m asterisk_conf.stage.supervision start|stop|kill|freeze|thaw PROGRAM, or status"
        )
    supervision = Supervision(StageSettings().var)
    if not supervision.answers():
        raise SystemExit("the line does not run; start it with: make run")
    match sys.argv[1:]:
        case ["status"]:
            for name, state in supervision.states().items():
                print(f"{name:10} {state}")
        case ["start", name]:
            supervision.start(name)
        case ["stop", name]:
            supervision.stop(name)
        case [verb, name]:
            supervision.signal(name, {"kill": "KILL", "freeze": "STOP", "thaw": "CONT"}[verb])


if __name__ == "__main__":
    main()
