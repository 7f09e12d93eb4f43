"""What a door leaves for the dialplan beside the decision when it sends a caller to a queue: priority and closing time."""

from __future__ import annotations

from agi_scripts.house import House
from agi_scripts.phone import Phone
from agi_scripts.variables import Variable
from ivr.dialogue.verbs import Leave
from ivr.dialogue.way_out import WayOut
from ivr.kernel.milestones import Goto

WAITING = "waiting"


async def before_queue(house: House, phone: Phone, leave: object, way: WayOut | None) -> None:
    """`leave`: the last verb of a step; any other is none of ours. `way`: how the dialogue leads to the queue.

    Who takes a call back instead of the wait keeps the place they would have had, and has it if no number can be found.
    """
    if not isinstance(leave, Leave) or leave.goto not in (Goto.QUEUE, Goto.CALLBACK):
        return
    if way is not None:
        if way.priority:
            await phone.set_variable(Variable.RANK, str(way.priority))
        if leave.goto is Goto.CALLBACK:
            await phone.set_variable(Variable.PHASE, WAITING)
            await phone.set_variable(Variable.JOINED_RANK, str(way.priority))
    if leave.goto is Goto.QUEUE or way is not None:
        until = await house.waits_until(leave.queue)
        if until is not None:
            await phone.set_variable(Variable.UNTIL, str(int(until.timestamp())))
