"""Which members of a queue only help out in it, so that the board does not count them as its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from ivr.kernel.ids import QueueName, SeatName
from routing.live import Member
from routing.queues import QueueSettings


@dataclass(slots=True)
class Helpers:
    """Seats by the queue they help out in, as their penalty says (`routing.ladder`)."""

    settings: Mapping[QueueName, QueueSettings]
    _seats: dict[QueueName, set[SeatName]] = field(default_factory=dict)

    def take(self, member: Member) -> None:
        """News of a member of a queue."""
        known = self.settings.get(member.queue)
        helps = self._seats.setdefault(member.queue, set())
        helps.discard(member.seat)
        if known is not None and known.ladder.is_helper(member.penalty):
            helps.add(member.seat)

    def own(self, queue: QueueName, members: Collection[SeatName]) -> set[SeatName]:
        """Of the queue's members those who do not only help out."""
        return set(members) - self._seats.get(queue, set())

    def counts(
        self, queue: QueueName, members: Collection[SeatName], is_free: Callable[[SeatName], bool]
    ) -> dict[str, int]:
        """Of the queue's own agents and, apart from them, of its helpers: how many there are and how many are free."""
        own = self.own(queue, members)
        helpers = set(members) - own
        return {
            "members_available": sum(map(is_free, own)),
            "members_total": len(own),
            "helpers_available": sum(map(is_free, helpers)),
            "helpers_total": len(helpers),
        }
