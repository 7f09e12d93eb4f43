"""A phone on top of AGI, whichever way the commands travel (socket or pipe): prompts, keys, marks, and the lease.

The lease: before each prompt and each wait, and at each answer, the phone sets `TIMEOUT(absolute)` to what that one step takes and
a little more. A door that freezes stops renewing, Asterisk takes the caller out by itself and the dialplan's `T` extension helps.
That is also why waits are cut into slices of a second.

Keys: between two commands Asterisk reads the channel and throws away what was pressed. So the dialplan lets it keep every
key in `LINE_KEYS` as well (`StoreDTMF`), and the command that renews the lease brings that variable back: a caller who is
quicker than we are is not asked to press again. That variable alone says what was pressed and in which order. A key that
stops a prompt only says that it is time to look: Asterisk may deliver it late, when it has been an answer already.

Values for the dialplan travel with that same command, and the last ones with `LINE_DONE`: a round trip for each would cost
Asterisk and us as much as a prompt does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import structlog

from agi_scripts.agi_wire import AgiReply, OutOfStep, command_line
from agi_scripts.sounds import Sound, SoundShelf
from agi_scripts.variables import Variable
from ivr.dialogue.replies import HungUp, Keyed, NoKey
from ivr.dialogue.verbs import Gather
from ivr.kernel.milestones import Milestone, encode

log = structlog.get_logger()

ALL_KEYS = "0123456789*#"
LANGUAGES = ("fa", "en")

KEPT_AT_MOST = 500
"""So many keys without a word said between them press nobody but a machine; Asterisk keeps 511 and forgets the rest."""

WAIT_SLICE_SECONDS = 1.0
"""A wait is renewed this often; with the slack it stays well below the five seconds after which a freeze must be seen."""

ANSWER_SECONDS = 2.0
"""So long may what follows an answer take until the next prompt or wait; shorter than the longest piece of a prompt."""

_CARRIED = re.compile(r"[A-Za-z0-9_.:/+-]*")
"""Values that may stand inside an expression of the dialplan as they are."""

_PRESSED = frozenset(ALL_KEYS + "ABCDabcd")
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.,:/+- ")


class Exchange(Protocol):
    """The way commands go to Asterisk and replies come back, one at a time."""

    @property
    def hung_up(self) -> bool:
        """The caller has gone or the connection has; it stays so."""
        ...

    async def ask(self, command: bytes, takes_seconds: float = 0.0) -> AgiReply:
        """One command, its own reply. A lost connection answers 511; silence and nonsense raise `Unavailable`."""
        ...


class AgiPhone:
    """`agi_scripts.phone.Phone` for a channel that Asterisk has handed to us."""

    def __init__(self, exchange: Exchange, sounds: SoundShelf, language: str, lease_slack: timedelta) -> None:
        self._exchange = exchange
        self._sounds = sounds
        self._language = language if language in LANGUAGES else LANGUAGES[0]
        self._slack = lease_slack.total_seconds()
        self._alarmed: set[str] = set()
        self._taken = 0
        """How many of the keys in `LINE_KEYS` have been answers."""
        self._kept = False
        """Whether this Asterisk has kept a key for us; one that keeps none is taken at its word."""
        self._deaf = True
        """What was pressed until now is forgotten: before this door, or while something was said."""
        self._to_hand_over: dict[Variable, str] = {}

    async def say(self, prompts: tuple[str, ...]) -> HungUp | None:
        for prompt in prompts:
            if isinstance(await self._play_prompt(prompt, ""), HungUp):
                return HungUp()
        self._deaf = True
        return None

    async def gather(self, gather: Gather) -> Keyed | NoKey | HungUp:
        key = ""
        for prompt in gather.prompts:
            played = await self._play_prompt(prompt, ALL_KEYS)
            if isinstance(played, HungUp):
                return played
            if played:
                key = played
                break
        if not key:
            waited = await self._wait_for_key(gather.first_seconds)
            if isinstance(waited, HungUp):
                return waited
            key = waited
        if gather.digits == 1:
            return Keyed(key) if key else NoKey()
        return await self._gather_more(gather, key)

    async def hold_on(self, seconds: float) -> HungUp | None:
        return HungUp() if isinstance(await self._renew_lease(seconds, ""), HungUp) else None

    async def mark(self, milestone: Milestone, fields: Mapping[str, str | int]) -> HungUp | None:
        reply = await self._exchange.ask(command_line("EXEC CELGenUserEvent", f"{milestone.value},{encode(fields)}"))
        if not reply.ok or reply.result not in ("0", ""):
            log.error(
                "milestone_not_written", milestone=milestone.value, code=reply.code, hung_up=self._exchange.hung_up
            )
        return self._gone()

    async def set_language(self, language: str) -> HungUp | None:
        self._language = language if language in LANGUAGES else LANGUAGES[0]
        return await self.set_variable(Variable.LANGUAGE, self._language)

    async def play_message(self, sound: Path) -> HungUp | None:
        found = await self._sounds.recorded(sound)
        if found is None:
            return await self._alarm("recorded sound missing", sound.name)
        played = await self._play(found, ALL_KEYS)
        return played if isinstance(played, HungUp) else None

    async def set_variable(self, variable: Variable, value: str) -> HungUp | None:
        self._to_hand_over.pop(variable, None)
        if not _CARRIED.fullmatch(value):
            reply = await self._exchange.ask(command_line("SET VARIABLE", variable.value, value))
            if not reply.ok:
                log.error("variable_not_set", variable=variable.value, code=reply.code, hung_up=self._exchange.hung_up)
            return self._gone()
        self._to_hand_over[variable] = value
        if variable is Variable.DONE:
            reply = await self._exchange.ask(command_line("GET FULL VARIABLE", self._handed_over()))
            if not reply.ok:
                log.error("not_handed_over", code=reply.code, hung_up=self._exchange.hung_up)
        return self._gone()

    async def get_variables(self, *variables: Variable) -> tuple[str, ...]:
        reply = await self._exchange.ask(command_line("GET FULL VARIABLE", "|".join(f"${{{v}}}" for v in variables)))
        if not reply.ok or reply.result != "1":
            return ("",) * len(variables)
        values = tuple(reply.data.split("|"))
        if len(values) != len(variables) or not _PLAIN.issuperset("".join(values)):
            # our variables hold plain words; a line break in one would shift every later reply by a line
            raise OutOfStep(f"one of {', '.join(variables)} holds characters we never write; the session ends here")
        return values

    async def _gather_more(self, gather: Gather, key: str) -> Keyed | NoKey | HungUp:
        digits = ""
        while key and key != gather.finish:
            digits += key
            if len(digits) >= gather.digits:
                break
            waited = await self._wait_for_key(gather.between_seconds)
            if isinstance(waited, HungUp):
                return waited
            key = waited
        return Keyed(digits) if digits else NoKey()

    async def _wait_for_key(self, seconds: float) -> str | HungUp:
        left = seconds
        while left > 0:
            piece = min(left, WAIT_SLICE_SECONDS)
            left -= piece
            if early := await self._renew_lease(piece, ALL_KEYS):
                return early
            reply = await self._exchange.ask(command_line("WAIT FOR DIGIT", str(max(1, round(piece * 1000)))), piece)
            if reply.key and (key := await self._heard(reply.key)):
                return key
            if self._exchange.hung_up or reply.dead or reply.failed:
                return HungUp()
            if not reply.ok:
                raise OutOfStep(f"Asterisk refused to wait for a key ({reply.code})")
        return ""

    async def _play_prompt(self, prompt: str, keys: str) -> str | HungUp:
        """The key that stopped the prompt, or empty. A missing prompt is an alarm and the next best sound."""
        sound = await self._sounds.find(self._language, prompt)
        if sound is None:
            if gone := await self._alarm("prompt missing", f"{self._language}/{prompt}"):
                return gone
            other = next(language for language in LANGUAGES if language != self._language)
            sound = await self._sounds.find_elsewhere(other, prompt) or await self._sounds.find(self._language, "beep")
            if sound is None:
                return ""  # not even a beep is left: the menu goes on in silence, keys still count
        return await self._play(sound, keys)

    async def _play(self, sound: Sound, keys: str) -> str | HungUp:
        while True:
            if early := await self._renew_lease(sound.seconds, keys):
                return early
            reply = await self._exchange.ask(command_line("STREAM FILE", sound.name, keys), sound.seconds)
            if self._exchange.hung_up or reply.dead:
                return reply.key or HungUp()
            if reply.failed:
                # a file Asterisk cannot open gives the same -1 as a hangup (22.10.1); a status tells them apart, and a
                # hangup notice comes before its reply
                status = await self._exchange.ask(command_line("CHANNEL STATUS"))
                if self._exchange.hung_up or not status.ok or status.failed:
                    return HungUp()
                return await self._alarm("prompt unplayable", sound.name.rpartition("/")[2]) or ""
            if not reply.ok:
                return await self._alarm("prompt refused", sound.name.rpartition("/")[2]) or ""
            if not reply.key:
                return ""
            if key := await self._heard(reply.key):
                return key
            # stopped by a key that was an answer already: once more

    async def _renew_lease(self, seconds: float, keys: str) -> str | HungUp:
        """One command for both: the lease runs `seconds` and the slack from now, and the reply tells `LINE_KEYS`. A key of
        `keys` that was pressed meanwhile is the answer: then there is nothing to play or to wait for."""
        kept = f"${{SET({Variable.KEYS.value}=)}}" if self._deaf else f"${{{Variable.KEYS.value}}}"
        asked = f"${{SET(TIMEOUT(absolute)={seconds + self._slack:.2f})}}|{kept}|{self._handed_over()}"
        reply = await self._exchange.ask(command_line("GET FULL VARIABLE", asked))
        if reply.dead or self._exchange.hung_up:
            return HungUp()
        lease, bar, told = reply.data.partition("|")
        if not reply.ok or not bar or not lease:
            log.error("lease_not_renewed", code=reply.code)
            return ""
        pressed = self._pressed(told.partition("|")[0])
        if self._deaf or not keys:
            self._taken, self._deaf = len(pressed), False
        return self._next(pressed)

    def _handed_over(self) -> str:
        """What is to be said in the order in which it was given, as part of a command; said once."""
        handed = "".join(f"${{SET({variable}={value})}}" for variable, value in self._to_hand_over.items())
        self._to_hand_over.clear()
        return handed

    async def _heard(self, key: str) -> str:
        """A key stopped a prompt or a wait: the first that has not been an answer yet, which may be one before it; empty
        when all have. The lease runs anew from here: what follows an answer (marks, a question to the desk) renews none, and
        on a busy machine each of its commands takes a good part of a second."""
        anew = f"${{SET(TIMEOUT(absolute)={ANSWER_SECONDS + self._slack:.2f})}}"
        reply = await self._exchange.ask(command_line("GET FULL VARIABLE", f"{anew}|${{{Variable.KEYS.value}}}"))
        pressed = self._pressed(reply.data.partition("|")[2] if reply.ok else "")
        if not self._kept or len(pressed) >= KEPT_AT_MOST:
            return key
        return self._next(pressed)

    def _pressed(self, told: str) -> str:
        if not _PRESSED.issuperset(told):
            raise OutOfStep(f"{Variable.KEYS.value} holds what no telephone has keys for; the session ends here")
        self._kept |= bool(told)
        return "".join(key for key in told if key in ALL_KEYS)

    def _next(self, pressed: str) -> str:
        key = pressed[self._taken : self._taken + 1]
        self._taken += len(key)
        return key

    async def _alarm(self, what: str, which: str) -> HungUp | None:
        """Once a call and thing: a missing menu prompt would otherwise fill the ledger with one line a loop."""
        if which in self._alarmed:
            return self._gone()
        self._alarmed.add(which)
        log.error("prompt_alarm", what=what, which=which)
        return await self.mark(Milestone.ALARM, {"what": what, "which": which})

    def _gone(self) -> HungUp | None:
        return HungUp() if self._exchange.hung_up else None
