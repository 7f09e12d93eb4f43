"""Commands and replies over the pipes of a process AGI, on pyst2's `AGI` with everything that loses calls replaced.

What the base class does and this one does not: take a hangup for an exception out of `int()`, read a usage reply for
ever, let a quote or a line break in a value become a second command, write callers' numbers to stderr, install a signal
handler (which fails outside the main thread), and die of a name that was cut in the middle of a letter.
"""

from __future__ import annotations

import os
import select
from typing import IO, Any

from asterisk.agi import AGI, AGIAppError, AGIDBError, AGIHangup, AGIInvalidCommand, AGIUnknownError, AGIUsageError

from agi_scripts.agi_environment import parse_environment
from agi_scripts.agi_phone import ALL_KEYS
from agi_scripts.agi_wire import CLOSED, AgiReply, OutOfStep, ReplyStream, one_line
from ivr.kernel.errors import Invalid

ENVIRONMENT_LIMIT = 16_384
"""Bytes of AGI environment accepted, as on the socket."""

_CHUNK = 4096


class _Silence:
    """Stands where the base class writes its traces, which hold personal data."""

    def write(self, text: str) -> int:
        return len(text)


class StdioAgi(AGI):
    """One call on two pipes. `ask` is what our phone uses; the inherited commands work too and tell a hangup apart."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        # the base class's __init__ would read without limits and take over SIGHUP
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = _Silence()
        self._got_sighup = False
        self._replies = ReplyStream()
        self._lost = False
        self.env = parse_environment(self._read_environment())

    @property
    def hung_up(self) -> bool:
        return self._lost or self._replies.hung_up

    async def ask(self, command: bytes, takes_seconds: float = 0.0) -> AgiReply:
        """`agi_scripts.agi_phone.Exchange`. Blocks: a process AGI has one caller and nothing else to do."""
        return self._ask(command)

    def execute(self, command: str, *args: object) -> dict[str, tuple[str, str]]:
        """For the inherited commands: `{"result": (value, text in brackets)}`; the base class's own errors."""
        reply = self._ask(_line(command, *args))
        if reply.dead:
            raise AGIHangup("the channel has gone")
        if reply.code == 510:
            raise AGIInvalidCommand(reply.text)
        if reply.code == 520:
            raise AGIUsageError(reply.text)
        if not reply.ok:
            raise AGIUnknownError(reply.code, reply.text)
        if reply.failed and command.startswith("RECORD FILE") and reply.data == "hangup":
            return {"result": ("0", reply.data)}
        if reply.failed:
            raise AGIHangup("the caller has gone") if self.hung_up else AGIAppError("the command failed")
        return {"result": (reply.result, reply.data)}

    def record_file(self, *args: Any, **kwargs: Any) -> str:
        """The key that ended the recording, or empty. A hangup is the usual end of a message and no error;
        a disk that cannot be written is (`AGIAppError`)."""
        key = super().record_file(*args, **kwargs)
        return key if key in ALL_KEYS else ""

    def database_get(self, family: str, key: str) -> str:
        """A value of Asterisk's own database. The base class quotes family and key twice and so never finds one."""
        found, value = self.execute("DATABASE GET", self._quote(family), self._quote(key))["result"]
        if found != "1":
            raise AGIDBError(f"Asterisk's database has no {family}/{key}")
        return value

    def _ask(self, command: bytes) -> AgiReply:
        if self._lost:
            return CLOSED
        try:
            if select.select([self.stdin.fileno()], [], [], 0)[0]:
                self._replies.feed(os.read(self.stdin.fileno(), _CHUNK))
                self._replies.next_command()
            self.stdout.write(command)
            self.stdout.flush()
            while (reply := self._replies.reply()) is None:
                chunk = os.read(self.stdin.fileno(), _CHUNK)
                if not chunk:
                    self._lost = True
                    return CLOSED
                self._replies.feed(chunk)
        except OutOfStep:
            self._lost = True
            raise
        except (OSError, ValueError):
            self._lost = True
            return CLOSED
        return reply

    def _read_environment(self) -> bytes:
        """Up to the blank line; Asterisk sends nothing after it before our first command."""
        raw = b""
        while not raw.endswith(b"\n\n") and raw != b"\n":
            if len(raw) > ENVIRONMENT_LIMIT:
                raise Invalid("the AGI environment is longer than any Asterisk sends", code="agi_header_limit")
            chunk = os.read(self.stdin.fileno(), _CHUNK)
            if not chunk:
                raise Invalid("the AGI environment ended before its blank line", code="agi_header_cut")
            raw += chunk
        return raw

    def _quote(self, string: object) -> str:
        escaped = ("" if string is None else str(string)).replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'


def _line(command: str, *args: object) -> bytes:
    """Arguments come quoted from the inherited commands, but for names of files, which a blank would cut in two; what
    would start a second command is refused here."""
    return one_line(" ".join([command.strip(), *(_whole(str(argument)) for argument in args)]).strip())


def _whole(argument: str) -> str:
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return argument if argument.startswith('"') or " " not in argument else f'"{escaped}"'
