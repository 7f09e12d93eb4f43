"""Making prompts: what is made, what is taken from a person, what is left alone."""

import json
import re
import shutil
import wave
from pathlib import Path

import numpy as np
import pytest
from pydub import AudioSegment
from pydub.generators import Sine

from asterisk_conf import prompt_sound, prompts
from asterisk_conf.hold_music import hold_music
from asterisk_conf.settings import ExchangeSettings
from ivr.kernel.errors import Invalid, Unavailable
from ivr.prompts.catalogue import Prompt
from tests.fakes import line_data


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All prompts of the line; those that lie ready and unchanged under `var` are not made once more."""
    var = tmp_path_factory.mktemp("var")
    ready = Path("var/asterisk/sounds")
    if (ready / "manifest.json").exists():
        shutil.copytree(ready, var / "asterisk" / "sounds")
    prompts.make(ExchangeSettings(var=var))
    return var / "asterisk"


def heard(path: Path) -> AudioSegment:
    """The sound of a file; pydub's own reader leaves the file open."""
    with wave.open(str(path)) as sound:
        frames = sound.readframes(sound.getnframes())
        return AudioSegment(
            frames,
            sample_width=sound.getsampwidth(),
            frame_rate=sound.getframerate(),
            channels=sound.getnchannels(),
        )


def test_every_prompt_is_there_in_both_languages_as_asterisk_wants_it(made: Path) -> None:
    for language in line_data.LANGUAGES:
        for name in line_data.catalogue().names(language):
            with wave.open(str(made / "sounds" / language / "line" / f"{name}.wav")) as sound:
                assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8_000, 1, 2)
                assert sound.getnframes() > 800, name


def test_whatever_the_dialplan_plays_itself_is_a_prompt_of_the_catalogue() -> None:
    templates = Path(prompts.__file__).parent / "templates"
    played = {
        name
        for file in templates.rglob("*")
        if file.is_file()
        for name in re.findall(r"\bline/([a-z][a-z0-9_]*)", file.read_text(encoding="utf-8"))
    }
    assert {"beep", "fallback_sorry"} <= played
    assert line_data.catalogue().missing(played) == ()


def test_no_piece_is_longer_than_a_lease_allows(made: Path) -> None:
    report = json.loads((made / "sounds" / "report.json").read_text())
    assert report["too_long"] == []
    for path in (made / "sounds").glob("*/line/*.wav"):
        with wave.open(str(path)) as sound:
            assert sound.getnframes() / 8_000 <= prompts.LONGEST_SECONDS, path


def test_speech_has_an_even_level_and_no_long_silence_around_it(made: Path) -> None:
    for path in sorted((made / "sounds").glob("*/line/*.wav")):
        sound = heard(path)
        if line_data.catalogue().prompt(path.parts[-3], path.stem).text:
            assert sound.max_dBFS <= prompt_sound.PEAK_DBFS + 0.2, path
            assert -27 < sound.dBFS < -18, path
            assert sound[:150].max_dBFS > -45, path  # type: ignore[union-attr]


def test_the_report_lists_what_a_machine_speaks(made: Path) -> None:
    synthetic = json.loads((made / "sounds" / "report.json").read_text())["synthetic"]
    assert "fa/welcome" in synthetic
    assert "fa/pause" not in synthetic
    assert "en/beep" not in synthetic


def test_a_second_run_makes_nothing(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prompts.make(ExchangeSettings(var=made.parent))
    assert ", 0 made now," in capsys.readouterr().out


def test_a_recording_of_a_person_wins_and_is_brought_to_form(made: Path, tmp_path: Path) -> None:
    var = tmp_path / "var"
    shutil.copytree(made / "sounds", var / "asterisk" / "sounds")
    (tmp_path / "fa").mkdir()
    voice = AudioSegment.silent(700, 44_100) + Sine(600, sample_rate=44_100).to_audio_segment(1_000).apply_gain(-30)
    voice.set_channels(2).export(tmp_path / "fa" / "welcome.wav", format="wav").close()  # type: ignore[union-attr]
    shutil.copy(tmp_path / "fa" / "welcome.wav", tmp_path / "fa" / "misspelt.wav")
    prompts.make(ExchangeSettings(var=var), recordings=tmp_path)
    report = json.loads((var / "asterisk" / "sounds" / "report.json").read_text())
    assert report["recorded"] == ["fa/welcome"]
    assert report["unknown_recordings"] == ["fa/misspelt.wav"]
    assert "fa/welcome" not in report["synthetic"]
    sound = heard(var / "asterisk" / "sounds" / "fa" / "line" / "welcome.wav")
    assert (sound.frame_rate, sound.channels) == (8_000, 1)
    assert 980 <= len(sound) <= 1_060
    assert sound.dBFS == pytest.approx(prompt_sound.LOUDNESS_DBFS, abs=0.5)


def test_a_recording_that_is_no_sound_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "welcome.wav"
    broken.write_text("no sound")
    with pytest.raises(Invalid, match=r"welcome\.wav cannot be read as sound"):
        prompt_sound.sound_of(Prompt("welcome", "x", "fa"), broken)


def test_a_missing_program_says_how_to_get_it() -> None:
    with pytest.raises(Unavailable, match="apt-get install -y espeak-never"):
        prompt_sound.need_tools("espeak-never", "sh")


def test_a_changed_text_is_spoken_anew() -> None:
    short = prompt_sound.sound_of(Prompt("x", "one", "en"), None)
    longer = prompt_sound.sound_of(Prompt("x", "one hundred and twenty one", "en"), None)
    assert len(longer) > len(short) > 100


def test_a_broken_manifest_only_means_more_work(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    for text in ("", "[]", '{"a": 1}', '{"a": {"hash": 1}}'):
        manifest.write_text(text)
        assert prompts._read_manifest(manifest) == {}


def test_music_is_soft_calm_and_has_no_seam() -> None:
    music = hold_music()
    assert (music.frame_rate, music.channels, len(music)) == (8_000, 1, 32_000)
    assert -26 < music.dBFS < -22
    assert music.max_dBFS < -3
    samples = np.array(music.get_array_of_samples(), dtype=float)
    seam = abs(samples[0] - samples[-1])
    assert seam <= np.abs(np.diff(samples)).max()
