"""The outline of a sound, as a page draws it. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

PEAK_BUCKETS = 800
"""Points of a waveform: more than a page is wide, small enough to travel in the metadata."""


def peaks(samples: NDArray[np.int16], buckets: int = PEAK_BUCKETS) -> list[list[float]]:
    """Loudest value (0 to 1) of each of at most `buckets` slices, one list a channel; `samples` is frames × channels."""
    frames = len(samples)
    if not frames:
        return [[] for _ in range(samples.shape[1])]
    edges = np.linspace(0, frames, min(buckets, frames), endpoint=False, dtype=np.int64)
    highest = np.maximum.reduceat(samples, edges, axis=0).astype(np.int32)
    lowest = np.minimum.reduceat(samples, edges, axis=0).astype(np.int32)
    return np.round(np.maximum(highest, -lowest) / 32768.0, 3).T.tolist()
