"""One page of measures from many processes: the same names side by side, told apart by the label `process`."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily

from api.health.files import Written


class _Together:
    """A collector over what is already there."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families


def page(own_name: str, own: CollectorRegistry, others: Iterable[Written], facts: Iterable[Metric]) -> bytes:
    """Prometheus' text format: this process's live measures, the others' files, their age, and `facts` as they are."""
    families: dict[str, Metric] = {}
    age = GaugeMetricFamily(
        "line1420_process_age_seconds",
        "Since this process last wrote its measures, every five seconds while its loop turns.",
        labels=["process"],
    )
    age.add_metric([own_name], 0.0)
    _add(families, own_name, own.collect())
    for written in others:
        if written.process != own_name:
            age.add_metric([written.process], written.age_seconds)
            _add(families, written.process, written.families)
    return generate_latest(_Together([*families.values(), age, *facts]))


def _add(families: dict[str, Metric], process: str, of_process: Iterable[Metric]) -> None:
    for family in of_process:
        one = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
        one.samples += [s._replace(labels={**s.labels, "process": process}) for s in family.samples]
