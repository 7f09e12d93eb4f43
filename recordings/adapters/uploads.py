"""Sound that somebody sent us, as sound of the telephone. The file is hostile until ffmpeg has read it to its end.

ffmpeg runs as a process of its own, reads from a pipe and may open nothing else; which reader it takes we say by the
file's first bytes, so that a list of addresses or of other files is never followed. What it gives is cut at the longest
length, and it is ended when it takes too long.
"""

from __future__ import annotations

import asyncio
import contextlib

import numpy as np

from ivr.kernel.errors import Invalid, Unavailable
from recordings.pieces import RATE, Samples

LIMIT = 20.0
"""Seconds; a minute of sound takes ffmpeg well below one."""
SHORTEST_SECONDS = 0.5
_MOST_MEMORY = 64 << 20
"""Bytes that ffmpeg may ask for at once."""


def kind_of(data: bytes) -> str | None:
    """The reader for these first bytes: `wav`, `ogg`, `mp3`; None for anything else."""
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    if data[:4] == b"OggS":
        return "ogg"
    if data[:3] == b"ID3" or (len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] & 0x06):
        return "mp3"
    return None


async def telephone_sound(data: bytes, longest_seconds: float) -> Samples:
    """Mono, 8 kHz. Raises `Invalid` that says what is wrong with it, `Unavailable` when ffmpeg is missing."""
    kind = kind_of(data)
    if kind is None:
        raise Invalid("This is no WAV, MP3 or OGG file. Save the recording as one.", code="sound_kind", field="sound")
    raw = await _decoded(data, kind, longest_seconds + 1)
    sound = np.frombuffer(raw[: len(raw) // 2 * 2], dtype="<i2").astype(np.int16)
    if len(sound) > longest_seconds * RATE:
        raise Invalid(
            f"The sound is longer than {longest_seconds:g} seconds. Make it shorter.", code="sound_long", field="sound"
        )
    if len(sound) < SHORTEST_SECONDS * RATE:
        raise Invalid("There is no sound in this file, or it is damaged.", code="sound_broken", field="sound")
    return sound


async def _decoded(data: bytes, kind: str, seconds: float) -> bytes:
    command = (
        "ffmpeg", "-nostdin", "-v", "error", "-max_alloc", str(_MOST_MEMORY), "-threads", "1",
        "-protocol_whitelist", "pipe", "-f", kind, "-i", "pipe:0", "-map", "0:a:0", "-t", f"{seconds:g}",
        "-ac", "1", "-ar", str(RATE), "-f", "s16le", "pipe:1",
    )  # fmt: skip
    pipe, away = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=away)
    except FileNotFoundError:
        raise Unavailable("ffmpeg is missing on this machine; install it to take sounds.") from None
    try:
        async with asyncio.timeout(LIMIT):
            decoded, _ = await process.communicate(data)
    except TimeoutError:
        raise Invalid(
            "This sound takes too long to read and is not taken.", code="sound_broken", field="sound"
        ) from None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise Invalid("There is no sound in this file, or it is damaged.", code="sound_broken", field="sound")
    return decoded
