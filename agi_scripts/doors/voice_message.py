"""`agi://…/voice_message`, two visits: `prepare` before the dialplan records, `review` after.

`prepare` makes the message exist on the disk (code reserved, sidecar written) before the caller says a word, so that a
hangup in mid-message loses nothing.
"""

from __future__ import annotations

from uuid import uuid4

from agi_scripts.conversation import converse
from agi_scripts.door import Door, Knock
from agi_scripts.house import House
from agi_scripts.variables import Variable
from ivr.dialogue.voice_message import VoiceMessage
from ivr.kernel.ids import CallId, MessageId
from ivr.kernel.phone_number import parse_caller, stored_form
from ivr.kernel.spool_notes import Sidecar
from ivr.kernel.tracking_code import TrackingCode
from ivr.menu.validation import KINDS

UNCHOSEN = "question"
"""Kind of a message whose caller came from the waiting queue and was never asked."""


def door(house: House) -> Door:
    async def knock(at: Knock) -> None:
        phase, kind = await at.phone.get_variables(Variable.PHASE, Variable.KIND)
        kind = kind if kind in KINDS else UNCHOSEN
        if phase == "review":
            await _review(at, house, kind)
        else:
            await _prepare(at, house, kind)

    return knock


async def _prepare(at: Knock, house: House, kind: str) -> None:
    (linked,) = await at.phone.get_variables(Variable.LINKED)
    call_id = CallId(linked)
    message = MessageId(f"m-{uuid4().hex}")
    has_room = await house.box.has_room()
    code = await house.box.reserve_code()
    if has_room:
        caller = stored_form(parse_caller(at.caller))
        await house.box.prepare(Sidecar(message, call_id, kind, code, caller, at.language, house.clock.now()))
        await at.phone.set_variable(Variable.MESSAGE, message)
        await at.phone.set_variable(Variable.CODE, code)
    dialogue = VoiceMessage(phase="prepare", message=message, code=code, kind=kind, has_room=has_room)
    await converse(dialogue, at.phone, house.desk)


async def _review(at: Knock, house: House, kind: str) -> None:
    told = await at.phone.get_variables(Variable.MESSAGE, Variable.CODE, Variable.RECORD_STATUS)
    message, code, status = MessageId(told[0]), TrackingCode(told[1]), told[2]
    in_hand = house.box.message(message)
    kept = await in_hand.is_kept()
    dialogue = VoiceMessage(phase="review", message=message, code=code, kind=kind, status=status, kept=kept)
    await converse(dialogue, at.phone, house.desk, in_hand)
