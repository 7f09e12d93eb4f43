"""`make dial`: walk the line in a terminal, with the same doors and conversations as a real call.

This file plays the dialplan's part (which door comes next, waiting, recording) in words. Voice messages go to a
temporary folder, so nothing reaches the line that runs beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from agi_scripts.desk import NoDesk
from agi_scripts.door import Door, Knock
from agi_scripts.settings import DoorSettings
from agi_scripts.terminal_phone import HELP, TerminalPhone
from agi_scripts.variables import Variable
from agi_scripts.wiring import LANGUAGES, build_house, open_doors
from ivr.kernel.errors import LineError
from ivr.kernel.milestones import Goto
from ivr.prompts.catalogue import Catalogue, load_catalogue

KNOCKS = 50
"""More doors in one call mean that the doors send the caller in circles."""


@dataclass(frozen=True, slots=True)
class Dialplan:
    """What `asterisk_conf/templates/extensions` does between the doors, told in words."""

    doors: dict[str, Door]
    phone: TerminalPhone
    spool: Path
    write: Callable[[str], None]
    caller: str = "09121234567"

    async def call(self) -> None:
        """One call from the first ring to the end."""
        self.phone.variables |= {Variable.PHASE: "arrival", Variable.LINKED: "terminal-1.1"}
        route = "reception"
        for _ in range(KNOCKS):
            if not (route := await self._knock(route)):
                break
        self.write("-- the call has ended")

    async def _knock(self, route: str) -> str:
        """One door, then the dialplan's own part; gives the next door or nothing."""
        variables = self.phone.variables
        variables.pop(Variable.DONE, None)
        self.write(f"-- agi://…/{route}  {variables.get(Variable.PHASE, '')}")
        await self.doors[route](Knock(self.phone, self.caller, "terminal-1.1", self.phone.language))
        if self.phone.hung_up:
            self.write("-- the caller has hung up")
            return ""
        if variables.get(Variable.DONE) != "1":
            self.write("-- the door left without a decision: here the dialplan takes its fallback")
            return ""
        return self._carry_on(Goto(variables[Variable.GOTO]))

    def _carry_on(self, goto: Goto) -> str:
        variables = self.phone.variables
        match goto:
            case Goto.QUEUE:
                return self._wait(variables.get(Variable.QUEUE, ""))
            case Goto.VOICE_MESSAGE:
                variables[Variable.PHASE] = "prepare"
                return "voice_message"
            case Goto.RECORD:
                return self._record(variables.get(Variable.MESSAGE, "message"))
            case Goto.REVIEW:
                variables[Variable.PHASE] = "review"
                return "voice_message"
            case Goto.RECEPTION | Goto.CASE_STATUS | Goto.CALLBACK:
                return goto.value
            case Goto.GOODBYE:
                return ""

    def _wait(self, queue: str) -> str:
        self.write(f"-- waiting in queue {queue!r}")
        while True:
            answer = self.phone.ask(
                "a = an operator answers, 1 = call me back, 2 = message, t = nobody answers, n = nobody there> "
            )
            if self.phone.hung_up:
                return ""
            match answer:
                case "a":
                    self.write("-- the operator talks, then hangs up")
                    return "survey"
                case "1":
                    self.phone.variables[Variable.PHASE] = "waiting"
                    return "callback"
                case "2":
                    self.phone.variables[Variable.PHASE] = "prepare"
                    return "voice_message"
                case "t" | "n":
                    self.phone.variables[Variable.PHASE] = "timed_out" if answer == "t" else "no_agents"
                    return "reception"
                case _:
                    self.write("    (a, 1, 2, t, n or h)")

    def _record(self, message: str) -> str:
        self.phone.ask("*beep* speak, then Enter> ")
        with wave.open(str(self.spool / "messages" / f"{message}.part.wav"), "wb") as sound:
            sound.setparams((1, 2, 8_000, 0, "NONE", ""))
            sound.writeframes(bytes(16_000))
        if self.phone.hung_up:
            self.write("-- hung up in mid-message: what was said is kept")
            return ""
        self.phone.variables |= {Variable.PHASE: "review", Variable.RECORD_STATUS: "DTMF"}
        return "voice_message"


def read_catalogue() -> Catalogue:
    """The catalogue shipped with `ivr`."""
    data = files("ivr.data")
    return load_catalogue({lang: (data / f"prompts_{lang}.toml").read_text(encoding="utf-8") for lang in LANGUAGES})


async def dial(settings: DoorSettings, caller: str, read: Callable[[str], str], write: Callable[[str], None]) -> None:
    """One call in the terminal. `settings.var` must be a folder that may be written to."""
    (settings.spool / "messages").mkdir(parents=True, exist_ok=True)
    house = build_house(settings, NoDesk())
    phone = TerminalPhone(read_catalogue(), read, write)
    await Dialplan(open_doors(house), phone, settings.spool, write, caller).call()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m agi_scripts.dial", description=f"Call 1420 in a terminal. {HELP}.")
    parser.add_argument("--caller", default="09121234567", help="number of the caller; empty: withheld")
    parser.add_argument("--open", choices=("auto", "always", "never"), default=None, help="override the opening hours")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="line1420-dial-") as folder:
        overrides = {"var": Path(folder), **({"clock_open": given.open} if given.open else {})}
        settings = DoorSettings().model_copy(update=overrides)
        print(HELP)
        try:
            asyncio.run(dial(settings, given.caller, input, print))
        except LineError as error:
            print(f"dial: {error.message}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("\n-- hung up")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
