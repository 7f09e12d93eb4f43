"""Speech or empty, long enough or cut."""

from pathlib import Path

import numpy as np
import pytest

from recordings.adapters.wav_file import map_samples, read_head
from recordings.quality import hear, length_difference, message_state, talk_state
from recordings.recording import State
from tests.sounds import RATE, hiss, silence, tone, write_speech


def state_of(samples, **options):
    return message_state(hear(samples, RATE), **{"finished": True, "min_seconds": 1.0, **options})


@pytest.mark.parametrize(
    "samples", [silence(8), hiss(8), tone(8, level=0.001)], ids=["silence", "line noise", "faint hum"]
)
def test_a_message_nobody_spoke_in_is_empty(samples):
    assert state_of(samples) == (State.EMPTY, "no speech")


def test_a_click_is_no_message():
    samples = silence(5)
    samples[8000:8400] = tone(0.05, level=0.9)
    assert state_of(samples)[0] is State.EMPTY


def test_too_short_is_empty_however_loud():
    assert state_of(tone(0.9)) == (State.EMPTY, "shorter than 1 s")


def test_speech_is_a_message(tmp_path: Path):
    path = write_speech(tmp_path / "speech.wav")
    samples = map_samples(path, read_head(path))[:, 0]
    heard = hear(samples, RATE)
    assert heard.voiced_seconds > 1.0
    assert message_state(heard, finished=True, min_seconds=1.0) == (State.ARCHIVED, None)


def test_quiet_speech_is_a_message(tmp_path: Path):
    path = write_speech(tmp_path / "speech.wav")
    samples = (map_samples(path, read_head(path))[:, 0] / 30).astype(np.int16)
    assert hear(samples, RATE).loud_seconds < 0.3
    assert state_of(samples)[0] is State.ARCHIVED


def test_a_loud_tone_is_kept_for_a_person_to_judge():
    assert state_of(tone(3))[0] is State.ARCHIVED


def test_an_unfinished_header_makes_it_repaired():
    assert state_of(tone(3), finished=False)[0] is State.REPAIRED


def test_no_samples_at_all():
    assert state_of(silence(0))[0] is State.EMPTY


@pytest.mark.parametrize(
    ("seconds", "expected", "difference"),
    [(10.0, 10.9, 0), (10.0, 11.1, -1.1), (98.1, 100.0, 0), (97.5, 100.0, -2.5), (12.0, 10.0, 2.0), (5.0, None, 0)],
)
def test_length_within_one_second_or_two_percent(seconds, expected, difference):
    assert length_difference(seconds, expected) == pytest.approx(difference)


def test_states_of_a_talk():
    whole = {"expected_seconds": 60.0, "finished": True, "absent_leg": None}
    assert talk_state(60.2, **whole) == (State.ARCHIVED, None)
    assert talk_state(50.0, **whole) == (State.TRUNCATED, "10.0 s shorter than the talk")
    assert talk_state(60.2, **{**whole, "finished": False})[0] is State.REPAIRED
    assert talk_state(60.2, **{**whole, "absent_leg": "operator"}) == (
        State.TRUNCATED,
        "the operator's voice is missing",
    )
    assert talk_state(60.2, **{**whole, "expected_seconds": None}) == (State.ARCHIVED, None)
