"""What the listener counts, read from it whenever somebody asks: `line1420_listener_<figure>`."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from ivr.kernel.clock import Clock
from routing.listener import Listener

GAUGES = {
    "ami_up": "1 while the listener is logged in.",
    "ami_age_seconds": "Since the last proof that the board is Asterisk's; before the first, since the listener's start.",
    "inbox_items": "Messages that wait for the board's one reader.",
}
COUNTERS = {
    "events": "Events that moved the board.",
    "rejected_messages": "Messages of the manager interface that broke the pattern and were dropped.",
    "snapshots": "Whole pictures taken.",
    "snapshots_failed": "Whole pictures that were not answered.",
    "snapshot_differences": "Things on a live board that a whole picture had to correct.",
    "changed_while_away": "The same, after the link had been lost.",
    "resyncs": "Times the listener fell behind, dropped all and began anew.",
    "overflow_drops": "Messages dropped on these occasions.",
    "logins": "Logins that Asterisk accepted.",
    "refused_logins": "Logins that Asterisk refused.",
    "unpublished": "Boards that the database did not take.",
}


class ListenerFigures:
    """A collector over `Listener.figures()`."""

    def __init__(self, listener: Listener, clock: Clock) -> None:
        self._listener = listener
        self._clock = clock
        self._started = clock.now()

    def collect(self) -> Iterable[Metric]:
        since_start = (self._clock.now() - self._started).total_seconds()
        figures = {"ami_age_seconds": since_start} | self._listener.figures()
        for name, meaning in GAUGES.items():
            yield GaugeMetricFamily(f"line1420_listener_{name}", meaning, value=max(0.0, figures[name]))
        for name, meaning in COUNTERS.items():
            yield CounterMetricFamily(f"line1420_listener_{name}", meaning, value=figures[name])
