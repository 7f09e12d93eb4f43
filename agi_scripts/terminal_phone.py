"""A telephone made of a terminal: prompts are printed, keys are typed. For `make dial` and for trying a menu at a desk.

Typed lines: keys (`0`-`9`, `*`, `#`; several at once are pressed one after the other), `t` or an empty line waits until
the time is up, `h` hangs up. End of input hangs up too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from agi_scripts.variables import Variable
from ivr.dialogue.replies import HungUp, Keyed, NoKey
from ivr.dialogue.verbs import Gather
from ivr.kernel.milestones import Milestone
from ivr.menu.tree import KEYS
from ivr.prompts.catalogue import Catalogue

HELP = "keys 0-9 * #, Enter or t = no key, h = hang up"


class TerminalPhone:
    """Satisfies `agi_scripts.phone.Phone`. `read` gives the next typed line or raises EOFError; `write` shows a line."""

    def __init__(
        self,
        catalogue: Catalogue,
        read: Callable[[str], str],
        write: Callable[[str], None],
        *,
        language: str = "fa",
        variables: Mapping[Variable, str] | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._read = read
        self._write = write
        self._pressed: list[str] = []
        self._gone = False
        self.language = language
        self.variables: dict[Variable, str] = dict(variables or {})

    @property
    def hung_up(self) -> bool:
        return self._gone

    async def say(self, prompts: tuple[str, ...]) -> HungUp | None:
        if self._gone:
            return HungUp()
        self._show(prompts)
        return None

    async def gather(self, gather: Gather) -> Keyed | NoKey | HungUp:
        if self._gone:
            return HungUp()
        self._show(gather.prompts)
        got = ""
        while len(got) < gather.digits:
            if not self._pressed and not self._type(gather):
                break
            key = self._pressed.pop(0)
            if gather.finish and key == gather.finish:
                break
            got += key
        if self._gone:
            return HungUp()
        return Keyed(got) if got else NoKey()

    async def hold_on(self, seconds: float) -> HungUp | None:
        return self._left()

    async def mark(self, milestone: Milestone, fields: Mapping[str, str | int]) -> HungUp | None:
        shown = " ".join(f"{key}={value}" for key, value in fields.items())
        self._write(f"    · {milestone.value} {shown}")
        return self._left()

    async def set_language(self, language: str) -> HungUp | None:
        self.language = language
        return self._left()

    async def play_message(self, sound: Path) -> HungUp | None:
        if not self._gone:
            self._write(f"  ♪ your message ({sound.name})")
        return self._left()

    async def set_variable(self, variable: Variable, value: str) -> HungUp | None:
        self.variables[variable] = value
        return self._left()

    async def get_variables(self, *variables: Variable) -> tuple[str, ...]:
        told = {**self.variables, Variable.LANGUAGE: self.language}
        return tuple(told.get(variable, "") for variable in variables)

    def ask(self, question: str) -> str:
        """One line typed for the dialplan's part of the call; empty after a hangup."""
        try:
            line = "h" if self._gone else self._read(question).strip()
        except EOFError:
            line = "h"
        self._gone = self._gone or line == "h"
        return "" if self._gone else line

    def _left(self) -> HungUp | None:
        return HungUp() if self._gone else None

    def _type(self, gather: Gather) -> bool:
        """Read a line of keys; `False` when nothing more comes."""
        wanted = "key" if gather.digits == 1 else f"up to {gather.digits} keys{', end with #' if gather.finish else ''}"
        while True:
            line = self.ask(f"{wanted}> ")
            if line in {"", "t"}:
                return False
            if all(key in KEYS for key in line):
                self._pressed.extend(line)
                return True
            self._write(f"    ({HELP})")

    def _show(self, prompts: tuple[str, ...]) -> None:
        for name in prompts:
            spoken = self._catalogue.prompt(self.language, name).text
            english = self._catalogue.prompt("en", name).text
            if not spoken:
                continue
            beside = f"   = {english}" if self.language != "en" else ""
            self._write(f"  {name:<24} {spoken}{beside}")
