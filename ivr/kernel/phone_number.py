"""Who calls: an E.164 number, a number we cannot place, or nobody we may know.

`str()` of each is masked, so that a log line cannot leak a caller; ask `.e164` or `.national` for the digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivr.kernel.persian_text import ascii_digits

_IRAN = re.compile(r"(?:\+98|0098|98|0)?([1-9][0-9]{9})")
_ABROAD = re.compile(r"(?:\+|00)([1-9][0-9]{6,14})")
_WITHHELD = {"", "anonymous", "unknown", "<unknown>", "restricted", "private", "unavailable", "asterisk"}


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number that can be called back; `e164` is `+` and 7 to 15 digits."""

    e164: str

    @property
    def national(self) -> str:
        """The way people in Iran write it (`09121234567`); numbers abroad keep `00`."""
        return "0" + self.e164[3:] if self.e164.startswith("+98") else "00" + self.e164[1:]

    def __str__(self) -> str:
        return f"…{self.e164[-4:]}"


@dataclass(frozen=True, slots=True)
class UnplacedNumber:
    """Digits that are no full number: an extension, a short code, a number without its area code."""

    digits: str

    def __str__(self) -> str:
        return f"…{self.digits[-2:]}"


@dataclass(frozen=True, slots=True)
class Withheld:
    """The caller hides the number, or the carrier sent none."""

    def __str__(self) -> str:
        return "withheld"


Caller = PhoneNumber | UnplacedNumber | Withheld


def parse_caller(text: str) -> Caller:
    """Read a caller identity as it comes from the network or from a form. Never refuses: a call is never dropped for it."""
    cleaned = re.sub(r"[\s()./-]", "", ascii_digits(text)).strip("\u200c\u200e\u200f")
    if cleaned.lower() in _WITHHELD:
        return Withheld()
    if match := _IRAN.fullmatch(cleaned):
        return PhoneNumber("+98" + match.group(1))
    if match := _ABROAD.fullmatch(cleaned):
        return PhoneNumber("+" + match.group(1))
    digits = "".join(c for c in cleaned if c.isascii() and c.isdigit())[:20]
    return UnplacedNumber(digits) if digits else Withheld()


def stored_form(caller: Caller) -> str:
    """The one form kept in the database and compared in filters: E.164, bare digits, or empty for withheld."""
    if isinstance(caller, PhoneNumber):
        return caller.e164
    return caller.digits if isinstance(caller, UnplacedNumber) else ""
