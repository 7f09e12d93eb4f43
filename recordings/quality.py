"""Is there speech, is the sound as long as it must be? Pure, on arrays of 16-bit samples.

Emptiness is judged in the caller's favour: a message counts as empty only when it is too short, or when neither the
voice detector nor the level finds anything. A case too many costs a minute; a complaint lost costs trust.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import webrtcvad
from numpy.typing import NDArray

from recordings.recording import State

FRAME_SECONDS = 0.03
"""webrtcvad takes frames of 10, 20 or 30 ms."""
VOICE_FLOOR_DB = -55.0
"""Below this a "voice" is line noise: comfort noise lies near -65 dBFS."""
LOUD_DB = -40.0
"""Above this something was said or played into the telephone, whatever the detector thinks of it."""
SPEECH_SECONDS = 0.3
"""Less speech than this is a click, a cough or the end of a key tone."""
LENGTH_SLACK_SECONDS = 1.0
LENGTH_SLACK_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Heard:
    """What an ear finds in a message, in seconds."""

    seconds: float
    voiced_seconds: float
    loud_seconds: float


def hear(samples: NDArray[np.int16], rate: int) -> Heard:
    """Measure voice and level of one channel; `rate` is 8000, 16000, 32000 or 48000 Hz."""
    size = int(rate * FRAME_SECONDS)
    count = len(samples) // size
    frames = np.ascontiguousarray(samples[: count * size]).reshape(count, size)
    if not count:
        return Heard(len(samples) / rate, 0.0, 0.0)
    power = np.sqrt(np.mean(np.square(frames.astype(np.float64) / 32768.0), axis=1))
    level = 20 * np.log10(np.maximum(power, 1e-9))
    detector = webrtcvad.Vad(2)
    voiced = sum(
        1 for frame, loudness in zip(frames, level, strict=True)
        if loudness > VOICE_FLOOR_DB and detector.is_speech(frame.tobytes(), rate)
    )  # fmt: skip
    return Heard(len(samples) / rate, voiced * FRAME_SECONDS, int(np.sum(level > LOUD_DB)) * FRAME_SECONDS)


def message_state(
    heard: Heard, *, finished: bool, min_seconds: float, cut_off: str | None = None
) -> tuple[State, str | None]:
    """State of a voice message and the reason, if it is not simply archived. `cut_off`: what ended the recording before
    the caller did."""
    if heard.seconds < min_seconds:
        return State.EMPTY, f"shorter than {min_seconds:g} s"
    if max(heard.voiced_seconds, heard.loud_seconds) < SPEECH_SECONDS:
        return State.EMPTY, "no speech"
    if cut_off:
        return State.TRUNCATED, cut_off
    return (State.ARCHIVED, None) if finished else (State.REPAIRED, "header was not finished")


def talk_state(
    seconds: float, *, expected_seconds: float | None, finished: bool, absent_leg: str | None
) -> tuple[State, str | None]:
    """State of a talk: shorter than it was (by more than 2 % and 1 s) or with one voice only is `truncated`."""
    if absent_leg:
        return State.TRUNCATED, f"the {absent_leg}'s voice is missing"
    difference = length_difference(seconds, expected_seconds)
    if difference < 0:
        return State.TRUNCATED, f"{-difference:.1f} s shorter than the talk"
    if not finished:
        return State.REPAIRED, "header was not finished"
    if difference > 0:
        return State.ARCHIVED, f"{difference:.1f} s longer than the talk"
    return State.ARCHIVED, None


def length_difference(seconds: float, expected_seconds: float | None) -> float:
    """Seconds too long (+) or too short (-); 0 within the larger of 1 s and 2 %, or when nothing is expected."""
    if expected_seconds is None:
        return 0.0
    difference = seconds - expected_seconds
    slack = max(LENGTH_SLACK_SECONDS, LENGTH_SLACK_SHARE * expected_seconds)
    return difference if abs(difference) > slack else 0.0
