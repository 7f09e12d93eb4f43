"""Where prompts lie and how long each takes. A phone must know the length before it plays: the lease depends on it."""

from __future__ import annotations

import asyncio
import re
import wave
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}", re.IGNORECASE)
_HEADER_BYTES = 44
_BYTES_A_SECOND = 16_000
"""8 kHz, mono, 16 bit: the only form our prompts and messages have."""


@dataclass(frozen=True, slots=True)
class Sound:
    """`name` as STREAM FILE wants it (without extension), `seconds` of play."""

    name: str
    seconds: float


class SoundShelf:
    """Lengths of prompts, read once each from the header of `<folder>/<language>/line/<prompt>.wav`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._known: dict[tuple[str, str], Sound] = {}

    async def find(self, language: str, prompt: str) -> Sound | None:
        """The prompt in this language, by the name the channel's own language resolves; `None` when it is missing."""
        return await self._look(language, prompt, f"line/{prompt}")

    async def find_elsewhere(self, language: str, prompt: str) -> Sound | None:
        """The same prompt by its whole path, for a channel that speaks another language."""
        return await self._look(language, prompt, str(self._folder / language / "line" / prompt))

    async def recorded(self, sound: Path) -> Sound | None:
        """A voice message by its absolute path; never remembered, because redo writes the same file again."""
        seconds = await asyncio.to_thread(_seconds, sound)
        return None if seconds is None else Sound(str(sound.with_suffix("")), seconds)

    async def _look(self, language: str, prompt: str, name: str) -> Sound | None:
        if not _NAME.fullmatch(prompt):
            return None
        known = self._known.get((language, name))
        if known is None:
            seconds = await asyncio.to_thread(_seconds, self._folder / language / "line" / f"{prompt}.wav")
            if seconds is None:
                return None  # not remembered: `make prompts` may bring it while we run
            known = self._known[language, name] = Sound(name, seconds)
        return known


def _seconds(path: Path) -> float | None:
    try:
        size = path.stat().st_size
        with wave.open(str(path), "rb") as sound:
            declared = sound.getnframes() / sound.getframerate()
    except (OSError, wave.Error, EOFError, ZeroDivisionError):
        return None
    # a sound whose writer died declares 0 or too much; the bytes on disk do not lie
    written = max(0, size - _HEADER_BYTES) / _BYTES_A_SECOND
    return declared if 0 < declared <= written + 1 else written
