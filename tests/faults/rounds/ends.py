"""Which dispositions agree with a step and with what was struck there: the rule of the record, for the witness."""

from __future__ import annotations

from tests.faults.rounds.hurts import Hurt
from tests.faults.rounds.steps import Step

_LEFT_IN_MENU = frozenset({"menu_abandoned"})
_ON_THEIR_OWN = frozenset({"menu_abandoned", "abandoned", "no_agents", "left_message"})
"""Without a door the dialplan leads to the general queue, and where nobody is there to the message box."""
_LOST = frozenset({"lost_by_restart"})

UNHURT: dict[Step, frozenset[str]] = {
    Step.S0: _LEFT_IN_MENU,
    Step.S1: _LEFT_IN_MENU,
    Step.S2: _LEFT_IN_MENU,
    Step.S3: _LEFT_IN_MENU | {"abandoned"},  # a look-up that takes too long leads to a person
    Step.S4: frozenset({"abandoned"}),
    Step.S5: frozenset({"abandoned"}),
    Step.S6: frozenset({"answered"}),
    Step.S7: frozenset({"answered"}),
    Step.S8: frozenset({"answered"}),
    Step.S9: frozenset({"left_message"}),
    Step.S10: frozenset({"left_message"}),
    Step.S13: _LEFT_IN_MENU,
}
"""What was complete keeps its name whatever breaks around it."""


def ends_after(hurt: Hurt) -> dict[Step, frozenset[str]]:
    """Step → dispositions. What a death of Asterisk cuts in the making is lost; what was done before it stays done. One that
    is asked to end hangs up first, and has a moment in which it may still write of some calls that they ended."""
    if hurt.cuts_calls:
        cut = {
            **dict.fromkeys((Step.S1, Step.S2, Step.S3, Step.S4, Step.S5, Step.S6, Step.S7, Step.S9), _LOST),
            Step.S0: _LOST | _LEFT_IN_MENU,  # their INVITE may reach the Asterisk before or the one after
            Step.S8: UNHURT[Step.S8],
            Step.S10: UNHURT[Step.S10],
            Step.S13: _LOST | _LEFT_IN_MENU,
        }
        return {step: ends | UNHURT[step] for step, ends in cut.items()} if hurt.action == "restart" else cut
    if "doors" in hurt.process or hurt.process == "asterisk":
        return UNHURT | dict.fromkeys((Step.S0, Step.S1, Step.S2, Step.S3), _ON_THEIR_OWN)
    return UNHURT
