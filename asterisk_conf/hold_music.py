"""Music for waiting callers, synthesised here, so that nobody owes anybody for it: slow soft chords, 32 seconds.

Every note dies away across the end into the beginning, so the loop has no seam. Notes lie between 200 and 900 Hz, where
a telephone carries them.
"""

from __future__ import annotations

import numpy as np
from pydub import AudioSegment

from asterisk_conf.prompt_sound import RATE

BAR_SECONDS = 4.0
LEVEL_DBFS = -24.0

_CHORDS = (
    ("A3", "E4", "A4", "C5"),
    ("F3", "C4", "A4", "C5"),
    ("C4", "G4", "C5", "E5"),
    ("G3", "D4", "G4", "B4"),
    ("A3", "E4", "A4", "C5"),
    ("D4", "A4", "D5", "F5"),
    ("E4", "G4", "B4", "E5"),
    ("E4", "A4", "B4", "D5"),
)
_STEPS = {"C": -9, "D": -7, "E": -5, "F": -4, "G": -2, "A": 0, "B": 2}


def hold_music() -> AudioSegment:
    """The loop, 8 kHz mono 16 bit."""
    bar = round(BAR_SECONDS * RATE)
    loop = np.zeros(bar * len(_CHORDS))
    for number, chord in enumerate(_CHORDS):
        for place, name in enumerate(chord):
            # One note after the other, half a second apart; the first comes back softly in the middle of the bar.
            _add(loop, _note(name), number * bar + place * RATE // 2)
        _add(loop, 0.6 * _note(chord[1]), number * bar + 5 * RATE // 2)
    samples = (loop / np.abs(loop).max() * 20_000).astype("<i2")
    sound = AudioSegment(samples.tobytes(), sample_width=2, frame_rate=RATE, channels=1)
    return sound.apply_gain(LEVEL_DBFS - sound.dBFS)


def _note(name: str) -> np.ndarray:
    """A struck, slowly dying tone with three soft overtones."""
    pitch = 440.0 * 2 ** ((_STEPS[name[0]] + 12 * (int(name[1]) - 4)) / 12)
    at = np.arange(round(3.5 * RATE)) / RATE
    wave = sum(weight * np.sin(2 * np.pi * pitch * part * at) for part, weight in ((1, 1.0), (2, 0.25), (3, 0.08)))
    shape = np.minimum(at / 0.06, 1) * np.exp(-at / 1.1) * np.minimum((at[-1] - at) / 0.3, 1)
    return wave * shape


def _add(loop: np.ndarray, note: np.ndarray, start: int) -> None:
    """Mix in place; what goes over the end begins anew at the beginning."""
    places = (start + np.arange(len(note))) % len(loop)
    np.add.at(loop, places, note)
