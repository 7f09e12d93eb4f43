"""`make prompts`: every prompt of the catalogue as a sound file, in both languages, and music for waiting.

In: the prompt files of `ivr/data` and human recordings in `asterisk_conf/sounds/<language>/<prompt>.wav`. Out:
`<var>/asterisk/sounds/<language>/line/<prompt>.wav`, `report.json` beside them (which prompts are still synthetic),
`<var>/asterisk/moh/line.wav`. Only what has changed is made again.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from asterisk_conf import prompt_sound
from asterisk_conf.hold_music import hold_music
from asterisk_conf.settings import ExchangeSettings
from ivr.kernel.errors import LineError
from ivr.prompts.catalogue import Catalogue, Prompt, load_catalogue

LANGUAGES = ("fa", "en")
LONGEST_SECONDS = 3.5
"""A door renews its lease before each prompt; a longer one would let a frozen door go unnoticed for too long."""

RECIPE = 2
"""Goes up when `prompt_sound` or `hold_music` makes other sounds from the same text; everything is then made again."""

AT_ONCE = 2
RECORDINGS = Path(__file__).parent / "sounds"


@dataclass(frozen=True, slots=True)
class _Work:
    language: str
    prompt: Prompt
    recording: Path | None
    target: Path

    @property
    def key(self) -> str:
        return f"{self.language}/{self.prompt.name}"

    @property
    def is_synthetic(self) -> bool:
        """Whether a machine speaks here; silences and tones are no speech."""
        return self.recording is None and bool(self.prompt.text)

    def fingerprint(self) -> str:
        heard = self.recording.read_bytes() if self.recording else repr(self.prompt).encode()
        return hashlib.sha256(f"{RECIPE}\n".encode() + heard).hexdigest()


def read_catalogue() -> Catalogue:
    """The catalogue from the files shipped with `ivr`."""
    folder = resources.files("ivr.data")
    return load_catalogue({lang: (folder / f"prompts_{lang}.toml").read_text(encoding="utf-8") for lang in LANGUAGES})


def make(settings: ExchangeSettings, recordings: Path = RECORDINGS) -> None:
    """Make what is missing or changed, write the report, print one line. Raises `LineError` that says what to do."""
    sounds = settings.asterisk / "sounds"
    catalogue = read_catalogue()
    work = list(_plan(catalogue, sounds, recordings))
    manifest_file = sounds / "manifest.json"
    known = _read_manifest(manifest_file)
    fresh = {item.key: item.fingerprint() for item in work}
    stale = [
        item for item in work if known.get(item.key, {}).get("hash") != fresh[item.key] or not item.target.exists()
    ]
    if stale:
        prompt_sound.need_tools("espeak-ng", "ffmpeg")
        if len(stale) > 20:
            print(f"prompts: making {len(stale)} sounds …", flush=True)
    seconds = {key: float(str(entry["seconds"])) for key, entry in known.items() if key in fresh}
    done = {key: entry for key, entry in known.items() if key in fresh}
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for item, length in zip(stale, pool.map(_make_one, stale), strict=True):
                seconds[item.key] = length
                done[item.key] = {"hash": fresh[item.key], "seconds": length}
    finally:
        _write_json(manifest_file, done)
    _make_music(settings.asterisk / "moh" / "line.wav", known.get("moh", {}), manifest_file, done)
    report = _report(work, seconds, recordings)
    _write_json(sounds / "report.json", report)
    too_long = report["too_long"]
    print(
        f"prompts: {len(work)} sounds, {len(stale)} made now, {len(report['synthetic'])} still synthetic"
        f" (see {sounds / 'report.json'})" + (f"; longer than {LONGEST_SECONDS} s: {too_long}" if too_long else ""),
        flush=True,
    )


def _plan(catalogue: Catalogue, sounds: Path, recordings: Path) -> Iterator[_Work]:
    for language, prompts in catalogue.languages.items():
        for prompt in prompts.values():
            recording = recordings / language / f"{prompt.name}.wav"
            target = sounds / language / "line" / f"{prompt.name}.wav"
            yield _Work(language, prompt, recording if recording.is_file() else None, target)


def _make_one(work: _Work) -> float:
    sound = prompt_sound.sound_of(work.prompt, work.recording)
    prompt_sound.write(sound, work.target)
    return round(len(sound) / 1000, 3)


def _make_music(path: Path, known: dict[str, object], manifest_file: Path, done: dict[str, dict[str, object]]) -> None:
    if not path.exists() or known.get("hash") != str(RECIPE):
        prompt_sound.write(hold_music(), path)
    _write_json(manifest_file, {**done, "moh": {"hash": str(RECIPE), "seconds": 0}})


def _report(work: list[_Work], seconds: dict[str, float], recordings: Path) -> dict[str, list[str]]:
    asked = {(item.language, item.prompt.name) for item in work}
    lying = [path for language in LANGUAGES for path in sorted((recordings / language).glob("*.wav"))]
    return {
        "synthetic": sorted(item.key for item in work if item.is_synthetic),
        "recorded": sorted(item.key for item in work if item.recording),
        "too_long": sorted(key for key, length in seconds.items() if length > LONGEST_SECONDS),
        "unknown_recordings": [str(p.relative_to(recordings)) for p in lying if (p.parent.name, p.stem) not in asked],
    }


def _read_manifest(path: Path) -> dict[str, dict[str, object]]:
    """What was made before; an unreadable manifest only means that everything is made again."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        return {str(key): {"hash": entry["hash"], "seconds": entry["seconds"]} for key, entry in manifest.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}


def _write_json(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(part, path)


def main() -> int:
    try:
        make(ExchangeSettings())
    except LineError as error:
        print(f"prompts: {error.message}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
