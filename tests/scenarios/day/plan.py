"""The plan of a day: when callers come, who sits where, who rests when. Pure; the same seed draws the same day.

Instants here are seconds of the run after its beginning, unless a name says otherwise.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROFILE = Path(__file__).with_name("profile.toml")


@dataclass(frozen=True, slots=True)
class Length:
    """An exponential length: `mean` in seconds of the day; a run holds it at `least` of its own seconds."""

    mean: float
    least: float

    def drawn(self, speed: float, dice: random.Random) -> float:
        """Seconds of the run."""
        return max(self.least, dice.expovariate(speed / self.mean))


@dataclass(frozen=True, slots=True)
class Rest:
    """A planned break."""

    begins: float
    seconds: float
    cause: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of work of all `seats` of one group."""

    code: str
    code_fa: str
    seats: tuple[int, ...]
    begins: float
    ends: float
    rests: tuple[Rest, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """What `profile.toml` says."""

    speed: float
    calls_per_hour: Mapping[int, int]
    queues: Mapping[str, tuple[str, int]]
    """Key → name and share."""
    callers: Mapping[str, int]
    lengths: Mapping[str, Length]
    limits: Mapping[str, float]
    turns: Sequence[Mapping[str, Any]]
    by_telephone: frozenset[int]


def read_profile(path: Path = PROFILE) -> Profile:
    told = tomllib.loads(path.read_text("utf-8"))
    return Profile(
        speed=told["speed"],
        calls_per_hour={int(hour): calls for hour, calls in told["calls_per_hour"].items()},
        queues={key: (queue["name"], queue["share"]) for key, queue in told["queues"].items()},
        callers=told["callers"],
        lengths={name: Length(**length) for name, length in told["lengths"].items()},
        limits=told["limits"],
        turns=told["turns"],
        by_telephone=frozenset(told["telephone"]["seats"]),
    )


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the day that is replayed, in minutes after its midnight."""

    opens: int
    closes: int
    speed: float

    @property
    def seconds(self) -> float:
        """How long the run lasts."""
        return self.at(self.closes)

    def at(self, minute: int) -> float:
        """When this minute of the day comes in the run."""
        return (minute - self.opens) * 60 / self.speed

    def spoken(self, seconds: float) -> str:
        """The time of the day at this moment of the run, `13:40`."""
        minute = self.opens + seconds * self.speed / 60
        return f"{int(minute) // 60:02d}:{int(minute) % 60:02d}"


def minute_of(text: str) -> int:
    """`13:40` as minutes after midnight."""
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def arrivals(profile: Profile, window: Window, dice: random.Random) -> list[float]:
    """A Poisson process with the rate of each hour: gaps are exponential, and a new hour draws anew, which such a process
    does not notice."""
    found: list[float] = []
    for hour, calls in sorted(profile.calls_per_hour.items()):
        begins, ends = max(hour * 60, window.opens), min(hour * 60 + 60, window.closes)
        if begins >= ends or not calls:
            continue
        at = window.at(begins)
        while (at := at + dice.expovariate(calls * profile.speed / 3600)) < window.at(ends):
            found.append(at)
    return found


def turns(profile: Profile, window: Window) -> list[Turn]:
    """The turns that lie in the window, cut at its edges; a break that does not lie wholly inside is left out."""
    found: list[Turn] = []
    for told in profile.turns:
        begins = max(minute_of(told["begins"]), window.opens)
        ends = min(minute_of(told["ends"]), window.closes)
        if begins >= ends:
            continue
        rests = [
            Rest(window.at(at), rest["minutes"] * 60 / window.speed, rest["cause"])
            for rest in told["breaks"]
            if begins < (at := minute_of(rest["at"])) and at + rest["minutes"] < ends
        ]
        seats = tuple(told["seats"])
        found.append(Turn(told["code"], told["code_fa"], seats, window.at(begins), window.at(ends), tuple(rests)))
    return found


def moments(kinds: Sequence[str], seconds: float, room: float, dice: random.Random) -> list[tuple[float, str]]:
    """A moment for each trouble, in drawn order, one in each equal part of the run. `room`: seconds that one may take,
    so that it is over before the next part begins."""
    part = seconds / len(kinds)
    if part < room:
        raise ValueError(f"{len(kinds)} troubles of {room:.0f} s do not fit into {seconds:.0f} s")
    return [
        (n * part + dice.uniform(0, part - room), kind) for n, kind in enumerate(dice.sample(list(kinds), len(kinds)))
    ]
