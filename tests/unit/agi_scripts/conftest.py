"""A door server on a free port with the line's real menu, its own spool, and a sound for every prompt."""

from __future__ import annotations

import os
import wave
from collections.abc import AsyncIterator, Callable
from importlib.resources import files
from pathlib import Path

import pytest

from agi_scripts.desk import NoDesk
from agi_scripts.server import DoorServer
from agi_scripts.settings import DoorSettings
from agi_scripts.sounds import SoundShelf
from agi_scripts.wiring import build_house, open_doors
from ivr.prompts.catalogue import load_catalogue
from tests.fakes.asterisk_agi import TOKEN


def silence(path: Path, seconds: float) -> Path:
    """A sound of our one form."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * round(seconds * 8000))
    return path


@pytest.fixture(scope="session")
def every_prompt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`<folder>/<language>/line/*.wav` for the whole catalogue, two seconds each."""
    folder = tmp_path_factory.mktemp("sounds")
    one = silence(folder / "one.wav", 2.0)
    texts = {tongue: (files("ivr.data") / f"prompts_{tongue}.toml").read_text("utf-8") for tongue in ("fa", "en")}
    for tongue in texts:
        (folder / tongue / "line").mkdir(parents=True)
        for name in load_catalogue(texts).names(tongue):
            os.link(one, folder / tongue / "line" / f"{name}.wav")
    return folder


@pytest.fixture
def door_settings(tmp_path: Path, every_prompt: Path) -> DoorSettings:
    (tmp_path / "asterisk").mkdir()
    (tmp_path / "asterisk" / "sounds").symlink_to(every_prompt)
    return DoorSettings.model_validate({"var": tmp_path, "agi_port": 0, "agi_token": TOKEN, "clock_open": "always"})


OpenDoors = Callable[..., "DoorServer"]


@pytest.fixture
async def doors(door_settings: DoorSettings) -> AsyncIterator[DoorServer]:
    server = DoorServer(
        door_settings, open_doors(build_house(door_settings, NoDesk())), SoundShelf(door_settings.sounds)
    )
    await server.start()
    yield server
    await server.stop()
