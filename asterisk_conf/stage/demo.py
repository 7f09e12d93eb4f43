"""`make demo`: robot operators and callers over real SIP for some minutes, so that a newcomer sees the floor live.

Everything they do is done through the telephone, as people would: register, sign in with number and PIN, answer, dial, press
keys, speak, hang up.
"""

from __future__ import annotations

import json
import random
import shutil
import signal
import tempfile
import time
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from asterisk_conf.robots.caller import Caller
from asterisk_conf.robots.seat import Seat
from asterisk_conf.stage.settings import StageSettings
from ivr.kernel.errors import Unavailable

AREA_CODES = ("21", "21", "21", "26", "61", "51", "71", "35", "31", "41", "11", "87")
"""First digits of the callers' numbers: about as many from Tehran as the line really has, the rest from all over."""

Journey = Callable[[Caller, random.Random], Caller]


def _talks(caller: Caller, dice: random.Random) -> Caller:
    section = dice.choice("1123")
    caller.pause(dice.uniform(1, 4)).press("1").pause(1).press(section)
    caller.tone(dice.choice((440, 520, 610)))
    # After the operator has gone: most say nothing, as callers do; some key a score.
    return caller.until_bye(dice.uniform(60, 120))


def _gives_up(caller: Caller, dice: random.Random) -> Caller:
    return caller.pause(dice.uniform(1, 3)).press("1").pause(1).press("2").pause(dice.uniform(6, 25)).hang_up()


def _leaves_message(caller: Caller, dice: random.Random) -> Caller:
    caller.pause(dice.uniform(1, 3)).press("2").pause(1).press(dice.choice("123")).pause(14)
    caller.tone(300).pause(dice.uniform(4, 9)).press("#").quiet().pause(2).press("1")
    return caller.until_bye(40)


def _listens(caller: Caller, dice: random.Random) -> Caller:
    return (
        caller.pause(dice.uniform(1, 3))
        .press("4")
        .pause(1)
        .press(dice.choice("123"))
        .pause(dice.uniform(12, 20))
        .hang_up()
    )


def _drops_out(caller: Caller, dice: random.Random) -> Caller:
    return caller.pause(dice.uniform(1, 8)).hang_up()


JOURNEYS: tuple[tuple[Journey, int], ...] = (
    (_talks, 60),
    (_gives_up, 12),
    (_leaves_message, 12),
    (_listens, 10),
    (_drops_out, 6),
)


def _running_line(var: Path) -> dict[str, Any]:
    handshake = var / "run.json"
    if not handshake.exists():
        raise SystemExit(f"no line runs in {var}; start it in another terminal with: make run")
    if shutil.which("sipp") is None:
        raise SystemExit("SIPp is missing; install it with: sudo apt-get install -y sip-tester")
    return json.loads(handshake.read_text(encoding="utf-8"))


def _register(folder: Path, run: dict[str, Any], count: int, target: str, dice: random.Random) -> Iterator[Seat]:
    for name, account in list(run["seats"].items())[:count]:
        seat = Seat(
            folder / name,
            target,
            seat=account["user"],
            secret=account["secret"],
            ring_seconds=dice.uniform(1, 4),
            talk_seconds=dice.uniform(8, 35),
            hertz=dice.choice((700, 800, 900)),
        )
        yield seat.sign_in()
        print(f"demo: the telephone of {name} is there", flush=True)


def _keyed(run: dict[str, Any], seat: Seat) -> tuple[str, str] | None:
    """Number and PIN of the operator who sits at this seat, where operators sign in."""
    account = run["accounts"].get(seat.seat.replace("seat", "operator"), {})
    return (account["agent_number"], account["pin"]) if "pin" in account else None


def _sign_in(operators: list[Seat], run: dict[str, Any]) -> None:
    keyed = {seat: keys for seat in operators if (keys := _keyed(run, seat))}
    calls = {seat: seat.signs_in(*keys) for seat, keys in keyed.items()}  # all at once: each takes some ten seconds
    for seat, call in calls.items():
        try:
            seat.done(call)
        except Unavailable:
            # whoever was signed in there still, from a demo that was ended hard, has now been signed out by the first key
            seat.done(seat.signs_in(*keyed[seat]))
        print(f"demo: agent {keyed[seat][0]} has signed in at {seat.seat}", flush=True)


