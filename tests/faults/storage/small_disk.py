"""Disks of a few megabytes: tmpfs volumes that a test mounts where the line keeps its files, and fills to the byte."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest


class SmallDisk:
    """One mounted volume. `fill` leaves so many bytes free, `empty` takes the filler away again."""

    def __init__(self, folder: Path, size: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        _mount("-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder))

    @property
    def free(self) -> int:
        return shutil.disk_usage(self.folder).free

    @property
    def total(self) -> int:
        return shutil.disk_usage(self.folder).total

    def fill(self, *, leave: int = 0) -> None:
        """Write until `leave` bytes are free (in whole pages); 0 leaves not one."""
        page, filler = bytes(4096), self.folder / ".filler"
        with filler.open("ab", buffering=0) as file:
            try:
                while self.free - len(page) >= leave:
                    file.write(page)
            except OSError:  # full: somebody else took the last page
                return

    def empty(self) -> None:
        (self.folder / ".filler").unlink(missing_ok=True)

    def unmount(self) -> None:
        # Lazily: a process that is just ending may still hold a file.
        subprocess.run(["umount", "-l", str(self.folder)], check=False, capture_output=True)


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"small disks are mounted by root with CAP_SYS_ADMIN only: {done.stderr.strip()}")


def move_onto(folder: Path, size: str) -> SmallDisk:
    """What lies in `folder` comes to lie on a small disk mounted in its place."""
    aside = folder.with_name(folder.name + ".aside")
    folder.rename(aside)
    disk = SmallDisk(folder, size)
    subprocess.run(["cp", "-a", f"{aside}/.", str(folder)], check=True)
    os.chmod(folder, 0o700)
    shutil.rmtree(aside)
    return disk
