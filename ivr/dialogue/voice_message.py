"""A voice message: what is said before the beep, and keep, listen or redo after it.

Two visits of the same door: `prepare` before the dialplan records, `review` after. Between them Asterisk holds the
sound, so a caller who hangs up in mid-message has left it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ivr.dialogue.code_spoken import code_twice
from ivr.dialogue.replies import HungUp, Keyed
from ivr.dialogue.verbs import Gather, KeepMessage, Leave, Mark, PlayMessage, Say, Step, Verb
from ivr.kernel.milestones import Goto, Milestone
from ivr.kernel.tracking_code import TrackingCode
from ivr.menu.validation import KINDS

ASKS = 2
"""Silent or wrong replies to "keep, listen, redo"; then the message is kept, because that is what the caller came for."""

LISTENS = 5
"""Times a caller may listen again; then the message is kept."""


@dataclass(frozen=True, slots=True)
class MessageState:
    """Replies so far in this visit."""

    misses: int = 0
    listens: int = 0


MessageStep = Step[MessageState]


class VoiceMessage:
    """One visit of the voice message door.

    `message` is the MessageId for the milestones, `code` its reserved tracking code, `status` Asterisk's
    RECORD_STATUS (review), `has_room` whether the disk can take a message (prepare), `kept` whether another door has kept it
    before it died (review): then it is a case already, and recording anew would record for nobody.
    """

    def __init__(
        self,
        *,
        phase: str,
        message: str,
        code: TrackingCode,
        kind: str,
        status: str = "",
        has_room: bool = True,
        kept: bool = False,
        key_seconds: float = 5.0,
    ) -> None:
        self._review = phase == "review"
        self._message = message
        self._code = code
        self._kind = kind if kind in KINDS else "question"
        self._failed = self._review and status == "ERROR"
        self._has_room = has_room
        self._kept = kept
        self._key_seconds = key_seconds

    def start(self) -> MessageStep:
        state = MessageState()
        if self._failed:
            return self._impossible(state, "record_failed")
        if self._review:
            return self._keep(state) if self._kept else self._ask(state)
        if not self._has_room:
            return self._impossible(state, "no_room")
        intro = ("message_intro", f"message_kind_{self._kind}", "message_after_beep", "message_end")
        return Step(state, (Say(intro), Leave(Goto.RECORD, kind=self._kind)))

    def advance(self, state: MessageState, reply: object) -> MessageStep:
        if isinstance(reply, HungUp):
            return Step(state, (Leave(Goto.GOODBYE),))
        key = reply.digits[:1] if isinstance(reply, Keyed) else ""
        if key == "1":
            return self._keep(state)
        if key == "2" and state.listens < LISTENS:
            return self._ask(MessageState(listens=state.listens + 1), (PlayMessage(),))
        if key == "3":
            return Step(state, (self._mark("redone"), Say(("message_again",)), Leave(Goto.RECORD, kind=self._kind)))
        state = replace(state, misses=state.misses + 1)
        if state.misses >= ASKS or key == "2":
            return self._keep(state)
        return self._ask(state, (), ("wrong_key",) if key else ("no_key",))

    def _ask(self, state: MessageState, verbs: tuple[Verb, ...] = (), before: tuple[str, ...] = ()) -> MessageStep:
        prompts = (*before, "review_1", "review_2", "review_3")
        return Step(state, (*verbs, Gather(prompts, first_seconds=self._key_seconds)))

    def _keep(self, state: MessageState) -> MessageStep:
        verbs = (KeepMessage(), self._mark("kept"), Say(("message_kept",)), *code_twice(self._code), Say(("goodbye",)))
        return Step(state, (*verbs, Leave(Goto.GOODBYE, kind=self._kind)))

    def _impossible(self, state: MessageState, which: str) -> MessageStep:
        """No sound can be kept: a call back needs none, so the caller is still served."""
        alarm = Mark(Milestone.ALARM, {"what": "voice_message", "which": which})
        return Step(state, (alarm, Say(("message_impossible",)), Leave(Goto.CALLBACK, queue="general")))

    def _mark(self, state: str) -> Mark:
        fields = {"message": self._message, "kind": self._kind, "code": str(self._code), "state": state}
        return Mark(Milestone.MESSAGE, fields)
