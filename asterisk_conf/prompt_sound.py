"""One prompt as sound: spoken by espeak-ng, taken from a recording, a tone or a silence; always 8 kHz, mono, 16 bit.

ffmpeg changes rate and channels (its resampler filters first; a plain rate conversion would whistle), pydub trims,
levels and writes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path
from typing import cast

from pydub import AudioSegment
from pydub.generators import Sine
from pydub.silence import detect_leading_silence

from ivr.kernel.errors import Invalid, Unavailable
from ivr.prompts.catalogue import Prompt

RATE = 8_000
LOUDNESS_DBFS = -20.0
PEAK_DBFS = -3.0
SILENCE_DBFS = -45.0
MARGIN_MS = 15
"""Kept around the speech, so that soft consonants at its edges are not cut."""

WORDS_A_MINUTE = {"fa": 172, "en": 165}
TONE_HZ = 1_000
TOOL_SECONDS = 30
"""espeak-ng and ffmpeg take milliseconds for one prompt; longer means that they hang."""


def need_tools(*names: str) -> None:
    """Raise `Unavailable` that says which Debian package brings a missing program."""
    missing = [name for name in names if shutil.which(name) is None]
    if missing:
        raise Unavailable(f"not found: {', '.join(missing)}; install with: apt-get install -y {' '.join(missing)}")


def sound_of(prompt: Prompt, recording: Path | None) -> AudioSegment:
    """The finished sound of a prompt, from its recording when there is one."""
    if recording is not None:
        return _levelled(_trimmed(_decoded(recording)))
    if prompt.silence:
        return AudioSegment.silent(round(prompt.silence * 1000), RATE)
    if prompt.tone:
        tone = Sine(TONE_HZ, sample_rate=RATE).to_audio_segment(duration=round(prompt.tone * 1000))
        return tone.apply_gain(LOUDNESS_DBFS - tone.dBFS).fade_in(10).fade_out(10)
    return _levelled(_trimmed(_spoken(prompt)))


def write(sound: AudioSegment, path: Path) -> None:
    """Put the sound in place in one move, so that a call never plays half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    with wave.open(str(part), "wb") as file:
        file.setnchannels(sound.channels)
        file.setsampwidth(sound.sample_width)
        file.setframerate(sound.frame_rate)
        file.writeframes(bytes(sound.raw_data or b""))
    os.replace(part, path)


def _spoken(prompt: Prompt) -> AudioSegment:
    with tempfile.TemporaryDirectory(prefix="line1420-") as folder:
        path = Path(folder) / "spoken.wav"
        speed = str(WORDS_A_MINUTE[prompt.voice])
        command = ["espeak-ng", "-v", prompt.voice, "-s", speed, "-w", str(path), "--", prompt.text]
        result = subprocess.run(command, capture_output=True, timeout=TOOL_SECONDS, check=False)
        if result.returncode != 0 or not path.exists():
            detail = result.stderr.decode(errors="replace").strip()[-300:]
            raise Unavailable(f"espeak-ng could not speak {prompt.name!r} in {prompt.voice!r}: {detail}")
        return _decoded(path)


def _decoded(path: Path) -> AudioSegment:
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(path), "-ac", "1", "-ar", str(RATE), "-f", "s16le", "-"]
    result = subprocess.run(command, capture_output=True, timeout=TOOL_SECONDS, check=False)
    if result.returncode != 0 or not result.stdout:
        detail = result.stderr.decode(errors="replace").strip()[-300:]
        raise Invalid(f"{path} cannot be read as sound: {detail}; record it again as wav")
    return AudioSegment(result.stdout, sample_width=2, frame_rate=RATE, channels=1)


def _trimmed(sound: AudioSegment) -> AudioSegment:
    """Without the silence at both ends; a sound that is silent all over stays as it is and shows in the report."""
    start = detect_leading_silence(sound, SILENCE_DBFS, 5)
    end = detect_leading_silence(sound.reverse(), SILENCE_DBFS, 5)
    if start + end >= len(sound):
        return sound
    kept = sound[max(0, start - MARGIN_MS) : len(sound) - max(0, end - MARGIN_MS)]
    return cast("AudioSegment", kept)


def _levelled(sound: AudioSegment) -> AudioSegment:
    """The same loudness for every prompt, as far as its peaks allow; edges faded against clicks."""
    if sound.max == 0:
        return sound
    gain = min(LOUDNESS_DBFS - sound.dBFS, PEAK_DBFS - sound.max_dBFS)
    return sound.apply_gain(gain).fade_in(5).fade_out(10)
