"""What a robot caller lacks: it does not hear that an operator has answered, because to SIP the line answered long before.

So whoever sees the operators' log tells the callers, by a NOTIFY inside their own call that comes from no exchange. A
caller with steps for a talk (`Crowd(…, with_operator=…)`) then stops being impatient. Nothing of it reaches the line.

    with Ear(crew.log, crowds):
        …
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from asterisk_conf.robots.crowd import Crowd

_LOOK_EVERY = 0.05
"""Seconds; a caller hears nobody sooner, either."""


class Growing:
    """A log that is being written: `lines()` gives those that came since the last time, without a half one."""

    def __init__(self, path: Path) -> None:
        self._path, self._at, self._rest = path, 0, b""

    def lines(self) -> Iterator[list[str]]:
        """Each as its columns."""
        if not self._path.exists():
            return
        with self._path.open("rb") as file:
            file.seek(self._at)
            new = file.read()
        self._at += len(new)
        *whole, self._rest = (self._rest + new).split(b"\n")
        for line in whole:
            yield line.decode("utf-8", "replace").rstrip("\r").split("\t")


class Ear:
    """Tells callers of `crowds`, as long as it is entered, when somebody of the crew has answered them."""

    def __init__(self, crew_log: Path, crowds: Sequence[Crowd]) -> None:
        self._crew = Growing(crew_log)
        self._callers = [(crowd.port, Growing(crowd.log)) for crowd in crowds]
        self._calls: dict[str, tuple[int, str, str]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ear", daemon=True)
        self.told = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)

    def _run(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            mouth.bind(("127.0.0.1", 0))
            while not self._stop.wait(_LOOK_EVERY):
                for port, log in self._callers:
                    for number, _, _, _, event, *more in (row for row in log.lines() if len(row) > 4):
                        if event == "answered" and len(more) == 2:
                            self._calls[number] = (port, more[0], more[1])
                for _, number, _, _, _, event, *_ in (row for row in self._crew.lines() if len(row) > 5):
                    if event == "answered" and number in self._calls:
                        port, call, to = self._calls[number]
                        mouth.sendto(_notify(call, to), ("127.0.0.1", port))
                        self.told += 1


def _notify(call_id: str, to: str) -> bytes:
    """`to` is the caller's own To header with the exchange's tag: SIPp writes its next request after the last one it read."""
    head = [
        "NOTIFY sip:caller@127.0.0.1 SIP/2.0",
        "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKear",
        "From: <sip:ear@127.0.0.1>;tag=ear",
        to if to.startswith("To:") else f"To: {to}",
        f"Call-ID: {call_id}",
        "CSeq: 1 NOTIFY",
        "Content-Length: 0",
    ]
    return ("\r\n".join(head) + "\r\n\r\n").encode()
