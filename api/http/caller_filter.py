"""What people and programs write into a `caller` filter, wherever calls or cases are listed.

A call is never dropped for its caller's identity, so `parse_caller` refuses nothing; a filter must refuse, or a slip of
the finger would quietly list the callers without a number.
"""

from __future__ import annotations

import re
import unicodedata

from ivr.kernel.errors import Invalid
from ivr.kernel.persian_text import ascii_digits
from ivr.kernel.phone_number import parse_caller, stored_form

WITHHELD = "withheld"
"""What to ask for to find callers without a number."""

_NUMBER = re.compile(r"\+?[0-9\s()./-]*[0-9][0-9\s()./-]*")


def caller_filter(text: str, field: str = "query.caller") -> str:
    """Text of a filter → stored form of the caller. `Invalid` for what is neither a number nor `withheld`.

    Digits may be Persian. Marks of writing direction are dropped: a number copied from an address book brings them along.
    """
    written = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    written = ascii_digits(written).strip()
    if written.lower() == WITHHELD:
        return ""
    if not _NUMBER.fullmatch(written):
        raise Invalid(
            "A caller is a phone number in national (09121234567) or international (+989121234567) form, "
            f"or `{WITHHELD}`.",
            field=field,
        )
    return stored_form(parse_caller(written))
