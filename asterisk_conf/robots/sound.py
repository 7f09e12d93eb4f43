"""Sound for robots as headerless A-law, the form SIPp streams: tones, silence, dialled tones, any wav file."""

from __future__ import annotations

import wave
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE = 8000
_ROWS = {"1": 697, "2": 697, "3": 697, "4": 770, "5": 770, "6": 770, "7": 852, "8": 852, "9": 852}
_ROWS |= {"*": 941, "0": 941, "#": 941}
_COLUMNS = {"1": 1209, "4": 1209, "7": 1209, "*": 1209, "2": 1336, "5": 1336, "8": 1336, "0": 1336}
_COLUMNS |= {"3": 1477, "6": 1477, "9": 1477, "#": 1477}

Samples = npt.NDArray[np.int16]


def tone(hertz: float, seconds: float, level: float = 0.25) -> Samples:
    """A sine of `level` (1 is full scale)."""
    time = np.arange(int(seconds * RATE)) / RATE
    return (np.sin(2 * np.pi * hertz * time) * level * 32767).astype(np.int16)


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE), dtype=np.int16)


def dialled(keys: str, on_seconds: float = 0.15, off_seconds: float = 0.15) -> Samples:
    """Keys as tones in the audio (DTMF in-band)."""
    parts: list[Samples] = []
    for key in keys:
        parts.append(tone(_ROWS[key], on_seconds, 0.2) + tone(_COLUMNS[key], on_seconds, 0.2))
        parts.append(silence(off_seconds))
    return joined(parts)


def joined(parts: Iterable[Samples]) -> Samples:
    return np.concatenate(list(parts)).astype(np.int16)


def from_wav(path: Path) -> Samples:
    """Samples of an 8 kHz mono 16-bit wav file; another kind is refused."""
    with wave.open(str(path)) as sound:
        if (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) != (RATE, 1, 2):
            raise ValueError(f"{path} must be 8 kHz, one channel, 16 bit")
        return np.frombuffer(sound.readframes(sound.getnframes()), dtype="<i2").astype(np.int16)


def a_law(samples: Samples) -> bytes:
    """G.711 A-law, one byte a sample."""
    value = samples.astype(np.int32) >> 3
    sign = np.where(value >= 0, 0xD5, 0x55)
    magnitude = np.where(value >= 0, value, -value - 1)
    segment = np.searchsorted(np.array([0x1F, 0x3F, 0x7F, 0xFF, 0x1FF, 0x3FF, 0x7FF, 0xFFF]), magnitude)
    mantissa = np.where(segment < 2, (magnitude >> 1) & 0x0F, (magnitude >> np.maximum(segment, 1)) & 0x0F)
    return ((((segment << 4) | mantissa) ^ sign).astype(np.uint8)).tobytes()


def write(path: Path, samples: Samples) -> Path:
    """Write A-law whole packets of 20 ms long, in one move: a robot started before may be opening it; returns `path`."""
    encoded = a_law(samples)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(encoded + b"\xd5" * (-len(encoded) % 160))
    part.replace(path)
    return path
