"""`agi://…/survey`: one score after the operator has hung up."""

from __future__ import annotations

from agi_scripts.conversation import converse
from agi_scripts.door import Door, Knock
from agi_scripts.house import House
from ivr.dialogue.survey import Survey


def door(house: House) -> Door:
    async def knock(at: Knock) -> None:
        await converse(Survey(), at.phone, house.desk)

    return knock
