"""Runs a dialogue against a phone: carries out its verbs in order, brings back the reply, ends at `Leave`.

Doors, the process-AGI fallback, the terminal and the tests all call `converse`. When a dialogue leaves, the decision
stands in channel variables, `LINE_DONE=1` last of all, because that variable is the dialplan's only proof.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Protocol, TypeVar

from agi_scripts.desk import Desk
from agi_scripts.phone import Phone
from agi_scripts.variables import Variable
from ivr.dialogue.replies import HungUp, Reply
from ivr.dialogue.verbs import (
    AskAdvice,
    AskSeat,
    Dialogue,
    Gather,
    KeepMessage,
    Leave,
    LookUpCase,
    Mark,
    PlayMessage,
    Remember,
    Say,
    Speak,
    Step,
    Verb,
)
from ivr.kernel.errors import Invalid
from ivr.kernel.failpoints import hit_here

State = TypeVar("State")

STEPS_LIMIT = 200
"""No honest conversation has more steps; a dialogue that turns in a circle ends here and the fallback helps the caller."""


class MessageInHand(Protocol):
    """The voice message this conversation is about."""

    @property
    def sound(self) -> Path:
        """The recorded sound."""
        ...

    async def keep(self) -> None:
        """The caller wants to keep it: `.part` becomes final. Harmless when done twice."""
        ...

    async def is_kept(self) -> bool:
        """Whether that was done already: by a door that died after it, before the caller heard the code."""
        ...


async def converse(
    dialogue: Dialogue[State],
    phone: Phone,
    desk: Desk,
    message: MessageInHand | None = None,
    before_step: Callable[[Step[State]], Awaitable[None]] | None = None,
) -> Leave | HungUp:
    """Talk until the dialogue leaves or the caller has gone.

    Once the caller has gone the dialogue is told so once; of its last step only milestones and `KeepMessage` are still
    carried out. `Unavailable` from the phone passes through: then nothing was decided. `before_step` sees each step
    before its verbs are carried out, for a door that must put something down first (a call back's keyed number).
    """
    step = dialogue.start()
    for _ in range(STEPS_LIMIT):
        if before_step is not None:
            await before_step(step)
        reply = await _carry_out(step.verbs, phone, desk, message)
        if isinstance(reply, Leave):
            return await _hand_over(reply, phone)
        if isinstance(reply, HungUp):
            await _after_hangup(dialogue.advance(step.state, reply).verbs, phone, message)
            return reply
        step = dialogue.advance(step.state, reply)
    raise Invalid(f"{type(dialogue).__name__} went on for {STEPS_LIMIT} steps without leaving; look for a circle in it")


async def _carry_out(verbs: tuple[Verb, ...], phone: Phone, desk: Desk, message: MessageInHand | None) -> Reply | Leave:
    for verb in verbs:
        match verb:
            case Gather():
                return await phone.gather(verb)
            case LookUpCase(code):
                await hit_here("doors.look_up")
                return await desk.look_up_case(code)
            case AskAdvice():
                return await desk.advise(verb)
            case AskSeat():
                return await phone.hold_on(desk.seat_seconds) or await desk.ask_seat(verb)
            case Leave():
                return verb
            case Say(prompts):
                gone = await phone.say(prompts)
            case Mark(milestone, fields):
                gone = await phone.mark(milestone, fields)
                await hit_here(f"doors.after_{milestone.value}")
            case Speak(language):
                gone = await phone.set_language(language)
            case Remember(node):
                gone = await phone.set_variable(Variable.NODE, node)
            case PlayMessage():
                gone = await phone.play_message(_in_hand(message).sound)
            case KeepMessage():
                await _in_hand(message).keep()
                await hit_here("doors.message_kept")
                gone = None
        if gone is not None:
            return gone
    raise Invalid(
        "a step must end in Gather, LookUpCase, AskAdvice, AskSeat or Leave, or the caller would hear nothing for ever"
    )


async def _hand_over(leave: Leave, phone: Phone) -> Leave | HungUp:
    decided: tuple[tuple[Variable, str], ...] = (
        (Variable.GOTO, leave.goto.value),
        (Variable.QUEUE, leave.queue),
        (Variable.KIND, leave.kind),
        (Variable.NODE, ""),  # the place is only for a second server when this one dies; a later visit starts afresh
        (Variable.DONE, "1"),
    )
    for variable, value in decided:
        if variable is Variable.DONE:
            await hit_here("doors.before_done")
        if not value and variable is not Variable.NODE:
            continue  # what an earlier door chose (kind, queue) must survive a door that has nothing to say about it
        if gone := await phone.set_variable(variable, value):
            return gone
    return leave


async def _after_hangup(verbs: tuple[Verb, ...], phone: Phone, message: MessageInHand | None) -> None:
    for verb in verbs:
        if isinstance(verb, Mark):
            await phone.mark(verb.milestone, verb.fields)
        elif isinstance(verb, KeepMessage) and message is not None:
            await message.keep()


def _in_hand(message: MessageInHand | None) -> MessageInHand:
    if message is None:
        raise Invalid("this dialogue asks for a recorded message, but its door was opened without one")
    return message
