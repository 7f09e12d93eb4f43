"""Sounds that people send, read by the real ffmpeg: the three kinds, and everything that only claims to be one."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import numpy as np
import pytest

from ivr.kernel.errors import Invalid
from recordings.adapters.uploads import telephone_sound
from tests.patience import quickest_awaited
from tests.sounds import tone, wav_bytes

LONGEST = 5.0


def converted(tmp_path: Path, ending: str, seconds: float = 2.0, rate: int = 44_100) -> bytes:
    source = tmp_path / "source.wav"
    source.write_bytes(wav_bytes(tone(seconds, 600, rate=rate), rate=rate))
    out = tmp_path / f"out.{ending}"
    command = ["ffmpeg", "-nostdin", "-v", "error", "-i", str(source), "-ac", "2", str(out)]
    subprocess.run(command, check=True, timeout=120)
    return out.read_bytes()


@pytest.mark.parametrize("ending", ["wav", "mp3", "ogg"])
async def test_each_kind_becomes_sound_of_the_telephone(tmp_path: Path, ending: str) -> None:
    sound = await telephone_sound(converted(tmp_path, ending), LONGEST)
    assert len(sound) / 8000 == pytest.approx(2.0, abs=0.15)
    power = np.abs(np.fft.rfft(sound.astype(float)))
    assert np.fft.rfftfreq(len(sound), 1 / 8000)[power.argmax()] == pytest.approx(600, abs=3)


async def test_one_that_is_too_long_is_refused_however_long_it_says_it_is(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="longer than 5 seconds"):
        await telephone_sound(converted(tmp_path, "mp3", seconds=9), LONGEST)


PLAYLIST = b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
HOSTILE = {
    "nothing": b"",
    "a program": b"\x7fELF" + bytes(2000),
    "a page": b"<html><script>alert(1)</script>",
    "a list of files": PLAYLIST,
    "a list behind a sound's head": b"ID3\x03\x00\x00\x00\x00\x00\x00" + PLAYLIST,
    "a concat script": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(500),
    "a head alone": b"RIFF\xff\xff\xff\xffWAVE",
    "a wav without sound": wav_bytes(tone(0.0)),
    "a wav of billions of channels": b"RIFF\xff\xff\xff\xffWAVEfmt \x10\x00\x00\x00\x01\x00\xff\xff\xff\xff\xff\xff" + bytes(600),
    "an ogg of noise": b"OggS" + np.random.default_rng(1).bytes(60_000),
    "an mp3 of noise": b"\xff\xfb" + np.random.default_rng(2).bytes(300),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_no_sound_is_refused_in_a_sentence_and_soon(name: str) -> None:
    async def refused_after() -> float:
        began = time.monotonic()
        with pytest.raises(Invalid) as refused:
            await telephone_sound(HOSTILE[name], LONGEST)
        assert refused.value.code in {"sound_kind", "sound_broken", "sound_long"}
        return time.monotonic() - began

    assert await quickest_awaited(refused_after, 15) < 15


async def test_a_sound_with_a_damaged_middle_still_ends(tmp_path: Path) -> None:
    data = bytearray(converted(tmp_path, "mp3"))
    data[len(data) // 3 : len(data) // 2] = np.random.default_rng(3).bytes(len(data) // 2 - len(data) // 3)
    sound = await telephone_sound(bytes(data), LONGEST)
    assert 1.0 < len(sound) / 8000 <= LONGEST
