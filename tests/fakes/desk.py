"""A desk that answers what the test lets it know. Keeps the promises of `tests/integration/api/advice/test_desk_contract.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agi_scripts.desk import NoDesk
from ivr.dialogue.replies import Advice, DeskUnavailable
from ivr.dialogue.verbs import AskAdvice

UNKNOWN = Advice(estimate_seconds=None, basis="", wait_limit_seconds=600)


@dataclass
class FakeDesk(NoDesk):
    """Knows of each queue what stands in `queues`, and remembers what it was asked. `away`: it answers nothing."""

    queues: Mapping[str, Advice] = field(default_factory=dict)
    away: bool = False
    asked: list[AskAdvice] = field(default_factory=list)

    async def advise(self, asked: AskAdvice) -> Advice | DeskUnavailable:  # type: ignore[override]
        self.asked.append(asked)
        return DeskUnavailable() if self.away else self.queues.get(asked.queue, UNKNOWN)
