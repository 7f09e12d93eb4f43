"""The AGI language as plain data: one command to one line, lines to one reply. No socket here; both AGI phones use it.

Why our own and not the libraries': a hangup notice (`HANGUP` on a line of its own) comes between replies, a usage
reply (`520-`) has any number of lines, and a value may hold a bracket or the very word hangup. Whoever miscounts lines
once gives every later reply to the wrong command, and the caller lands in somebody else's answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivr.kernel.errors import Invalid, Unavailable

COMMAND_LIMIT = 4096
"""Bytes of one command. Asterisk cuts at 8,191 bytes and runs the rest as a second command (measured)."""

REPLY_LIMIT = 16_384
"""Bytes of one reply line; longer is no reply to anything we ask."""

USAGE_LIMIT = 200
"""Lines of a usage reply; one that never ends must not keep us reading for ever."""

# digits of Asterisk's own, and no more of them than a C integer has: the numbers are read with int() later
_REPLY = re.compile(r"(?P<code>[0-9]{3}) (?P<text>.*)", re.DOTALL)
_RESULT = re.compile(
    r"result=(?P<result>(?:-?[0-9]{1,20})?)(?: \((?P<data>.*)\))?(?: endpos=(?P<endpos>-?[0-9]+))?", re.DOTALL
)


class OutOfStep(Unavailable):
    """What arrived cannot be the reply to what we asked. Nothing after it can be trusted: end the session."""

    code = "agi_out_of_step"


@dataclass(frozen=True, slots=True)
class AgiReply:
    """One reply. `result` and `data` are empty unless the code is 200; `data` is the text in brackets."""

    code: int
    result: str = ""
    data: str = ""
    text: str = ""

    @property
    def ok(self) -> bool:
        return self.code == 200

    @property
    def dead(self) -> bool:
        """511: the channel is gone and this command needs it."""
        return self.code == 511

    @property
    def failed(self) -> bool:
        """-1: the command failed or the caller went in the middle of it. A value that reads "hangup" is no failure."""
        return self.ok and self.result == "-1"

    @property
    def key(self) -> str:
        """The key that ended a prompt or a wait (`result` is its ASCII number), or empty."""
        if not self.ok or self.result in ("", "0", "-1"):
            return ""
        number = int(self.result)
        return chr(number) if 0 <= number < 128 and chr(number) in "0123456789*#" else ""


def command_line(verb: str, *arguments: str) -> bytes:
    """`command_line("SET VARIABLE", "A", 'say "x"')` → `SET VARIABLE "A" "say \\"x\\""` and a line feed.

    `verb` is ours and goes as it is; every argument is quoted. A line break or NUL in an argument would start a second
    command, so it is refused; so is a line above `COMMAND_LIMIT`.
    """
    return one_line(" ".join([verb, *(_quoted(argument) for argument in arguments)]))


def one_line(line: str) -> bytes:
    """A whole command as it goes over the wire, line feed included. Raises `Invalid` for what would be two, or be cut."""
    if any(c in line for c in "\r\n\0"):
        raise Invalid("an AGI command is one line: a line break or NUL may not go into it")
    encoded = line.encode("utf-8", "replace") + b"\n"
    if len(encoded) > COMMAND_LIMIT:
        raise Invalid(f"an AGI command of {len(encoded)} bytes would be cut by Asterisk; keep it below {COMMAND_LIMIT}")
    return encoded


class ReplyParser:
    """Takes lines, gives a reply when one is whole. `hung_up` is set by a hangup notice wherever it comes."""

    def __init__(self) -> None:
        self.hung_up = False
        self._usage: list[str] | None = None

    def take(self, line: bytes) -> AgiReply | None:
        """One line without its line feed. `None`: read on."""
        text = line.decode("utf-8", "replace").removesuffix("\r")
        if text == "HANGUP":
            self.hung_up = True
            return None
        if self._usage is not None:
            return self._take_usage(text)
        if text.startswith("520-"):
            self._usage = [text]
            return None
        match = _REPLY.fullmatch(text)
        if match is None:
            raise OutOfStep(f"Asterisk sent a line that is no AGI reply ({len(line)} bytes); the session ends here")
        code = int(match["code"])
        if code == 100:
            return None
        if code != 200:
            return AgiReply(code, text=match["text"])
        result = _RESULT.fullmatch(match["text"])
        if result is None:
            raise OutOfStep(
                f"Asterisk sent a 200 reply without a readable result ({len(line)} bytes); the session ends here"
            )
        return AgiReply(200, result["result"], result["data"] or "", match["text"])

    def _take_usage(self, text: str) -> AgiReply | None:
        assert self._usage is not None
        if text.startswith("520 "):
            usage, self._usage = self._usage, None
            return AgiReply(520, text="\n".join(usage))
        self._usage.append(text)
        if len(self._usage) > USAGE_LIMIT:
            raise OutOfStep("a usage reply without an end; the session ends here")
        return None


class ReplyStream:
    """Bytes as they arrive → replies, one for each command; the socket and the pipe both read through it.

    After a reply only hangup notices may lie ready (two when AGIEXITONHANGUP is set, measured). Anything else would
    answer the next command wrongly.
    """

    def __init__(self) -> None:
        self._parser = ReplyParser()
        self._buffer = b""

    @property
    def hung_up(self) -> bool:
        return self._parser.hung_up

    def feed(self, chunk: bytes) -> None:
        self._buffer += chunk

    def reply(self) -> AgiReply | None:
        """The reply to the command that was sent last; `None` while bytes are missing. Raises `OutOfStep`."""
        while True:
            line, end, rest = self._buffer.partition(b"\n")
            if not end:
                if len(self._buffer) > REPLY_LIMIT:
                    raise OutOfStep("a reply line without an end; the session ends here")
                return None
            self._buffer = rest
            if reply := self._parser.take(line):
                self.next_command()
                return reply

    def next_command(self) -> None:
        """Call before a command is sent, with everything fed that has arrived. Raises `OutOfStep`."""
        while self._buffer.startswith(_NOTICE):
            self._parser.take(_NOTICE[:-1])
            self._buffer = self._buffer.removeprefix(_NOTICE)
        if not _NOTICE.startswith(self._buffer):
            raise OutOfStep("Asterisk sent more than one reply to one command; the session ends here")


CLOSED = AgiReply(511, text="connection closed")
"""What a lost connection answers to every command."""

_NOTICE = b"HANGUP\n"


def _quoted(argument: str) -> str:
    escaped = argument.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
