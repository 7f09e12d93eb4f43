"""The code a caller writes down: nine digits, the last a Damm check digit.

Damm's table catches every single wrong digit and every swap of neighbours, the two commonest keying errors, and works
on plain digits (H. M. Damm, 2004). Nine digits are three easy groups; 100 million codes keep guessing hopeless.
"""

from __future__ import annotations

from typing import Self

from ivr.kernel.errors import Invalid
from ivr.kernel.persian_text import ascii_digits

LENGTH = 9

_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def _damm(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim


class TrackingCode(str):
    """A case's code for people. Always nine ASCII digits with a right check digit."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if len(value) != LENGTH or not (value.isascii() and value.isdigit()) or _damm(value) != 0:
            raise Invalid(
                f"a tracking code has {LENGTH} digits and a matching last digit; please check it digit by digit",
                code="tracking_code_wrong",
            )
        return super().__new__(cls, value)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a person typed or keyed: Persian or Arabic digits, spaces and dashes are fine."""
        return cls(ascii_digits(text).replace(" ", "").replace("-", "").replace("\u200c", ""))

    @classmethod
    def from_number(cls, number: int) -> Self:
        """The code of a number below 10**8; the caller supplies the randomness."""
        if not 0 <= number < 10 ** (LENGTH - 1):
            raise Invalid(f"a tracking code is made from a number below {10 ** (LENGTH - 1)}")
        body = f"{number:0{LENGTH - 1}d}"
        return cls(body + str(_damm(body)))

    @property
    def groups(self) -> tuple[str, str, str]:
        """Three groups of three digits, the way it is spoken and shown."""
        return self[:3], self[3:6], self[6:]
