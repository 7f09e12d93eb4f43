"""Files that the doors read while we write them: put in place whole, or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def read_text(path: Path) -> str:
    """What is there; nothing when there is no file."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def write_whole(path: Path, content: bytes) -> None:
    """On disk before it has its name; readers see the old or the new, after a power cut too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
