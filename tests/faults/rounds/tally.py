"""What a run of rounds placed, broke and found, as one JSON file: the numbers that docs/faults.md quotes."""

from __future__ import annotations

import json
import os
import random
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ivr.kernel.clock import SystemClock
from tests.line import SHARED_VAR
from tests.told import head_commit

FOLDER = Path(os.environ.get("LINE1420_FAULT_RESULTS") or SHARED_VAR / "faults")
SEED = int(os.environ.get("LINE1420_FAULT_SEED") or random.SystemRandom().randrange(10_000))
"""What a run draws its choices from; printed at its end."""


@dataclass(slots=True)
class Round:
    """One fault on one cohort. `steps` are those at which a caller was seen to stand; each is one cell."""

    process: str
    action: str
    steps: list[str] = field(default_factory=list)
    calls: int = 0
    faults: int = 0
    back_seconds: float | None = None
    settled_seconds: float | None = None
    endings: dict[str, list[str]] = field(default_factory=dict)
    """Step → the dispositions of those who stood there."""
    silence_seconds: float | None = None
    """Longest time until a caller whose door was struck was led on."""
    breaches: list[str] = field(default_factory=list)
    green: bool = False


@dataclass(slots=True)
class Tally:
    """All rounds of one run."""

    seed: int
    kind: str
    rounds: list[Round] = field(default_factory=list)
    cohorts: int = 0

    @property
    def cells(self) -> int:
        return len({(r.process, r.action, step) for r in self.rounds for step in r.steps})

    def next_serial(self) -> int:
        """Another number for every cohort, also for one that failed: callers' numbers are used once in a run."""
        self.cohorts += 1
        return self.cohorts

    @property
    def path(self) -> Path:
        return FOLDER / f"{self.kind}.json"

    def add(self, *rounds: Round) -> None:
        """Count rounds and write everything down: a run that is cut off has counted what it did."""
        self.rounds += rounds
        self.write()

    def line(self) -> str:
        """One sentence."""
        calls, faults = sum(r.calls for r in self.rounds), sum(r.faults for r in self.rounds)
        breaches = sum(len(r.breaches) for r in self.rounds)
        return (
            f"seed {self.seed}: {len(self.rounds)} rounds, {self.cells} cells, {calls} calls placed, "
            f"{faults} faults injected, {breaches} breaches; {self.path}"
        )

    def write(self) -> None:
        """Replace the file of this kind of run; its parts that other tests of the run wrote are in `rounds` too."""
        told = {
            "kind": self.kind,
            "seed": self.seed,
            "at": SystemClock().now().isoformat(timespec="seconds"),
            "commit": head_commit(),
            "cells": self.cells,
            "calls": sum(r.calls for r in self.rounds),
            "faults": sum(r.faults for r in self.rounds),
            "breaches": sum(len(r.breaches) for r in self.rounds),
            "rounds": [asdict(r) for r in self.rounds],
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part")
        part.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        part.replace(self.path)
