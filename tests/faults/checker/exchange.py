"""What Asterisk itself says now: queues over the manager interface, channels over its console. Our own few lines of AMI."""

from __future__ import annotations

import contextlib
import os
import re
import socket
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from asterisk_conf.exchange import remote
from asterisk_conf.settings import ExchangeSettings
from tests.faults.checker.place import Place

Floor = tuple[dict[str, tuple[str, ...]], dict[str, str]]
"""Queue → waiting legs by position, and seat → state."""

_GONE, _BUSY, _RINGING = {"0", "4", "5"}, {"2", "3", "7", "8"}, {"6"}
_SEAT = re.compile(r"PJSIP/(seat\d{2})")
WRAP_UP, AT_REST = "wrap_up", "at rest"
"""Work after a talk, which a pause keeps; and the queue's own rest after one, of which `QueueStatus` does not tell."""
_ROLL_CALL = "all-seats"
"""Holds every telephone, also of a seat at which nobody is signed in: such a seat serves no queue and is offline."""


def read_floor(place: Place, timeout: float = 30.0) -> Floor | None:
    """`QueueStatus` as the listener's user may ask it; None when Asterisk does not answer."""
    try:
        with socket.create_connection((place.ami_host, place.ami_port), timeout=timeout) as link:
            link.settimeout(timeout)
            messages = _messages(link)
            link.sendall(
                f"Action: Login\r\nActionID: login\r\nUsername: {place.ami_user}\r\nSecret: {place.ami_secret}\r\nEvents: off\r\n\r\n"
                "Action: QueueStatus\r\nActionID: checker\r\n\r\n".encode()
            )
            return _floor(messages)
    except (OSError, StopIteration):
        return None


def _floor(messages: Iterator[dict[str, str]]) -> Floor | None:
    waiting: dict[str, dict[int, str]] = defaultdict(dict)
    paused: dict[str, list[str | None]] = defaultdict(list)
    device: dict[str, str] = {}
    for told in messages:
        queue = told.get("Queue", "").removeprefix("q-")
        match told.get("Event"):
            case "QueueParams":
                waiting[queue] = {}
            case "QueueEntry":
                waiting[queue][int(told["Position"])] = told["Uniqueid"]
            case "QueueMember" if queue != _ROLL_CALL and (
                seat := _SEAT.match(told.get("StateInterface") or told.get("Location", ""))
            ):
                device[seat[1]] = told["Status"]
                paused[seat[1]].append(told.get("PausedReason", "") if told.get("Paused") == "1" else None)
            case "QueueStatusComplete":
                callers = {name: tuple(leg for _, leg in sorted(line.items())) for name, line in waiting.items()}
                return callers, {seat: _state(status, paused[seat]) for seat, status in device.items()}
        if told.get("Response") == "Error":
            return None
    return None


def _state(status: str, reasons: list[str | None]) -> str:
    """`reasons`: one for each of its queues, None where it is not paused; paused in all of them is paused. Work after a talk
    is kept by a pause of that name."""
    if status in _GONE:
        return "offline"
    if status in _BUSY:
        return "talking"
    if status in _RINGING:
        return "ringing"
    if not reasons or None in reasons:
        return "free"
    reason = next(filter(None, reasons), "")
    return WRAP_UP if reason == WRAP_UP else paused_as(reason)


def paused_as(reason: str | None) -> str:
    """How a pause is compared: with its reason."""
    return f"paused ({reason})" if reason else "paused"


def _messages(link: socket.socket) -> Iterator[dict[str, str]]:
    buffer = b""
    while True:
        while b"\r\n\r\n" not in buffer:
            piece = link.recv(65_536)
            if not piece:
                return
            buffer += piece
        message, _, buffer = buffer.partition(b"\r\n\r\n")
        lines = message.decode("utf-8", "replace").split("\r\n")
        yield {name.strip(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon}


def read_channels(place: Place) -> int | None:
    """How many channels are up, by the console; None when it does not answer."""
    with _environment(place):
        settings = ExchangeSettings()
    root = place.environment.get("LINE1420_ASTERISK_ROOT") or place.var / "asterisk-root"
    try:
        told = remote(settings, Path(root) if Path(root).is_dir() else None, "core show channels count")
    except (RuntimeError, OSError):
        return None
    found = re.search(r"(\d+) active channels?", told)
    return int(found[1]) if found else None


@contextlib.contextmanager
def _environment(place: Place) -> Iterator[None]:
    """Read settings as the line's own processes do."""
    before = dict(os.environ)
    os.environ.update({name: value for name, value in place.environment.items() if name.startswith("LINE1420_")})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
