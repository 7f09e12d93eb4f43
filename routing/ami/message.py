"""One AMI message as it stood on the wire. Asking for a header that is not there fails loudly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.kernel.errors import Invalid


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