class _AfterTalks:
    """Agents who say by telephone, some seconds after each talk, that their work on it is done."""

    def __init__(self, operators: list[Seat], run: dict[str, Any], seed: int | None) -> None:
        self._seen = {seat: seat.talks for seat in operators if _keyed(run, seat)}
        self._done_at: dict[Seat, float] = {}
        self._dice = random.Random(seed)  # noqa: S311 - of its own: when talks end depends on the machine
        self.calls: list[Caller] = []

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let time pass, at most `seconds`."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end and not until():
            for seat, seen in self._seen.items():
                if (talks := seat.talks) > seen:
                    self._seen[seat] = talks
                    self._done_at[seat] = now + self._dice.uniform(2, 12)
            for seat in [seat for seat, at in self._done_at.items() if at <= now]:
                del self._done_at[seat]
                self.calls.append(seat.presses("3"))
            time.sleep(min(0.5, max(0.0, end - now)))


def _go_home(operators: list[Seat], run: dict[str, Any]) -> None:
    """Sign out as people do, and let the telephones go."""
    calls = [(seat, seat.presses("1")) for seat in operators if _keyed(run, seat)]
    for seat, call in calls:
        try:
            seat.done(call)
        except Unavailable as error:  # the line itself signs out an agent whose telephone is gone
            print(f"demo: {error.message}", flush=True)
    for seat in operators:
        seat.sign_out()


def _stop(_signal: int, _frame: types.FrameType | None) -> None:
    raise KeyboardInterrupt


def main(
    minutes: Annotated[float, typer.Option(help="How long callers come in.")] = 3.0,
    seats: Annotated[int, typer.Option(min=1, max=99, help="How many robot operators sign in.")] = 6,
    calls_per_minute: Annotated[float, typer.Option(min=0.1, max=120)] = 14.0,
    seed: Annotated[int | None, typer.Option(help="Same seed, same day.")] = None,
) -> None:
    """Brings robot operators and callers to the running line, then lets everyone finish."""
    # Also when a script started us in the background (it ignores Ctrl-C there) or ends us: no robot may stay behind.
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    var = StageSettings().var.resolve()
    run = _running_line(var)
    dice = random.Random(seed)  # noqa: S311 - a play, not a secret
    target = f"127.0.0.1:{run['ports']['sip']}"
    folder = Path(tempfile.mkdtemp(prefix="line1420-demo-"))
    operators: list[Seat] = []
    callers: list[Caller] = []
    presses: list[Caller] = []
    print(f"demo: watch {run['urls']['floor']}", flush=True)
    try:
        for seat in _register(folder, run, seats, target, dice):
            operators.append(seat)
        _sign_in(operators, run)
        after_talks = _AfterTalks(operators, run, seed)
        presses = after_talks.calls
        end = time.monotonic() + minutes * 60
        while time.monotonic() < end:
            number = f"0{dice.choice(AREA_CODES)}{dice.randrange(10**7, 10**8)}"
            journey = dice.choices([j for j, _ in JOURNEYS], [weight for _, weight in JOURNEYS])[0]
            caller = journey(Caller(folder / f"caller{len(callers)}", target, user=number), dice)
            callers.append(caller.dial(limit_seconds=240))
            print(f"demo: call {len(callers)} from …{number[-4:]}:{journey.__name__.replace('_', ' ')}", flush=True)
            after_talks.wait(dice.expovariate(calls_per_minute / 60))
        print("demo: no new calls; the last ones finish", flush=True)
        after_talks.wait(60, until=lambda: all(caller.is_over for caller in callers))
        time.sleep(1)
    except KeyboardInterrupt:
        print("demo: stopping", flush=True)
    finally:
        for caller in (*callers, *presses):
            caller.stop()
        _go_home(operators, run if (var / "run.json").exists() else {"accounts": {}})
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    typer.run(main)
