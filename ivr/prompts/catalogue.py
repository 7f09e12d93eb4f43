"""Every prompt by name, in each language: what must be spoken, and by which voice.

Takes the text of the prompt files; a name that is missing in one language is a problem told by name, so that an
English caller never falls into a hole that a Persian caller did not see.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ivr.kernel.errors import Invalid

_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")


@dataclass(frozen=True, slots=True)
class Prompt:
    """One short piece of sound. `voice` is the language of the text; `silence` or `tone` in seconds instead of a text."""

    name: str
    text: str
    voice: str
    silence: float = 0.0
    tone: float = 0.0


class CatalogueInvalid(Invalid):
    """The prompt files have problems; `problems` lists all of them."""

    code = "prompts_invalid"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("the prompt files have problems:\n" + "\n".join(f"  {problem}" for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Prompts by language and name; complete in every language."""

    languages: Mapping[str, Mapping[str, Prompt]]

    def prompt(self, language: str, name: str) -> Prompt:
        """The prompt, or `KeyError`: the names used in code are all checked by tests."""
        return self.languages[language][name]

    def names(self, language: str) -> frozenset[str]:
        return frozenset(self.languages[language])

    def missing(self, names: Iterable[str]) -> tuple[str, ...]:
        """`language/name` of each of `names` that some language does not know."""
        asked = sorted(set(names))
        return tuple(f"{tongue}/{n}" for tongue, known in self.languages.items() for n in asked if n not in known)


def load_catalogue(texts: Mapping[str, str]) -> Catalogue:
    """The catalogue from `{"fa": text of prompts_fa.toml, "en": …}`. Raises `CatalogueInvalid` with every problem."""
    problems: list[str] = []
    languages = {language: _read(language, text, problems) for language, text in texts.items()}
    everywhere = {name for prompts in languages.values() for name in prompts}
    for language, prompts in languages.items():
        problems.extend(
            f"prompts_{language}.toml: {name!r} is missing; another language has it"
            for name in sorted(everywhere - set(prompts))
        )
    if problems:
        raise CatalogueInvalid(problems)
    return Catalogue(languages)


def _read(language: str, text: str, problems: list[str]) -> dict[str, Prompt]:
    file = f"prompts_{language}.toml"
    try:
        raw = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # no TOML, or a number or nesting beyond any reader
        problems.append(f"{file}: {error}; is a name written twice?")
        return {}
    prompts: dict[str, Prompt] = {}
    for section, entries in raw.items():
        if not isinstance(entries, dict):
            problems.append(f"{file}: {section!r} stands outside a section; put it under one, e.g. [menu]")
            continue
        for name, value in entries.items():
            if not _NAME.fullmatch(name):
                problems.append(f"{file}: {name!r} is no prompt name; use small letters, digits and '_'")
            elif name in prompts:
                problems.append(f"{file}: {name!r} stands in two sections; keep one")
            elif (prompt := _prompt(name, value, language)) is None:
                problems.append(
                    f'{file}: {name!r} needs a text, {{ text = "…", voice = "fa" }} {{ silence = 0.3 }} or {{ tone = 0.4 }}'
                )
            else:
                prompts[name] = prompt
    return prompts


def _prompt(name: str, value: Any, language: str) -> Prompt | None:
    match value:
        case str() if value.strip():
            return Prompt(name, value, language)
        case {"text": str(text), "voice": "fa" | "en" as voice} if len(value) == 2 and text.strip():
            return Prompt(name, text, voice)
        case {"silence": int() | float() as seconds} if len(value) == 1 and 0 < seconds <= 2:
            return Prompt(name, "", language, silence=float(seconds))
        case {"tone": int() | float() as seconds} if len(value) == 1 and 0 < seconds <= 2:
            return Prompt(name, "", language, tone=float(seconds))
        case _:
            return None
