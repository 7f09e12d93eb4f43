"""How full a disk may be before which part of the line steps back. Pure; `recordings/adapters/volumes.py` measures.

Asterisk does not tell that a disk is full: `RECORD FILE` says success, MixMonitor says nothing, the ledgers lose rows
without a word. So we step back before it happens, the least needed first, and what a caller was promised comes last:

    below 20 % free   a person is warned
    below 10 %        an alarm; talks are no longer carried to an archive on this disk, they wait in the spool
    below  5 %        talks that no rule requires are not recorded, and their row says why
    below  2 %        no voice messages: the caller is told before the beep and offered a call back, which needs no room

A share of a large disk is still weeks of sound, so the steps below 10 % are taken only when the bytes are few as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

GIB = 1 << 30


class DiskLevel(IntEnum):
    """How scarce the room is; a higher value is worse and includes the steps of the lower ones."""

    AMPLE = 0
    LOW = 1
    """A person is warned."""
    SCARCE = 2
    """Alarm; no talks into an archive here."""
    TIGHT = 3
    """No recording of talks into a spool here, unless the queue's must be recorded."""
    FULL = 4
    """No voice messages into a spool here."""


STEPS: tuple[tuple[DiskLevel, float, int], ...] = (
    (DiskLevel.FULL, 0.02, 2 * GIB),
    (DiskLevel.TIGHT, 0.05, 8 * GIB),
    (DiskLevel.SCARCE, 0.10, 16 * GIB),
    (DiskLevel.LOW, 0.20, 1 << 62),
)
"""Level, share of the disk that is free, and bytes free: the level is reached when both are below."""

ALARM_SHARE = 0.10
"""Free share below which a person is called, however large the disk."""
LEDGER_ALARM_SHARE = 0.30
"""The same for a disk that holds Asterisk's ledgers and nothing else: a full one loses rows without a word."""


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes of one file system: `free` for us to write, `total` of it; `device` tells file systems apart."""

    free: int
    total: int
    device: int = 0

    @property
    def share(self) -> float:
        """Free share, 0 to 1; a file system that tells no size counts as empty room."""
        return self.free / self.total if self.total else 1.0

    @property
    def level(self) -> DiskLevel:
        reached = (level for level, share, free in STEPS if self.share < share and self.free < free)
        return next(reached, DiskLevel.AMPLE)


def may_archive_talk(archive: Space, spool: Space) -> bool:
    """Whether a talk may be carried over. On one and the same disk the move gives back what it takes; else an archive
    that is nearly full keeps its last room for messages, which somebody waits for."""
    return archive.device == spool.device or archive.level < DiskLevel.SCARCE


def may_record_talk(spool: Space) -> bool:
    return spool.level < DiskLevel.TIGHT


def may_take_message(spool: Space, room: int) -> bool:
    """`room`: bytes that must be free in any case, so that a message of full length fits many times over."""
    return spool.level < DiskLevel.FULL and spool.free >= room
