"""Emergency announcements as a conversation tells them: to everybody who arrives, or to who is sent to a certain queue.

Each is several short prompts, because a phone renews its lease before each, and a milestone that says which it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ivr.dialogue.verbs import Mark
from ivr.kernel.milestones import Milestone


@dataclass(frozen=True, slots=True)
class Told:
    """One announcement: its id and the prompts it is made of."""

    announcement: str
    prompts: tuple[str, ...]
    queue: str = ""
    """For whom: empty is everybody."""

    @property
    def mark(self) -> Mark:
        return Mark(Milestone.ANNOUNCED, {"announcement": self.announcement, "queue": self.queue})


@dataclass(frozen=True, slots=True)
class News:
    """What is to be told now."""

    everybody: tuple[Told, ...] = ()
    queues: Mapping[str, tuple[Told, ...]] = field(default_factory=dict)

    def before(self, queue: str) -> tuple[Told, ...]:
        """What is told to who is sent to this queue."""
        return self.queues.get(queue, ())


NOTHING_NEW = News()


def marks_of(news: Iterable[Told]) -> tuple[Mark, ...]:
    """Written before the first word: who hangs up in the middle has heard of it."""
    return tuple(told.mark for told in news)


def prompts_of(news: Iterable[Told]) -> tuple[str, ...]:
    return tuple(prompt for told in news for prompt in told.prompts)
