"""The way out of a dialogue to a queue: what the desk knows of the caller and of the wait is written and told. Pure.

A dialogue that leads to a queue asks `AskAdvice` last, keeps a `WayOut` in its state, and hands every reply but a hangup to
`go_on` until that leaves. Whoever goes to a queue without it waits without their priority.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.dialogue.replies import Advice, Keyed
from ivr.dialogue.verbs import Gather, Leave, Mark, Say, Verb
from ivr.dialogue.wait_told import INSTEAD, told_of
from ivr.kernel.milestones import Goto, Milestone

SKIP_SECONDS, OFFER_SECONDS = 0.1, 1.0
"""So long after the sentence about the wait a key may still come: hardly, and a moment longer after offers."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """To which queue. `told`: what was said about the wait there, `wait` or `offers` (something else than it); `priority`:
    the one the caller has there, 0 to 10. `typing`: the caller was keying digits that led nowhere and may still be at it:
    their next key is not meant for the sentence about the wait, and would be followed by one that leads out of the queue."""

    queue: str
    told: str = ""
    priority: int = 0
    typing: bool = False


def go_on(door: str, way: WayOut, reply: object) -> tuple[WayOut, tuple[Verb, ...]]:
    """First what can be said of the wait, then the hand-over. Any key ends the sentence, because nobody need listen to it
    (except `typing`); those of the offers lead elsewhere. `door`: whose decision that is."""
    found = ()
    if isinstance(reply, Advice):
        way, found = replace(way, priority=reply.priority), (_standing(way.queue, reply),)
    if isinstance(reply, Advice) and not way.told and (told := told_of(reply)):
        fields = {"queue": way.queue, "told": told.seconds, "seconds": round(reply.estimate_seconds or 0)}
        mark = Mark(Milestone.ESTIMATE, {**fields, "basis": reply.basis})
        if way.typing and not told.offers:
            return replace(way, told="wait"), (mark, *found, Say(told.prompts), Leave(Goto.QUEUE, way.queue))
        seconds = OFFER_SECONDS if told.offers else SKIP_SECONDS
        way = replace(way, told="offers" if told.offers else "wait")
        return way, (mark, *found, Gather(told.prompts, first_seconds=seconds))
    chosen = INSTEAD.get(reply.digits[:1]) if isinstance(reply, Keyed) and way.told == "offers" else None
    if chosen is not None:
        goto, kind = chosen
        queue = way.queue if goto is Goto.CALLBACK else ""
        fields = {"door": door, "goto": goto.value, "queue": queue, "kind": kind, "open": 1}
        return way, (Mark(Milestone.DECISION, fields), Leave(goto, queue, kind))
    return way, (*found, Leave(Goto.QUEUE, way.queue))


def _standing(queue: str, advice: Advice) -> Mark:
    fields = {"queue": queue, "priority": advice.priority, "group": advice.group, "repeat": advice.repeat}
    return Mark(Milestone.ROUTING, {**fields, "province": advice.province})
