"""`agi://…/case_status`: how a case stands, by its tracking code."""

from __future__ import annotations

from agi_scripts.conversation import converse
from agi_scripts.door import Door, Knock
from agi_scripts.house import House
from ivr.dialogue.case_status import CaseStatus


def door(house: House) -> Door:
    async def knock(at: Knock) -> None:
        is_open = house.operator_queue in await house.open_queues()
        await converse(CaseStatus(is_open=is_open, language=at.language), at.phone, house.desk)

    return knock
