"""The measures of all processes, from `<var>/run/metrics/<process>.prom`, and how old each file is.

A file is parsed once for each time it was written, so that asking often costs next to nothing. A file of a process that
died stays: its age is the news.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Written:
    """What one process last wrote of itself, `age_seconds` ago."""

    process: str
    age_seconds: float
    families: tuple[Metric, ...]

    def value(self, name: str, **labels: str) -> float | None:
        """The largest sample called `name` that carries these labels; None when there is none."""
        found = [
            sample.value
            for family in self.families
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        ]
        return max(found, default=None)


class MeasureFiles:
    """One folder of such files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[Path, tuple[int, tuple[Metric, ...]]] = {}

    def read(self, now: datetime) -> list[Written]:
        """What each process wrote, by name. Missing folder, vanished and broken files are left out."""
        found: list[Written] = []
        for path in sorted(self._folder.glob("*.prom")):
            try:
                changed = path.stat().st_mtime_ns
                if self._known.get(path, (0, ()))[0] != changed:
                    text = path.read_text(encoding="utf-8")
                    self._known[path] = changed, tuple(text_string_to_metric_families(text))
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                log.warning("measures.unreadable", file=path.name, problem=type(error).__name__)
                continue
            age = max(0.0, now.timestamp() - changed / 1e9)
            found.append(Written(path.stem, age, self._known[path][1]))
        return found
