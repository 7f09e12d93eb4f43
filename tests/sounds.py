"""Sound for tests: tones, silence and speech as wav files, made with numpy and espeak-ng."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 8000


def tone(seconds: float, hertz: float = 440.0, level: float = 0.3, rate: int = RATE) -> NDArray[np.int16]:
    at = np.arange(int(seconds * rate)) / rate
    return (np.sin(2 * np.pi * hertz * at) * level * 32767).astype(np.int16)


def silence(seconds: float, rate: int = RATE) -> NDArray[np.int16]:
    return np.zeros(int(seconds * rate), dtype=np.int16)


def hiss(seconds: float, level: float = 0.0005, rate: int = RATE) -> NDArray[np.int16]:
    """Comfort noise, about -66 dBFS by default."""
    return (np.random.default_rng(1420).normal(0, level, int(seconds * rate)) * 32767).astype(np.int16)


def wav_bytes(samples: NDArray[np.int16], *, rate: int = RATE, channels: int = 1, finished: bool = True) -> bytes:
    """A wav as Asterisk writes it; `finished=False` leaves the sizes 0, as a killed Asterisk does."""
    data = samples.astype("<i2").tobytes()
    size = len(data) if finished else 0
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 36 + size if finished else 0, b"WAVE", b"fmt ", 16, 1, channels,
                       rate, rate * 2 * channels, 2 * channels, 16, b"data", size)  # fmt: skip
    return head + data


def write_wav(path: Path, samples: NDArray[np.int16], *, finished: bool = True, rate: int = RATE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav_bytes(samples, finished=finished, rate=rate))
    return path


def write_speech(path: Path, words: str = "سلام، من از شعبه شکایت دارم") -> Path:
    """Synthetic Persian speech at telephone rate."""
    path.parent.mkdir(parents=True, exist_ok=True)
    spoken = subprocess.run(["espeak-ng", "-v", "fa", "--stdout", words], check=True, capture_output=True).stdout
    subprocess.run(["sox", "-t", "wav", "-", "-r", str(RATE), "-c", "1", "-b", "16", str(path)], input=spoken, check=True,
                   capture_output=True)  # fmt: skip
    return path
