"""How a wait is told before it begins: in steps that people understand, and never shorter than what was reckoned. Pure.

"About five minutes" is all that an estimate can promise, so seconds are rounded *up* to a step. A wait that is over before
the sentence would be is not told at all. Beyond the longest step, or beyond what the queue keeps anybody waiting, callers
hear that it is long, and what they can do instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.dialogue.replies import Advice
from ivr.kernel.milestones import Goto

SHORTEST_SECONDS = 20
"""The service level's own limit: who is answered within it has not waited."""

STEPS: tuple[tuple[int, str], ...] = (
    (60, "wait_under_1"),
    (120, "wait_under_2"),
    (180, "wait_about_3"),
    (300, "wait_about_5"),
    (600, "wait_about_10"),
    (900, "wait_about_15"),
    (1200, "wait_about_20"),
    (1800, "wait_about_30"),
)
"""Seconds, and the sentence that promises them."""

LONGEST_SECONDS = STEPS[-1][0]
OFFERS = ("wait_offer_callback", "wait_offer_message")
INSTEAD = {"1": (Goto.CALLBACK, ""), "2": (Goto.VOICE_MESSAGE, "question")}
"""Where the keys of the offers lead, and the kind of the message; the same keys as those that callers press while they
wait."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said, and the seconds it stands for. `offers`: the caller may choose something else than to wait."""

    seconds: int
    prompts: tuple[str, ...]
    offers: bool = False


def told_of(advice: Advice) -> Told | None:
    """The sentence for this advice; None where nothing should be said."""
    seconds, limit = advice.estimate_seconds, min(LONGEST_SECONDS, advice.wait_limit_seconds)
    if seconds is None or seconds < SHORTEST_SECONDS:
        return None
    step = next(((most, prompt) for most, prompt in STEPS if seconds <= most <= limit), None)
    if step is not None:
        return Told(step[0], (step[1],))
    longest = "wait_over_30" if limit == LONGEST_SECONDS else "wait_long"
    return Told(limit, (longest, *OFFERS), offers=True)
