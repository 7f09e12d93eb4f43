"""Who was refused: Asterisk's security log, read for a measure and one log line a kind. Never for a record.

Wrong passwords, unknown accounts, actions that a manager user may not do: a seat that cannot sign in and a stranger who
tries passwords look the same from outside, and somebody must see both. Names in it are hostile text.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from routing.ledger.rows import clean

LONGEST_LOOK = 1 << 20
"""Bytes read at a time; a storm of tries must not hold the listener."""

_ROW = re.compile(
    r'SecurityEvent="(?P<kind>[A-Za-z]{1,40})",EventTV="[^"]*",Severity="Error",Service="(?P<service>[A-Za-z]{1,20})",'
    r'.*?AccountID="(?P<account>.*?)",SessionID="(?:[0-9a-fx]+)",LocalAddress="[^"]*",'
    r'RemoteAddress="IPV[46]/[A-Z]+/(?P<address>[0-9a-fA-F.:]{2,45})/\d+"'
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that Asterisk refused. `account` is what the other side called itself, cut short."""

    kind: str
    """Asterisk's word: `InvalidAccountID`, `ChallengeResponseFailed`, `InvalidPassword`, `RequestNotAllowed`, …"""
    service: str
    """`PJSIP`, `AMI`, …"""
    account: str
    address: str


def parse(raw: bytes) -> Refusal | None:
    """The refusal in this line; None for any other line."""
    found = _ROW.search(clean(raw))
    return Refusal(found["kind"], found["service"], found["account"][:40], found["address"]) if found else None


class SecurityTail:
    """What is new in the file since the last `read`; what was there before the first one is history."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: tuple[int, int] | None = None
        self._offset = 0

    def read(self) -> Counter[Refusal]:
        """Refusals and how often each came. A missing file holds none; a rotated or cut one is begun anew."""
        try:
            with self._path.open("rb") as file:
                status = os.fstat(file.fileno())
                identity = (status.st_dev, status.st_ino)
                if self._file is None:
                    self._offset = status.st_size
                elif identity != self._file or status.st_size < self._offset:
                    self._offset = 0
                self._file = identity
                file.seek(self._offset)
                data = file.read(LONGEST_LOOK)
        except FileNotFoundError:
            self._file = self._file or (0, 0)  # when it comes, all of it is new
            return Counter()
        end = data.rfind(b"\n") + 1
        if not end and len(data) == LONGEST_LOOK:
            end = len(data)  # a line without end is nothing to wait for
        self._offset += end
        return Counter(_refusals(data[:end].splitlines()))


def _refusals(lines: Iterable[bytes]) -> Iterable[Refusal]:
    return (refusal for line in lines if (refusal := parse(line)) is not None)
