"""`agi://…/callback`: a call back to the caller's own number or to a keyed one.

The number goes into a note in the spool before the milestone is written: keyed digits never stand in the ledger, and
whoever reads the milestone must find the note.
"""

from __future__ import annotations

from agi_scripts.conversation import converse
from agi_scripts.door import Door, Knock
from agi_scripts.house import House
from agi_scripts.variables import Variable
from ivr.dialogue.callback import Callback, CallbackState
from ivr.dialogue.verbs import Mark, Step
from ivr.kernel.errors import Unavailable
from ivr.kernel.ids import CallId
from ivr.kernel.milestones import Milestone
from ivr.kernel.phone_number import parse_caller
from ivr.kernel.spool_notes import CallbackNote, joined_of, rank_of


def door(house: House) -> Door:
    async def knock(at: Knock) -> None:
        linked, queue, phase, since, rank = await at.phone.get_variables(
            Variable.LINKED, Variable.QUEUE, Variable.PHASE, Variable.JOINED, Variable.JOINED_RANK
        )
        call_id, queue = CallId(linked), queue or house.operator_queue
        waited = phase == "waiting"
        joined = joined_of(since) if waited else None
        priority = rank_of(rank) if waited else 0
        code = await house.box.reserve_code()

        async def note_number(step: Step[CallbackState]) -> None:
            asked = next((v for v in step.verbs if isinstance(v, Mark) and v.milestone is Milestone.CALLBACK), None)
            if asked is None or step.state.number is None:
                return
            number, when = step.state.number.e164, str(asked.fields["when"])
            note = CallbackNote(
                code, call_id, number, step.state.keyed, queue, when, house.clock.now(), joined,
                priority,
            )  # fmt: skip
            try:
                await house.box.note_callback(note)
            except Unavailable:
                # A full disk. The caller's own number stands in the ledger, and the milestone alone makes the case and
                # keeps the place; a number that was keyed in is nowhere else, so it must not be promised.
                if step.state.keyed:
                    raise
            await at.phone.set_variable(Variable.CODE, code)

        dialogue = Callback(
            caller=parse_caller(at.caller), code=code, queue=queue, phase=phase,
            joined=None if joined is None else int(joined.timestamp()), rank=priority,
        )  # fmt: skip
        await converse(dialogue, at.phone, house.desk, before_step=note_number)

    return knock
