"""Join, copy and measure sound: numpy for Asterisk's own format, ffmpeg for any other, soundfile as second opinion.

Works through files in pieces, so that a talk of hours does not fill the memory. Everything written here is opened once
more by libsndfile, a reader that shares nothing with our writer, before anyone may rely on it.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from ivr.kernel.errors import Invalid, Unavailable
from recordings.adapters.wav_file import WavHead, head_bytes, map_samples, read_head
from recordings.ports import Sound

PIECE_FRAMES = 1 << 18
"""Frames joined at a time: half a minute at 8 kHz, 1 MB of stereo."""
TELEPHONE_RATE = 8000


class AudioFiles:
    """`recordings.ports.AudioTool` on the machine's files.

    `limit` is how long ffmpeg may work on one file: it decodes telephone sound a thousand times faster than it was
    spoken, so an hour of talk needs seconds; a run that takes longer hangs and is killed.
    """

    def __init__(self, limit: timedelta = timedelta(seconds=60)) -> None:
        self._limit = limit

    async def measure(self, path: Path) -> Sound:
        return _sound(await asyncio.to_thread(read_head, path))

    async def samples(self, path: Path) -> NDArray[np.int16]:
        return await asyncio.to_thread(_samples, path)

    async def join(self, left: Path | None, right: Path | None, target: Path) -> Sound:
        try:
            plain = [await self._plain(path, target, side) for side, path in (("left", left), ("right", right))]
            with _disk_speaks(target):
                return await asyncio.to_thread(_write, plain, target)
        finally:
            _drop_scratch(target)

    async def copy(self, source: Path, target: Path) -> Sound:
        try:
            plain = await self._plain(source, target, "left")
            with _disk_speaks(target):
                return await asyncio.to_thread(_write, [plain], target)
        finally:
            _drop_scratch(target)

    async def _plain(self, path: Path | None, target: Path, side: str) -> tuple[Path, WavHead] | None:
        """The file itself when it is mono 16-bit PCM, else what ffmpeg makes of it beside the target."""
        if path is None:
            return None
        head = await asyncio.to_thread(read_head, path)
        if head.pcm and head.channels == 1:
            return path, head
        scratch = _scratch(target, side)
        await self._ffmpeg("-i", f"file:{path}", "-f", "wav", "-c:a", "pcm_s16le", "-ac", "1", "-ar", str(TELEPHONE_RATE),
                           f"file:{scratch}")  # fmt: skip
        return scratch, await asyncio.to_thread(read_head, scratch)

    async def _ffmpeg(self, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(
            "ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-y", *arguments,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._limit.total_seconds()):
                _, problem = await process.communicate()
        except TimeoutError:
            raise Unavailable(f"ffmpeg did not finish within {self._limit.total_seconds():g} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise Invalid(f"ffmpeg cannot read the sound: {problem.decode(errors='replace')[:300]}")


def _samples(path: Path) -> NDArray[np.int16]:
    head = read_head(path)
    if not head.pcm:
        raise Invalid(f"{path.name} is not 16-bit PCM; copy it first")
    return map_samples(path, head)


def _sound(head: WavHead) -> Sound:
    frames = head.data_bytes // (2 * head.channels)
    return Sound(seconds=frames / head.rate, channels=head.channels, rate=head.rate, finished=head.finished)


def _write(parts: list[tuple[Path, WavHead] | None], target: Path) -> Sound:
    """Interleave mono files, the shorter ones padded with silence; fsync; have another reader confirm the result."""
    present = [part for part in parts if part is not None]
    if not present:
        raise Invalid("there is no sound to write")
    rate = present[0][1].rate
    if any(head.rate != rate for _, head in present):
        raise Invalid("the two legs have different sample rates")
    tracks = [map_samples(*part)[:, 0] if part else np.zeros(0, dtype=np.int16) for part in parts]
    frames = max(len(track) for track in tracks)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as out:
        out.write(head_bytes(frames=frames, rate=rate, channels=len(tracks)))
        for at in range(0, frames, PIECE_FRAMES):
            piece = np.zeros((min(PIECE_FRAMES, frames - at), len(tracks)), dtype="<i2")
            for channel, track in enumerate(tracks):
                slice_ = track[at : at + PIECE_FRAMES]
                piece[: len(slice_), channel] = slice_
            out.write(piece.tobytes())
        out.flush()
        os.fsync(out.fileno())
    seen = soundfile.info(str(target))
    if (seen.frames, seen.channels, seen.samplerate) != (frames, len(tracks), rate):
        raise Unavailable(f"{target.name} was not written as it should be; is the disk full?")
    return Sound(seconds=frames / rate, channels=len(tracks), rate=rate, finished=True)


@contextmanager
def _disk_speaks(target: Path) -> Iterator[None]:
    """A disk that takes no more is a part that does not answer now, and no mistake in the sound."""
    try:
        yield
    except (OSError, soundfile.LibsndfileError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Unavailable(f"{target.name} cannot be written: {reason}") from error


def _scratch(target: Path, side: str) -> Path:
    return target.with_name(f"{target.stem}.{side}.pcm.wav")


def _drop_scratch(target: Path) -> None:
    for side in ("left", "right"):
        with suppress(FileNotFoundError):
            _scratch(target, side).unlink()
