"""Failpoints of a line: which word lies at which place."""

from __future__ import annotations

from pathlib import Path

from tests.line import Line


def folder_of(var: Path) -> Path:
    """Where a line whose data lie in `var` looks for words."""
    return var / "failpoints"


def arm(line: Line, place: str, word: str) -> Path:
    """Put the word down whole; the returned file has gone once the place was passed."""
    folder = folder_of(line.var)
    folder.mkdir(exist_ok=True)
    path, draft = folder / place, folder / f".{place}.draft"
    draft.write_text(word, encoding="ascii")
    draft.replace(path)
    return path
