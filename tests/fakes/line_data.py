"""The data shipped with the line, read once for tests: catalogue, menu, hours."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ivr.kernel.hours import Hours, load_hours
from ivr.menu.loader import load_menu
from ivr.menu.tree import MenuTree
from ivr.prompts.catalogue import Catalogue, load_catalogue

QUEUES = frozenset({"general", "insurance", "pensions", "treatment"})
LANGUAGES = ("fa", "en")


def text(name: str) -> str:
    return (files("ivr.data") / name).read_text(encoding="utf-8")


@cache
def catalogue() -> Catalogue:
    return load_catalogue({language: text(f"prompts_{language}.toml") for language in LANGUAGES})


@cache
def tree() -> MenuTree:
    return load_menu(
        text("menu_1420.toml"), queues=QUEUES, prompts={lang: catalogue().names(lang) for lang in LANGUAGES}
    )


@cache
def hours() -> Hours:
    return load_hours(text("hours.toml"))
