"""Named places where a test may let a process die, freeze, fail or wait; everywhere else they cost one look and do nothing.

`LINE1420_FAILPOINTS` names a folder. A file there with a place's name holds one word of what shall happen when the place
is passed next: `kill`, `freeze`, `raise` or `sleep 3` (seconds). It is removed first and acted on once, so of several
processes that pass the place only one is hit. A file `clock.<process>` holds seconds by which that process's clock is wrong
as long as it lies there. Without the setting, as in production, there is nothing to look at.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

SETTING = "LINE1420_FAILPOINTS"


class Struck(RuntimeError):
    """What `raise` raises: an error that no code expects."""


def hit(name: str) -> None:
    """Pass the place `name`; `sleep` holds up the whole process, as a slow disk would."""
    seconds = _strike(name)
    if seconds:
        time.sleep(seconds)


async def hit_here(name: str) -> None:
    """The same where others must go on meanwhile: `sleep` holds up only the caller of this."""
    seconds = _strike(name)
    if seconds:
        await asyncio.sleep(seconds)


def _strike(name: str) -> float:
    """Take the word for this place, if there is one, and act on it; returns the seconds to sleep."""
    folder = os.environ.get(SETTING)
    if not folder:
        return 0.0
    place = Path(folder) / name
    try:
        word, _, value = place.read_text(encoding="ascii").strip().partition(" ")
        place.unlink()
    except FileNotFoundError:
        return 0.0
    match word:
        case "kill":
            signal.raise_signal(signal.SIGKILL)
        case "freeze":
            signal.raise_signal(signal.SIGSTOP)
        case "raise":
            raise Struck(f"failpoint {name}")
        case "sleep":
            return float(value)
        case _:
            raise ValueError(f"failpoint {name}: kill, freeze, raise or sleep SECONDS, not {word!r}")
    return 0.0


def clock_jump() -> float:
    """Seconds by which a test has set the clock of this process forward (or back): what `clock.<process>` holds, if anything."""
    folder = os.environ.get(SETTING)
    if not folder:
        return 0.0
    try:
        return float((Path(folder) / f"clock.{os.environ.get('LINE1420_PROCESS', '')}").read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0.0
