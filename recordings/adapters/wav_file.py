"""Read a wav file by its bytes, trusting its length more than its header.

After kill -9 of Asterisk the sound up to the last second is on disk while the RIFF and data sizes are still 0, so
players show 0:00; sound libraries refuse or guess. Here the data simply reach to the end of the file.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ivr.kernel.errors import Invalid

HEAD_LIMIT = 4096
"""Bytes in which the `fmt ` and `data` chunks must begin; Asterisk's are in the first 44."""
_PCM = 1


@dataclass(frozen=True, slots=True)
class WavHead:
    """Where the samples of a file begin and how many bytes of them there are. `pcm` is False for other codecs."""

    data_at: int
    data_bytes: int
    rate: int
    channels: int
    pcm: bool
    finished: bool


def open_sound(path: Path) -> int:
    """A descriptor of a regular file; a link raises OSError."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW)


def read_head(path: Path) -> WavHead:
    """Parse the head of a file. Raises `Invalid` when it is no wav at all."""
    descriptor = open_sound(path)
    try:
        size = os.fstat(descriptor).st_size
        head = os.pread(descriptor, HEAD_LIMIT, 0)
    finally:
        os.close(descriptor)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise Invalid(f"{path.name} is not a wav file ({size} bytes)")
    form: tuple[int, int, int, int] | None = None
    at = 12
    while at + 8 <= len(head):
        name, length = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        if name == b"fmt " and at + 24 <= len(head):
            codec, channels, rate, _, block = struct.unpack_from("<HHIIH", head, at + 8)
            bits = int.from_bytes(head[at + 22 : at + 24], "little")
            form = (codec if bits == 16 and block == 2 * channels else 0, channels, rate, block)
        elif name == b"data" and form:
            codec, channels, rate, block = form
            if not channels or not rate or not block:
                break
            present = size - at - 8
            finished = present in (length, length + length % 2)
            if not finished and 0 < length < present and int.from_bytes(head[4:8], "little") == size - 8:
                finished, present = True, length  # other chunks follow the sound
            # A header that promises less than there is was written before the last sound; take what is there.
            whole = present - present % block
            return WavHead(at + 8, whole, rate, channels, codec == _PCM, finished)
        at += 8 + length + length % 2
    raise Invalid(f"{path.name} has no readable fmt and data chunks")


def map_samples(path: Path, head: WavHead) -> NDArray[np.int16]:
    """The samples of a 16-bit PCM file, frames × channels, read from disk only where they are looked at."""
    frames = head.data_bytes // (2 * head.channels)
    if not frames:
        return np.zeros((0, head.channels), dtype=np.int16)
    with os.fdopen(open_sound(path), "rb") as file:
        return np.memmap(file, dtype="<i2", mode="r", offset=head.data_at, shape=(frames, head.channels))


def head_bytes(*, frames: int, rate: int, channels: int) -> bytes:
    """The canonical 44-byte head of a 16-bit PCM wav file."""
    size = frames * channels * 2
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, _PCM, channels, rate, rate * channels * 2, channels * 2, 16,
        b"data", size,
    )  # fmt: skip
