"""`agi://…/case_status`: how a case stands, by its tracking code. Whoever wants an operator then enters the queue as from the menu."""

from __future__ import annotations

from agi_scripts.conversation import converse
from agi_scripts.door import Door, Knock
from agi_scripts.house import House
from agi_scripts.to_queue import before_queue
from ivr.dialogue.case_status import CaseStatus, CaseStatusState
from ivr.dialogue.verbs import Step


def door(house: House) -> Door:
    async def knock(at: Knock) -> None:
        queue = house.operator_queue
        is_open = queue in await house.open_queues()
        dialogue = CaseStatus(is_open=is_open, queue=queue, caller=at.caller, language=at.language)

        async def before_leaving(step: Step[CaseStatusState]) -> None:
            await before_queue(house, at.phone, step.verbs[-1], step.state.way)

        await converse(dialogue, at.phone, house.desk, before_step=before_leaving)

    return knock
