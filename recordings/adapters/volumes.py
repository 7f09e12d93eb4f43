"""Measures the disk a folder lies on. What follows from it stands in `ivr/kernel/disk_space.py`."""

from __future__ import annotations

import os
from pathlib import Path

from ivr.kernel.disk_space import Space


def space_at(path: Path) -> Space:
    """Room on the file system of `path`, or of the nearest folder above it that exists. Raises `OSError`.

    `free` is what an ordinary user may still write: file systems keep a share for root.
    """
    place = path.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    seen = os.statvfs(place)
    return Space(seen.f_bavail * seen.f_frsize, seen.f_blocks * seen.f_frsize, os.stat(place).st_dev)
