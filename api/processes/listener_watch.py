"""What the listener counts, read from it whenever somebody asks (`line1420_listener_<figure>`), and whom Asterisk refused."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import structlog
from prometheus_client import Counter, Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from api.callbacks.dialler import DiallerCounts
from api.duty.keeper import Keeper
from ivr.kernel.clock import Clock
from routing.listener import Listener
from routing.members import MemberCounts
from routing.security_log import SecurityTail

log = structlog.get_logger(__name__)

GAUGES = {
    "ami_up": "1 while the listener is logged in.",
    "ami_age_seconds": "Since the last proof that the board is Asterisk's; before the first, since the listener's start.",
    "inbox_items": "Messages that wait for the board's one reader.",
}
KEEPER = {
    "line1420_keeper_steps": "Steps said to Asterisk and accepted: seats in and out of queues, paused and free.",
    "line1420_keeper_refused": "Such steps that Asterisk refused.",
    "line1420_keeper_reasserted": "Such steps that put right what Asterisk had lost or changed by itself.",
}
DIALLER = {
    "line1420_dialler_placed": "Call backs that were put into a queue.",
    "line1420_dialler_withdrawn": "Call backs that were taken out of one: cancelled, closed, set right.",
    "line1420_dialler_refused": "Such steps that Asterisk refused.",
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


REFUSALS = Counter("line1420_exchange_refusals_total", "Logins and actions that Asterisk refused.", ["service", "kind"])
for _refused in (("PJSIP", "InvalidAccountID"), ("PJSIP", "ChallengeResponseFailed"), ("AMI", "InvalidPassword"),
                 ("AMI", "RequestNotAllowed")):  # fmt: skip
    REFUSALS.labels(*_refused)

_SHOWN = 10
"""Log lines in one look; who tries a thousand passwords shall not fill the log."""


class RefusalWatch:
    """`look` now and then: counts what Asterisk refused, and says who was refused what."""

    def __init__(self, log_folder: Path) -> None:
        self._tail = SecurityTail(log_folder / "security.log")

    async def look(self) -> None:
        found = await asyncio.to_thread(self._tail.read)
        for refusal, times in found.items():
            REFUSALS.labels(refusal.service, refusal.kind).inc(times)
        for refusal, times in found.most_common(_SHOWN):
            log.warning(
                "exchange.refused", service=refusal.service, kind=refusal.kind, account=refusal.account,
                address=refusal.address, times=times,
            )  # fmt: skip


class ListenerFigures:
    """A collector over `Listener.figures()`."""

    def __init__(
        self, listener: Listener, clock: Clock, keeper: Keeper | None = None, dialler: DiallerCounts | None = None
    ) -> None:
        self._listener = listener
        self._dialler = dialler or DiallerCounts()
        self._keeper = keeper
        self._clock = clock
        self._started = clock.now()

    def collect(self) -> Iterable[Metric]:
        since_start = (self._clock.now() - self._started).total_seconds()
        figures = {"ami_age_seconds": since_start} | self._listener.figures()
        for name, meaning in GAUGES.items():
            yield GaugeMetricFamily(f"line1420_listener_{name}", meaning, value=max(0.0, figures[name]))
        for name, meaning in COUNTERS.items():
            yield CounterMetricFamily(f"line1420_listener_{name}", meaning, value=figures[name])
        # also where nobody signs in: a rule must find its measure to say that all is well
        keeper = self._keeper
        counts = asdict(keeper.members.counts if keeper else MemberCounts())
        for name, meaning in KEEPER.items():
            yield CounterMetricFamily(name, meaning, value=counts[name.removeprefix("line1420_keeper_")])
        on_duty = len(keeper.duties or ()) if keeper else 0
        yield GaugeMetricFamily("line1420_keeper_on_duty", "Agents signed in at a seat.", value=on_duty)
        for name, meaning in DIALLER.items():
            value = getattr(self._dialler, name.removeprefix("line1420_dialler_"))
            yield CounterMetricFamily(name, meaning, value=value)
        yield GaugeMetricFamily("line1420_dialler_open", "Call backs that are not over.", value=self._dialler.open)
