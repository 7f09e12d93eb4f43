"""Several who hear what the board is folded from."""

from __future__ import annotations

from collections.abc import Sequence

from routing.live import LiveEvent, Snapshot
from routing.ports import Watcher


class Watchers:
    """`routing.ports.Watcher`: tells each in turn."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self._watchers = tuple(watchers)

    def heard(self, event: LiveEvent) -> None:
        for watcher in self._watchers:
            watcher.heard(event)

    def pictured(self, snapshot: Snapshot, meanwhile: Sequence[LiveEvent]) -> None:
        for watcher in self._watchers:
            watcher.pictured(snapshot, meanwhile)

    def lost(self) -> None:
        for watcher in self._watchers:
            watcher.lost()
