"""The disks this line lies on: measured every few seconds, told as figures, and an alarm before one is full.

A disk that cannot be measured stops nothing: only its figures go, and the log says so.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import structlog
from prometheus_client import Gauge

from api.settings import ApiSettings
from ivr.kernel.disk_space import ALARM_SHARE, LEDGER_ALARM_SHARE, DiskLevel, Space, may_archive_talk
from recordings.adapters.volumes import space_at

log = structlog.get_logger(__name__)

EVERY = timedelta(seconds=5)
"""Between measurements: an alarm comes within ten seconds of the tenth that is left."""
REMIND = 120
"""Measurements (ten minutes) after which an alarm that still stands is told again."""

FREE_BYTES = Gauge("line1420_disk_free_bytes", "Bytes that may still be written to this volume", ["volume"])
FREE_RATIO = Gauge("line1420_disk_free_ratio", "Free share of this volume, 0 to 1", ["volume"])
LEVEL = Gauge("line1420_disk_level", "0 ample, 1 low, 2 scarce, 3 tight, 4 full", ["volume"])
ALARM = Gauge("line1420_disk_alarm", "1 while this volume needs a person", ["volume"])


@dataclass(slots=True)
class Volumes:
    """Folders by the name of what they hold. `spool`, `archive` and `ledger` must be among them."""

    folders: Mapping[str, Path]
    _alarms: dict[str, int] = field(default_factory=dict)
    _warned: set[str] = field(default_factory=set)

    def measure(self) -> dict[str, Space]:
        """Room of each volume that can be measured."""
        found: dict[str, Space] = {}
        for name, folder in self.folders.items():
            try:
                found[name] = space_at(folder)
            except OSError as error:
                log.warning("disk_not_measured", volume=name, problem=error.strerror)
        return found

    def take_talks(self) -> bool:
        """Whether talks may be carried to the archive now."""
        found = self.measure()
        return "archive" not in found or "spool" not in found or may_archive_talk(found["archive"], found["spool"])

    def spool_is_full(self) -> bool:
        spool = self.measure().get("spool")
        return spool is not None and spool.level is DiskLevel.FULL

    def watch_once(self) -> dict[str, Space]:
        """Measure, set the figures, and raise or end alarms."""
        found = self.measure()
        for name, space in found.items():
            FREE_BYTES.labels(name).set(space.free)
            FREE_RATIO.labels(name).set(space.share)
            LEVEL.labels(name).set(space.level)
            alarmed = space.share < self._alarm_share(name, found)
            ALARM.labels(name).set(alarmed)
            self._tell(name, space, alarmed)
        return found

    def _alarm_share(self, name: str, found: Mapping[str, Space]) -> float:
        own = all(other.device != found[name].device for volume, other in found.items() if volume != name)
        return LEDGER_ALARM_SHARE if name == "ledger" and own else ALARM_SHARE

    def _tell(self, name: str, space: Space, alarmed: bool) -> None:
        told = self._alarms.pop(name, None)
        facts = {"volume": name, "free_bytes": space.free, "free_percent": round(space.share * 100, 1)}
        if alarmed:
            looks = (told or 0) + 1
            if looks % REMIND == 1:
                log.error("disk_nearly_full", **facts, level=space.level.name.lower(), alarm=True)
            self._alarms[name] = looks
        elif told:
            log.warning("disk_has_room_again", **facts)
        elif space.level >= DiskLevel.LOW and name not in self._warned:
            log.warning("disk_getting_full", **facts)
        if space.level >= DiskLevel.LOW:
            self._warned.add(name)
        else:
            self._warned.discard(name)


def volumes_of(settings: ApiSettings) -> Volumes:
    """Every place of the line that grows, each by its own name though they may share one disk."""
    var = settings.var.absolute()
    folders = {
        "spool": settings.spool,
        "archive": settings.archive,
        "ledger": settings.asterisk_log,
        "log": var / "log",
    }
    if (var / "postgres").is_dir():  # a database of somebody else's is watched by them
        folders["database"] = var / "postgres"
    return Volumes({name: folder.absolute() for name, folder in folders.items()})


async def keep_watching(volumes: Volumes, stop: asyncio.Event, every: timedelta = EVERY) -> None:
    """Watch until told to stop."""
    while not stop.is_set():
        await asyncio.to_thread(volumes.watch_once)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(every.total_seconds()):
                await stop.wait()
