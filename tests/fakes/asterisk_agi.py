"""Asterisk's side of an AGI session, as 22.10.1 was measured to speak, with a scripted caller at the other end.

`answer` is pure (one command in, bytes out), so the same fake serves sockets and pipes. The caller is a list of acts:
a key (`"1"`, pressed when the door waits), `"!1"` (pressed during the prompt), `"~1"` (pressed while no command hears it),
`"^1"` (the same, but Asterisk delivers it to the next command that listens, as it does with SIP INFO), `"silence"` (one question unanswered) or `"hangup"`. `hangup_at=n` lets the caller go at the n-th command, whatever it is.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from ivr.kernel.milestones import decode

TOKEN = "open-sesame"

_WORD = re.compile(r'"((?:\\.|[^"\\])*)"|(\S+)')
_DEAD = b"511 Command Not Permitted on a dead channel or intercept routine\n"


def words(command: str) -> list[str]:
    """Split a command as Asterisk does: quotes hold a word together, a backslash takes the next character as it is."""
    return [re.sub(r"\\(.)", r"\1", m[1]) if m[1] is not None else m[2] for m in _WORD.finditer(command)]


@dataclass
class FakeAsterisk:
    """One call. Look at `prompts`, `marks`, `variables` and `leases` afterwards."""

    caller: Iterable[str] = ()
    variables: dict[str, str] = field(default_factory=dict)
    hangup_at: int | None = None
    missing: frozenset[str] = frozenset()
    environment: dict[str, str] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    prompts: list[str] = field(default_factory=list)
    marks: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    leases: list[float] = field(default_factory=list)
    gone: bool = False
    _silent: bool = False
    _late: str = ""

    def __post_init__(self) -> None:
        self._acts = list(self.caller)
        self.variables.setdefault("CHANNEL(linkedid)", "line1420-1795302425.0")
        self.variables.setdefault("CHANNEL(language)", "fa")

    def header(self, route: str) -> bytes:
        lines = {
            "agi_network": "yes",
            "agi_network_script": route,
            "agi_request": f"agi://127.0.0.1/{route}",
            "agi_channel": "PJSIP/trunk-00000001",
            "agi_language": self.variables["CHANNEL(language)"],
            "agi_uniqueid": "line1420-1795302425.1",
            "agi_callerid": "09121234567",
            "agi_calleridname": "unknown",
            "agi_arg_1": TOKEN,
            **self.environment,
        }
        return "".join(f"{key}: {value}\n" for key, value in lines.items()).encode() + b"\n"

    def marked(self, name: str) -> list[dict[str, str]]:
        return [fields for mark, fields in self.marks if mark == name]

    @property
    def done(self) -> bool:
        return self.variables.get("LINE_DONE") == "1"

    def answer(self, command: str) -> bytes:
        self.commands.append(command)
        just_gone = not self.gone and self.hangup_at is not None and len(self.commands) >= self.hangup_at
        parts = words(command)
        while self._acts and self._acts[0].startswith(("~", "^")):
            act = self._acts.pop(0)
            self._press(act[1])
            self._late += act[1] if act[0] == "^" else ""
        match [p.upper() for p in parts[:2]]:
            case ["GET", "FULL"]:
                return self._end(f"200 result=1 ({self._evaluated(parts[3])})\n".encode(), just_gone)
            case ["SET", "VARIABLE"]:
                self.variables[parts[2]] = parts[3]
                return self._end(b"200 result=1\n", just_gone)
            case ["GET", "VARIABLE"]:
                value = self.variables.get(parts[2])
                reply = f"200 result=1 ({value})\n".encode() if value is not None else b"200 result=0\n"
                return self._end(reply, just_gone)
            case ["EXEC", "CELGENUSEREVENT"]:
                name, _, fields = parts[2].partition(",")
                self.marks.append((name, decode(fields)))
                return self._end(b"200 result=0\n", just_gone)
            case ["CHANNEL", "STATUS"]:
                return _DEAD if self.gone else self._end(b"200 result=6\n", just_gone)
            case ["STREAM", "FILE"]:
                return self._stream(parts[2], parts[3] if len(parts) > 3 else "", just_gone)
            case ["WAIT", "FOR"]:
                return self._wait(just_gone)
            case _:
                return b"510 Invalid or unknown command\n"

    def _evaluated(self, expression: str) -> str:
        """`${SET(name=value)}` and `${name}` one after the other, as far as doors use them."""
        return re.sub(r"\$\{(?:SET\(([^=]+)=([^${}]*)\)|([^{}]+))\}", self._one, expression)

    def _one(self, found: re.Match[str]) -> str:
        name, value, asked = found.groups()
        if asked is not None:
            return self.variables.get(asked, "")
        if name == "TIMEOUT(absolute)":
            self.leases.append(float(value))
        self.variables[name] = value
        return value

    def _stream(self, name: str, keys: str, just_gone: bool) -> bytes:
        if self.gone:
            return _DEAD
        if self._silent:
            self._silent = False
            self._acts.pop(0)
        self.prompts.append(name.removeprefix("line/"))
        if just_gone or (self._acts and self._acts[0] == "hangup!"):
            return self._hang_up(b"200 result=-1 endpos=800\n")
        if name in self.missing:
            return b"200 result=-1 endpos=0\n"
        if keys and self._late:
            return f"200 result={self._deliver()} endpos=400\n".encode()
        if keys and self._acts and self._acts[0].startswith("!"):
            return f"200 result={self._press(self._acts.pop(0)[1])} endpos=1280\n".encode()
        return b"200 result=0 endpos=16000\n"

    def _wait(self, just_gone: bool) -> bytes:
        if self.gone:
            return _DEAD
        if self._late:
            return f"200 result={self._deliver()}\n".encode()
        if just_gone or not self._acts or self._acts[0] == "hangup":
            return self._hang_up(b"200 result=-1\n")
        if self._acts[0] == "silence":
            self._silent = True
            return b"200 result=0\n"
        if self._acts[0] == "pause":  # shorter than a question: one slice of waiting
            self._acts.pop(0)
            return b"200 result=0\n"
        return f"200 result={self._press(self._acts.pop(0)[-1])}\n".encode()

    def _deliver(self) -> int:
        """A key that was kept when it came."""
        key, self._late = self._late[0], self._late[1:]
        return ord(key)

    def _press(self, key: str) -> int:
        """Asterisk keeps the key (StoreDTMF), whoever hears it; its number as AGI tells it."""
        self.variables["LINE_KEYS"] = self.variables.get("LINE_KEYS", "") + key
        return ord(key)

    def _end(self, reply: bytes, just_gone: bool) -> bytes:
        """A command that works on a dead channel too: the notice comes before the next command's reply."""
        return self._hang_up(reply) if just_gone else reply

    def _hang_up(self, reply: bytes) -> bytes:
        self.gone = True
        return reply + b"HANGUP\n"

    async def call(self, port: int, route: str = "reception", host: str = "127.0.0.1") -> FakeAsterisk:
        """Knock and answer until the door leaves."""
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(self.header(route))
            while line := await reader.readline():
                writer.write(self.answer(line.decode().rstrip("\n")))
        except ConnectionError:
            pass
        finally:
            writer.close()
        return self
