"""What no process counts and everybody may see: how many prompts a machine still speaks."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily


def facts(var: Path) -> Iterable[Metric]:
    """Measures read from files of this house; what is not there is left out."""
    synthetic = _synthetic(var / "asterisk" / "sounds" / "report.json")
    if synthetic is not None:
        yield GaugeMetricFamily(
            "line1420_prompts_synthetic", "Prompts that no human has recorded yet.", value=float(synthetic)
        )


def _synthetic(report: Path) -> int | None:
    try:
        return len(json.loads(report.read_text(encoding="utf-8"))["synthetic"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
