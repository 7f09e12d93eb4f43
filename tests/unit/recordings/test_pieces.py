"""A sound becomes prompts: nothing is lost between the pieces, none is too long, and cuts lie where it is quiet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.kernel.errors import Invalid
from recordings.pieces import LONGEST_SECONDS, RATE, levelled, pieces
from tests.sounds import silence, tone


@settings(deadline=None)  # on a busy machine one example may take long
@given(st.integers(0, 15 * RATE), st.integers(0, 2**32 - 1))
def test_the_pieces_are_the_sound_and_none_is_too_long(length: int, seed: int) -> None:
    sound = np.random.default_rng(seed).integers(-3000, 3000, length, dtype=np.int16)
    parts = pieces(sound)
    assert np.array_equal(np.concatenate(parts), sound)
    assert max(len(part) for part in parts) <= LONGEST_SECONDS * RATE
    assert all(len(part) > RATE for part in parts[:-1])


def test_a_cut_lies_in_the_pause_between_two_words() -> None:
    sound = np.concatenate([tone(2.5), silence(0.3), tone(2.0)])
    first, _ = pieces(sound)
    assert 2.5 < len(first) / RATE < 2.8


def test_a_quiet_recording_is_made_as_loud_as_the_prompts_and_a_loud_one_does_not_clip() -> None:
    for level in (0.01, 0.9):
        loud = levelled(tone(1.0, level=level)).astype(float) / 32768
        assert 20 * np.log10(np.sqrt(np.mean(loud**2))) == pytest.approx(-20, abs=0.5)
    click = np.concatenate([silence(1.0), np.full(8, 32767, np.int16), tone(0.2, level=0.02)])
    assert np.abs(levelled(click)).max() <= 10 ** (-3 / 20) * 32768 + 1


@pytest.mark.parametrize("sound", [silence(2.0), np.zeros(0, np.int16), tone(1.0, level=0.0005)])
def test_a_microphone_that_was_off_is_refused(sound: np.ndarray) -> None:
    with pytest.raises(Invalid, match="Nothing is heard"):
        levelled(sound)
