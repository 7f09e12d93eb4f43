"""`agi://…/reception`: the menu. LINE_PHASE says why the dialplan knocks, LINE_NODE where another door stopped."""

from __future__ import annotations

from agi_scripts.conversation import converse
from agi_scripts.door import Door, Knock
from agi_scripts.house import House
from agi_scripts.phone import Phone
from agi_scripts.variables import Variable
from ivr.dialogue.news import News
from ivr.dialogue.reception import Reception, ReceptionState
from ivr.dialogue.verbs import Leave, Step
from ivr.kernel.milestones import Goto

NO_ROOM = "disk"
WAITING = "waiting"


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

        async def before_closing(step: Step[ReceptionState]) -> None:
            leave = step.verbs[-1]
            if isinstance(leave, Leave) and leave.goto is Goto.QUEUE:
                if step.state.priority:
                    await at.phone.set_variable(Variable.RANK, str(step.state.priority))
                until = await house.waits_until(leave.queue)
                if until is not None:
                    await at.phone.set_variable(Variable.UNTIL, str(int(until.timestamp())))
            if isinstance(leave, Leave) and leave.goto is Goto.CALLBACK and step.state.leaving:
                await at.phone.set_variable(Variable.PHASE, WAITING)  # the call back keeps the place in that queue
                await at.phone.set_variable(Variable.JOINED_RANK, str(step.state.priority))

        await converse(dialogue, at.phone, house.desk, before_step=before_closing)

    return knock


async def _news(house: House, phone: Phone, told: str) -> News:
    """Nobody is told the same twice in a call, however often they come back to the menu."""
    news = await house.news()
    if not news.everybody:
        return news
    if not told:
        await phone.set_variable(Variable.ANNOUNCED, "1")
    return News((), news.queues) if told else news
