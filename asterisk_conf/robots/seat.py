"""A robot operator: registers at a seat, answers, talks, hangs up or lets the caller do so."""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path

from asterisk_conf.robots import sound
from asterisk_conf.robots.scenario import AwaitBye, HangUp, Pause, register
from asterisk_conf.robots.scenario import seat as written
from asterisk_conf.robots.sippline import Sipp, free_port
from ivr.kernel.errors import Unavailable

_ALL_DAY = 100_000
"""Calls after which a seat goes home by itself."""


class Seat:
    """One seat. `talk_seconds=None`: the operator stays until the caller hangs up."""

    def __init__(
        self,
        folder: Path,
        target: str,
        *,
        seat: str,
        secret: str,
        ring_seconds: float = 0.5,
        talk_seconds: float | None = 3.0,
        hertz: float = 800.0,
        limit_seconds: int = 3600,
    ) -> None:
        self.seat = seat
        self._folder, self._target, self._secret, self._limit = folder, target, secret, limit_seconds
        self._ring, self._talk, self._hertz = ring_seconds, talk_seconds, hertz
        self._port = free_port()
        self._tries = itertools.count(1)
        self._sipp: Sipp | None = None

    def sign_in(self) -> Seat:
        """Register and take calls. Raises `Unavailable` with SIPp's last answer when the exchange refuses."""
        self._register(self._limit)
        tone = sound.write(self._folder / f"{self.seat}.alaw", sound.tone(self._hertz, 1))
        talk = [AwaitBye(3600)] if self._talk is None else [Pause(self._talk), HangUp()]
        script = written(ring_seconds=self._ring, sound=str(tone), parts=talk)
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

    def sign_out(self) -> None:
        """Take no more calls; the exchange knows at once."""
        if self._sipp is not None:
            self._sipp.stop()
            self._register(0)
            self._sipp = None

    @property
    def sipp(self) -> Sipp:
        if self._sipp is None:
            raise RuntimeError("sign in first")
        return self._sipp

    @property
    def answered_at(self) -> datetime | None:
        """When the first call was answered."""
        return self.sipp.first("SIP/2.0 200", sent=True)

    def _register(self, seconds: int) -> None:
        script = register(user=self.seat, secret=self._secret, seconds=seconds, port=self._port)
        name = f"{self.seat}-register-{next(self._tries)}"
        run = Sipp(self._folder, name, script, port=self._port, target=self._target, limit_seconds=10)
        if run.wait(12) != 0:
            said = [m.line for m in run.messages() if not m.sent]
            raise Unavailable(f"{self.seat} could not register at {self._target}: {said[-1] if said else 'no answer'}")
