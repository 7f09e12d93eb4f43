"""A robot caller: calls 1420, presses keys, makes sounds, hangs up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from asterisk_conf.robots import sound
from asterisk_conf.robots.key_events import write_press
from asterisk_conf.robots.scenario import AwaitBye, Event, HangUp, Info, Part, Pause, Play
from asterisk_conf.robots.scenario import caller as written
from asterisk_conf.robots.sippline import Sipp, free_port, of_its_own_call


class Keys(StrEnum):
    """How keys travel."""

    INFO = "info"
    EVENT = "rfc4733"
    TONES = "inband"


class Caller:
    """Plan a call by `pause`, `press`, `tone`, `hang_up` or `until_bye`, then `dial`. Each method returns the caller."""

    def __init__(
        self,
        folder: Path,
        target: str,
        *,
        number: str = "1420",
        user: str,
        name: str = "",
        keys: Keys = Keys.INFO,
        secret: str = "",
    ) -> None:
        """With `secret` the call comes from a telephone of the exchange's own, `user` being its name there."""
        self.user = user
        self._secret = secret
        self._folder, self._target, self._number = folder, target, number
        self._name, self._keys = name, keys
        self._parts: list[Part] = []
        self._sipp: Sipp | None = None
        folder.mkdir(parents=True, exist_ok=True)
        if keys is not Keys.EVENT:  # a second sound beside the pcap would come from another port and be dropped
            self._parts.append(self._play("silence", [sound.silence(1)], -1))

    def pause(self, seconds: float) -> Caller:
        self._parts.append(Pause(seconds))
        return self

    def press(self, keys: str, *, between_seconds: float = 0.4) -> Caller:
        """Press each of `keys`, with a pause after each."""
        for key in keys:
            match self._keys:
                case Keys.INFO:
                    self._parts += [Info(key), Pause(between_seconds)]
                case Keys.EVENT:
                    press = sum(isinstance(part, Event) for part in self._parts)
                    file = write_press(self._folder / f"press-{self.user}-{press}.pcap", key, press)
                    self._parts += [Event(str(file)), Pause(max(between_seconds, 0.4))]
                case Keys.TONES:
                    tones = self._play(f"key{ord(key)}", [sound.dialled(key), sound.silence(3)], 1)
                    self._parts += [tones, Pause(max(between_seconds, 0.6))]
        return self

    def tone(self, hertz: float) -> Caller:
        """Sound this tone from now on."""
        self._parts.append(self._play(f"tone{hertz:.0f}", [sound.tone(hertz, 1)], -1))
        return self

    def speak(self, wav: Path) -> Caller:
        """Play a wav file (8 kHz mono 16 bit) once from now on."""
        self._parts.append(self._play(wav.stem, [sound.from_wav(wav), sound.silence(30)], 1))
        return self

    def quiet(self) -> Caller:
        self._parts.append(self._play("silence", [sound.silence(1)], -1))
        return self

    def hang_up(self) -> Caller:
        self._parts.append(HangUp())
        return self

    def until_bye(self, seconds: float) -> Caller:
        """Stay until the line ends the call, at most `seconds`."""
        self._parts.append(AwaitBye(seconds))
        return self

    def dial(self, *, limit_seconds: int = 120) -> Caller:
        """Start the call; `wait` for its end."""
        script = written(
            self._parts,
            number=self._number,
            user=self.user,
            name=self._name,
            events=self._keys is not Keys.TONES,
            pcap=self._keys is Keys.EVENT,
            secret=self._secret,
        )
        self._sipp = Sipp(
            self._folder,
            f"caller-{self.user}",
            script,
            port=free_port(),
            target=self._target,
            limit_seconds=limit_seconds,
        )
        return self

    @property
    def sipp(self) -> Sipp:
        if self._sipp is None:
            raise RuntimeError("dial first")
        return self._sipp

    def wait(self, seconds: float = 90) -> int:
        """0 when the call went as planned (a BYE of the line in a pause is as planned too)."""
        return self.sipp.wait(seconds)

    def stop(self) -> None:
        if self._sipp is not None:
            self._sipp.stop()

    @property
    def is_over(self) -> bool:
        """Whether the robot is done, however it went."""
        return self.sipp.process.poll() is not None

    @property
    def answered_at(self) -> datetime | None:
        return self._first("SIP/2.0 200", sent=False)

    @property
    def ended_at(self) -> datetime | None:
        return self._first("BYE ")

    @property
    def ended_by_line(self) -> bool:
        return self._first("BYE ", sent=False) is not None

    def _first(self, start: str, *, sent: bool | None = None) -> datetime | None:
        own = of_its_own_call(self.sipp.messages())
        return next((m.at for m in own if m.line.startswith(start) and sent in (None, m.sent)), None)

    def _play(self, name: str, samples: Sequence[sound.Samples] | Iterable[sound.Samples], loops: int) -> Play:
        path = sound.write(self._folder / f"{name}.alaw", sound.joined(samples))
        return Play(str(path), loops)
