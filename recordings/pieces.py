"""A longer sound as pieces that a door can play: cut where it is quietest, levelled like the house's prompts. Pure.

A door renews its lease before each prompt and is given up when it does not, so no piece may be longer than
`LONGEST_SECONDS`; a cut within a word would be heard, one between two is not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ivr.kernel.errors import Invalid

RATE = 8_000
"""Samples a second of every sound of the telephone."""
LONGEST_SECONDS = 3.4
SHORTEST_CUT_SECONDS = 1.8
"""No cut before this, or many pieces would be short ones."""
_FRAME = RATE // 50
LOUDNESS_DBFS = -20.0
PEAK_DBFS = -3.0
SILENT_DBFS = -50.0
"""Quieter than this on the whole is no announcement but a microphone that was off."""

Samples = npt.NDArray[np.int16]


def levelled(sound: Samples) -> Samples:
    """As loud as the prompts, as far as its peaks allow. Raises `Invalid` for a sound in which nothing is heard."""
    wide = sound.astype(np.float64) / 32_768
    power, peak = float(np.sqrt(np.mean(wide**2))) if len(wide) else 0.0, float(np.max(np.abs(wide), initial=0.0))
    if power <= 10 ** (SILENT_DBFS / 20):
        raise Invalid("Nothing is heard in this sound. Record it again.", code="sound_silent", field="sound")
    gain = min(10 ** (LOUDNESS_DBFS / 20) / power, 10 ** (PEAK_DBFS / 20) / peak)
    return np.clip(wide * gain * 32_768, -32_768, 32_767).astype(np.int16)


def pieces(sound: Samples) -> Sequence[Samples]:
    """The same samples in order, none of the pieces longer than `LONGEST_SECONDS`."""
    longest, earliest = int(LONGEST_SECONDS * RATE), int(SHORTEST_CUT_SECONDS * RATE)
    found: list[Samples] = []
    rest = sound
    while len(rest) > longest:
        window = rest[earliest:longest].astype(np.float64)
        frames = window[: len(window) // _FRAME * _FRAME].reshape(-1, _FRAME)
        cut = earliest + int(np.argmin((frames**2).mean(axis=1))) * _FRAME + _FRAME // 2
        found.append(rest[:cut])
        rest = rest[cut:]
    return [*found, rest]
