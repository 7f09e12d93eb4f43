"""Runs one SIPp and reads what it met from its own message log. Loopback only, every run has a hard time limit."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ivr.kernel.errors import Unavailable

_STAMP = re.compile(rb"^-{10,} (\d{4}-\d\d-\d\d)[ T\t]+(\d\d:\d\d:\d\d\.\d+)")
_KIND = re.compile(rb"^(?:UDP message (sent|received)|(.*retransmi.*))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Message:
    """One SIP message: when (local wall clock of this machine), `sent` or not, its first line, and its Call-ID."""

    at: datetime
    sent: bool
    line: str
    call: str = ""


_GIVEN: deque[range] = deque(maxlen=200)
"""Ports handed out lately. A robot binds them only after it has started, so being free now does not mean nobody has them."""


def free_port(span: int = 1) -> int:
    """An even UDP port on loopback with `span` free ports from it on, not given to another robot of this process."""
    for _ in range(500):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1] & ~1
        wanted = range(first, first + span + 1)
        taken = any(wanted.start < given.stop and given.start < wanted.stop for given in _GIVEN)
        if first + span < 65_000 and not taken and all(_is_free(port) for port in wanted):
            _GIVEN.append(wanted)
            return first
    raise Unavailable("no free UDP port on loopback; end other robots first")


def wait_bound(port: int, process: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    """Wait until a SIPp takes messages at its port; raises `Unavailable` when it ended instead."""
    deadline = time.monotonic() + seconds
    while _is_free(port):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise Unavailable(f"SIPp did not open port {port}; its logs lie in the robots' folder")
        time.sleep(0.02)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Sipp:
    """One SIPp process that plays `scenario` from `port`. Files it writes lie in `folder`, named `name.*`."""

    def __init__(
        self,
        folder: Path,
        name: str,
        scenario: str,
        *,
        port: int,
        target: str,
        calls: int = 1,
        limit_seconds: int = 120,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / f"{name}.messages.log"
        self._port = port
        script = folder / f"{name}.xml"
        script.write_text(scenario, encoding="utf-8")
        line = [
            "sipp",
            target,
            "-sf",
            str(script),
            "-m",
            str(calls),
            "-l",
            "1" if calls == 1 else "10",
            "-i",
            "127.0.0.1",
        ]
        line += [
            "-p",
            str(port),
            "-mi",
            "127.0.0.1",
            "-mp",
            str(free_port(8)),
            "-timeout",
            f"{limit_seconds}s",
            "-nostdin",
        ]
        line += ["-trace_msg", "-message_file", str(self.log), "-message_overwrite", "true"]
        line += ["-trace_err", "-error_file", str(folder / f"{name}.errors.log")]
        with (folder / f"{name}.screen.log").open("wb") as screen:
            self.process = subprocess.Popen(line, stdout=screen, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def until_bound(self) -> None:
        """Wait until it takes messages; raises `Unavailable` when it ended instead."""
        wait_bound(self._port, self.process)

    def wait(self, seconds: float) -> int:
        """SIPp's exit code (0 = every call went as written). Ends it when it is not done in time."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            return -1

    def stop(self) -> None:
        """End it now, whatever it is doing."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def messages(self) -> list[Message]:
        """What was sent and received so far, in order."""
        return read_messages(self.log) if self.log.exists() else []

    def first(self, start: str, *, sent: bool | None = None) -> datetime | None:
        """When the first message whose first line begins with `start` passed; `None` if none did."""
        return next((m.at for m in self.messages() if m.line.startswith(start) and sent in (None, m.sent)), None)


def read_messages(log: Path) -> list[Message]:
    """All messages of a SIPp's log, in order."""
    found: list[Message] = []
    at: datetime | None = None
    sent: bool | None = None
    for raw in log.read_bytes().splitlines():
        if stamp := _STAMP.match(raw):
            at = datetime.fromisoformat(f"{stamp[1].decode()}T{stamp[2].decode()[:15]}").astimezone()
            sent = None
        elif kind := _KIND.match(raw):
            sent = (kind[1] or b"sent").lower() == b"sent"
        elif raw.strip() and at is not None and sent is not None:
            found.append(Message(at, sent, raw.decode("utf-8", "replace").strip()))
            at = None
        elif found and not found[-1].call and raw[:8].lower() == b"call-id:":
            found[-1] = replace(found[-1], call=raw[8:].decode("utf-8", "replace").strip())
    return found


def of_its_own_call(messages: Sequence[Message]) -> list[Message]:
    """Those of the call that a caller began. A goodbye to whoever had this port before them may still come."""
    own = next((message.call for message in messages if message.sent), "")
    return [message for message in messages if message.call == own]
