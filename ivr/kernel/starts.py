"""How often a process has been started, kept in a small file beside its measures: a crash loop shows in the count."""

from __future__ import annotations

import contextlib
from pathlib import Path


def count_start(file: Path) -> int:
    """One more start of the process that `file` counts; the number so far.

    A file that cannot be read begins anew. One that cannot be written counts no further: a full disk has an alarm of its
    own, and must not keep a process from starting.
    """
    try:
        starts = int(file.read_text(encoding="ascii")) + 1
    except (OSError, ValueError):
        starts = 1
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(str(starts), encoding="ascii")
    return starts
