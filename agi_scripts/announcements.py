"""Which emergency announcements are told now, by the file that the pages write, read anew when it changes.

No door needs the database for it. A file that cannot be read is no reason to fall silent or to speak: the last one that
could be read stays in force, and the log says so.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from ivr.dialogue.news import News, Told
from ivr.kernel.announcements import Announcement, load_announcements
from ivr.kernel.clock import Clock
from ivr.kernel.errors import Invalid

log = structlog.get_logger()


class Announcements:
    """`news()` for each call that arrives."""

    def __init__(self, file: Path, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._seen: tuple[int, int] | None = None
        self._known: tuple[Announcement, ...] = ()

    async def news(self) -> News:
        """What is to be told at this instant."""
        await self._refresh()
        now = self._clock.now()
        running = [one for one in reversed(self._known) if one.runs(now)]
        queues: dict[str, tuple[Told, ...]] = {}
        for one in running:
            for queue in one.queues:
                queues[queue] = (*queues.get(queue, ()), Told(one.id, one.prompts, queue))
        return News(tuple(Told(one.id, one.prompts) for one in running if not one.queues), queues)

    async def _refresh(self) -> None:
        try:
            seen, text = await asyncio.to_thread(_read, self._file, self._seen)
            if text is None:
                return
            self._seen = seen
            self._known = load_announcements(text) if text else ()
        except (OSError, UnicodeDecodeError, Invalid) as error:
            log.error("announcements_unreadable", file=str(self._file), problem=str(error))


def _read(path: Path, seen: tuple[int, int] | None) -> tuple[tuple[int, int] | None, str | None]:
    """Identity and text of the file; text is `None` when it is the file that was seen last."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None, None if seen is None else ""
    now = (stat.st_mtime_ns, stat.st_size)
    return now, None if now == seen else path.read_text(encoding="utf-8")
