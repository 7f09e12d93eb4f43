"""`agi://…/reception`: the menu. LINE_PHASE says why the dialplan knocks, LINE_NODE where another door stopped."""

from __future__ import annotations

from agi_scripts.conversation import converse
from agi_scripts.door import Door, Knock
from agi_scripts.house import House
from agi_scripts.variables import Variable
from ivr.dialogue.reception import Reception

NO_ROOM = "disk"


def door(house: House) -> Door:
    async def knock(at: Knock) -> None:
        dialogue = Reception(
            house.tree,
            open_queues=await house.open_queues(),
            phase=await at.phone.get_variable(Variable.PHASE) or "arrival",
            language=at.language,
            node=await at.phone.get_variable(Variable.NODE),
        )
        # Before the menu, not after it: a caller who keys ahead is in the queue as soon as the door has left.
        if not await house.box.may_record_talks():
            await at.phone.set_variable(Variable.UNRECORDED, NO_ROOM)
        await converse(dialogue, at.phone, house.desk)

    return knock
