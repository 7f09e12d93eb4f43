"""`agi://…/reception`: the menu. LINE_PHASE says why the dialplan knocks, LINE_NODE where another door stopped."""

from __future__ import annotations

from agi_scripts.conversation import converse
from agi_scripts.door import Door, Knock
from agi_scripts.house import House
from agi_scripts.phone import Phone
from agi_scripts.to_queue import before_queue
from agi_scripts.variables import Variable
from ivr.dialogue.news import News
from ivr.dialogue.reception import Reception, ReceptionState
from ivr.dialogue.verbs import Step

NO_ROOM = "disk"


def door(house: House) -> Door:
    async def knock(at: Knock) -> None:
        phase, node, told = await at.phone.get_variables(Variable.PHASE, Variable.NODE, Variable.ANNOUNCED)
        dialogue = Reception(
            house.tree,
            open_queues=await house.open_queues(),
            phase=phase or "arrival",
            language=at.language,
            node=node,
            news=await _news(house, at.phone, told),
            caller=at.caller,
        )
        # Before the menu, not after it: a caller who keys ahead is in the queue as soon as the door has left.
        if not await house.box.may_record_talks():
            await at.phone.set_variable(Variable.UNRECORDED, NO_ROOM)

        async def before_leaving(step: Step[ReceptionState]) -> None:
            await before_queue(house, at.phone, step.verbs[-1], step.state.way)

        await converse(dialogue, at.phone, house.desk, before_step=before_leaving)

    return knock


async def _news(house: House, phone: Phone, told: str) -> News:
    """Nobody is told the same twice in a call, however often they come back to the menu."""
    news = await house.news()
    if not news.everybody:
        return news
    if not told:
        await phone.set_variable(Variable.ANNOUNCED, "1")
    return News((), news.queues) if told else news
