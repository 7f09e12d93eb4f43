"""What a conversation needs of a telephone. FastAGI, process AGI, a terminal and the tests each bring one.

A hangup is an answer and no exception: every method gives `HungUp` once the caller has gone, and says nothing more.
What breaks on our side (a connection without answer, a reply that cannot be read) is raised as `Unavailable`; the door
then ends without `LINE_DONE`, and the dialplan takes its fallback.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from agi_scripts.variables import Variable
from ivr.dialogue.replies import HungUp, Keyed, NoKey
from ivr.dialogue.verbs import Gather
from ivr.kernel.milestones import Milestone


class Phone(Protocol):
    """One caller on one line."""

    async def say(self, prompts: tuple[str, ...]) -> HungUp | None:
        """Play prompts (catalogue names) one after the other in the caller's language; keys are ignored."""
        ...

    async def gather(self, gather: Gather) -> Keyed | NoKey | HungUp:
        """Play prompts and collect keys, as `Gather` describes."""
        ...

    async def hold_on(self, seconds: float) -> HungUp | None:
        """Something that is not of the telephone takes up to so long: nothing is said, and the line is kept meanwhile."""
        ...

    async def mark(self, milestone: Milestone, fields: Mapping[str, str | int]) -> HungUp | None:
        """Write a milestone into the ledger. Works after a hangup too, and then gives `HungUp`."""
        ...

    async def set_language(self, language: str) -> HungUp | None:
        """`fa` or `en`, for this phone and for the dialplan."""
        ...

    async def play_message(self, sound: Path) -> HungUp | None:
        """Play a recorded message; any key stops it."""
        ...

    async def set_variable(self, variable: Variable, value: str) -> HungUp | None:
        """Hand a value to the dialplan: with the next prompt or wait, and at the latest, in the order given, with
        `LINE_DONE`, which is handed over at once. Works after a hangup too."""
        ...

    async def get_variables(self, *variables: Variable) -> tuple[str, ...]:
        """What the dialplan handed in, one value for each; empty where it is not set."""
        ...
