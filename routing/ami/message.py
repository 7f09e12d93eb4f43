"""One AMI message as it stood on the wire, and how a stream of bytes is cut into messages.

Asking for a header that is not there fails loudly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.kernel.errors import Invalid

MAX_MESSAGE = 1 << 18
"""Longest message in bytes; real ones stay below 4 KiB. More without a blank line is not AMI."""

_END = b"\r\n\r\n"


class Malformed(Invalid):
    """A message lacks a header or holds a value that makes no sense; names the header, never a caller's data."""

    code = "ami_malformed"


@dataclass(frozen=True, slots=True)
class AmiMessage:
    """Headers by lower-case name. Of a repeated header the first value counts: a later one may have been smuggled in."""

    headers: Mapping[str, str]

    @classmethod
    def parse(cls, text: str) -> AmiMessage:
        """Read `Name: value` lines; empty values are kept, lines without a colon are dropped."""
        headers: dict[str, str] = {}
        for line in text.split("\r\n"):
            name, colon, value = line.partition(":")
            if colon and name.strip():
                headers.setdefault(name.strip().lower(), value.removeprefix(" "))
        return cls(headers)

    def get(self, name: str) -> str:
        """The header's value, or empty."""
        return self.headers.get(name.lower(), "")

    def __getitem__(self, name: str) -> str:
        try:
            return self.headers[name.lower()]
        except KeyError:
            raise Malformed(f"AMI {self.kind} came without its header {name}", field=name) from None

    def number(self, name: str) -> int:
        """A header that holds a whole number."""
        try:
            return int(self[name])
        except ValueError:
            raise Malformed(f"AMI {self.kind} has no whole number in {name}", field=name) from None

    @property
    def size(self) -> int:
        """About how much it holds, in characters."""
        return sum(len(name) + len(value) for name, value in self.headers.items())

    @property
    def event(self) -> str:
        return self.get("Event")

    @property
    def action_id(self) -> str:
        return self.get("ActionID")

    @property
    def succeeded(self) -> bool:
        return self.get("Response") in ("Success", "Goodbye")

    @property
    def kind(self) -> str:
        """For messages to people: the event's or reply's name, without data."""
        return f"event {self.event[:40]}" if self.event else f"response {self.get('Response')[:40]}"


class MessageCutter:
    """Bytes in whatever pieces they come → the messages as they were sent: where the pieces were cut changes nothing,
    not even for a letter of several bytes or for a message that is too long."""

    def __init__(self, longest: int = MAX_MESSAGE) -> None:
        self.longest = longest
        self.too_long = False
        """A message longer than `longest` came: this is not AMI, and nothing after it is read."""
        self._buffer = bytearray()
        self._searched = 0

    def feed(self, data: bytes) -> list[AmiMessage]:
        """Messages that are whole now; one without any header has empty `headers`."""
        found: list[AmiMessage] = []
        if self.too_long:
            return found
        buffer, start = self._buffer, 0
        buffer += data
        while (end := buffer.find(_END, max(start, self._searched - len(_END) + 1))) >= 0:
            if end - start > self.longest:
                break
            if end > start:
                found.append(AmiMessage.parse(buffer[start:end].decode("utf-8", "replace")))
            self._searched = start = end + len(_END)
        del buffer[:start]
        self._searched = len(buffer)
        if len(buffer) > self.longest + len(_END) - 1:
            self.too_long = True
            buffer.clear()
        return found
