"""A robot operator: registers at a seat, answers, talks, hangs up or lets the caller do so; and dials 10 to sign in and out."""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path

from asterisk_conf.robots import sound
from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.scenario import AwaitBye, HangUp, Hold, Part, Pause, register
from asterisk_conf.robots.scenario import seat as written
from asterisk_conf.robots.sippline import Sipp, free_port
from ivr.kernel.errors import Unavailable

_ALL_DAY = 100_000
"""Calls after which a seat goes home by itself."""
SEAT_DESK = "10"
"""What an operator dials to sign in and out."""


class Seat:
    """One seat. `talk_seconds=None`: the operator stays until the caller hangs up. `holds=(after, seconds)`: before that, each
    caller is put on hold once, so long after the answer and for so long; `None` seconds: until the caller hangs up."""

    def __init__(
        self,
        folder: Path,
        target: str,
        *,
        seat: str,
        secret: str,
        ring_seconds: float = 0.5,
        talk_seconds: float | None = 3.0,
        holds: tuple[float, float | None] | None = None,
        hertz: float = 800.0,
        limit_seconds: int = 3600,
    ) -> None:
        self.seat = seat
        self._folder, self._target, self._secret, self._limit = folder, target, secret, limit_seconds
        self._ring, self._talk, self._holds, self._hertz = ring_seconds, talk_seconds, holds, hertz
        self._port = free_port()
        self._tries = itertools.count(1)
        self._sipp: Sipp | None = None

    def sign_in(self) -> Seat:
        """The telephone: register and take calls. Raises `Unavailable` with SIPp's last answer when the exchange refuses."""
        self._register(self._limit)
        tone = sound.write(self._folder / f"{self.seat}.alaw", sound.tone(self._hertz, 1))
        script = written(ring_seconds=self._ring, sound=str(tone), parts=self._conversation())
        self._sipp = Sipp(
            self._folder,
            self.seat,
            script,
            port=self._port,
            target=self._target,
            calls=_ALL_DAY,
            limit_seconds=self._limit,
        )
        self._sipp.until_bound()
        return self

    def _conversation(self) -> list[Part]:
        talk: list[Part] = [AwaitBye(3600)] if self._talk is None else [Pause(self._talk), HangUp()]
        if self._holds is None:
            return talk
        after, seconds = self._holds
        held = [AwaitBye(3600)] if seconds is None else [Pause(seconds), Hold(on=False), *talk]
        return [Pause(after), Hold(on=True), *held]

    def sign_out(self) -> None:
        """Take no more calls; the exchange knows at once."""
        if self._sipp is not None:
            self._sipp.stop()
            self._register(0)
            self._sipp = None

    def dial(self, number: str = SEAT_DESK) -> Caller:
        """A call from this telephone, to be planned and dialled."""
        folder = self._folder / f"{self.seat}-dials-{next(self._tries)}"
        return Caller(folder, self._target, number=number, user=self.seat, secret=self._secret)

    def signs_in(self, number: str, pin: str) -> Caller:
        """The agent with this number begins to sign in by telephone; `done` waits for the end of the call."""
        return self.dial().pause(1.5).press(f"{number}#{pin}").until_bye(40).dial(limit_seconds=90)

    def presses(self, key: str) -> Caller:
        """An agent who is signed in dials 10: 1 signs out, 2 takes a break, 3 takes calls again."""
        return self.dial().pause(1.5).press(key).until_bye(40).dial(limit_seconds=90)

    def done(self, call: Caller) -> None:
        """Wait until the line has ended such a call. Raises `Unavailable` when it went otherwise than planned; what was said in
        it a robot does not hear."""
        if call.wait(60) != 0 or not call.ended_by_line:
            met = [f"{'>' if m.sent else '<'} {m.line}" for m in call.sipp.messages()]
            raise Unavailable(f"{self.seat} dialled in vain: {' | '.join(met[-8:]) or 'SIPp sent nothing'}")

    @property
    def sipp(self) -> Sipp:
        if self._sipp is None:
            raise RuntimeError("sign in first")
        return self._sipp

    @property
    def answered_at(self) -> datetime | None:
        """When the first call was answered."""
        return self.sipp.first("SIP/2.0 200", sent=True)

    @property
    def on_hold(self) -> bool:
        """Whether the exchange has agreed that the first caller is put on hold."""
        asked, agreed = self.sipp.first("INVITE ", sent=True), False
        for message in self.sipp.messages():
            agreed |= asked is not None and not message.sent and message.at >= asked and "200" in message.line
        return agreed

    @property
    def talks(self) -> int:
        """Talks that are over."""
        return sum(message.line.startswith("BYE ") for message in self.sipp.messages())

    def _register(self, seconds: int) -> None:
        script = register(user=self.seat, secret=self._secret, seconds=seconds, port=self._port)
        name = f"{self.seat}-register-{next(self._tries)}"
        run = Sipp(self._folder, name, script, port=self._port, target=self._target, limit_seconds=60)
        if run.wait(70) != 0:
            said = [m.line for m in run.messages() if not m.sent]
            raise Unavailable(f"{self.seat} could not register at {self._target}: {said[-1] if said else 'no answer'}")
