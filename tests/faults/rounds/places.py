"""Failpoints of a line: which word lies at which place, and which cell of the matrix a place is."""

from __future__ import annotations

from pathlib import Path

from tests.faults.rounds.steps import Step
from tests.line import Line

PLACES: dict[str, tuple[str, Step]] = {
    "doors.after_score": ("doors-a", Step.S8),
    "doors.message_kept": ("doors-a", Step.S10),
    "doors.before_done": ("doors-a", Step.S1),
    "follower.before_commit": ("follower", Step.S13),
    "worker.talk_archived": ("worker", Step.S12),
    "worker.message_archived": ("worker", Step.S10),
    "worker.message_written": ("worker", Step.S11),
    "worker.before_clear": ("worker", Step.S11),
    "worker.before_acknowledge": ("worker", Step.S11),
}
"""Place → who dies there, and at which step of a call that is."""


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
