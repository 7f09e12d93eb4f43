"""The words of the pages, from `text_fa.toml` and `text_en.toml`, looked up as `say("floor.title", seconds=3)`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

LANGUAGES = ("fa", "en")
_HERE = Path(__file__).parent


class Texts:
    """All words of one language. An unknown key is a mistake of ours and raises; `word` is for values from outside."""

    def __init__(self, language: str, words: Mapping[str, str]) -> None:
        self.language = language
        self._words = words

    def __call__(self, key: str, /, **values: object) -> str:
        return self._words[key].format_map(values) if values else self._words[key]

    def word(self, family: str, value: str | None) -> str:
        """The name of a value (`word("disposition", "answered")`); a value with no name yet shows as it is."""
        if value is None:
            return self._words["site.none"]
        return self._words.get(f"{family}.{value}", value)

    def family(self, name: str) -> dict[str, str]:
        """All words of one section, for a select box or an island."""
        start = f"{name}."
        return {key.removeprefix(start): word for key, word in self._words.items() if key.startswith(start)}

    def keys(self) -> set[str]:
        return set(self._words)


@cache
def texts(language: str) -> Texts:
    """The words of `fa` or `en`; the file is read once."""
    content = tomllib.loads((_HERE / f"text_{language}.toml").read_text("utf-8"))
    return Texts(language, {f"{part}.{key}": word for part, words in content.items() for key, word in words.items()})
