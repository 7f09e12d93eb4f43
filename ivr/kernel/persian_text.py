"""Persian text for machines and for people: the search key, Persian digits, and hostile text made harmless.

The key is only ever compared, never shown: the original stays as it was written. `KEY_VERSION` goes up when a rule
changes, and everything indexed by an older one is indexed again.
"""

from __future__ import annotations

import re
import unicodedata

KEY_VERSION = 1

_PERSIAN_DIGITS = {ord(str(d)): 0x06F0 + d for d in range(10)}
_ASCII_DIGITS = {**{0x06F0 + d: str(d) for d in range(10)}, **{0x0660 + d: str(d) for d in range(10)}}

_LETTERS = str.maketrans(
    {
        "\u064a": "ی", "\u0649": "ی", "\u06d2": "ی",
        "\u0643": "ک",
        "\u06c0": "ه", "\u0629": "ه", "\u06d5": "ه",
        "\u0623": "ا", "\u0625": "ا", "\u0671": "ا", "\u0624": "و",
        "\u060c": ",", "\u061b": ";", "\u061f": "?",
        "\u066b": ".", "\u066c": ",", "\u066a": "%",
    }
)  # fmt: skip
_MARKS = re.compile("[\u064b-\u0655\u0670\u0640]")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c]")
_SPACES = re.compile(r"\s+")
_FORBIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_ZWNJ = "\u200c"


def persian_digits(text: str) -> str:
    """ASCII digits as «۰۱۲۳۴۵۶۷۸۹», for showing."""
    return text.translate(_PERSIAN_DIGITS)


def ascii_digits(text: str) -> str:
    """Persian and Arabic digits as 0–9, for storing and comparing."""
    return text.translate(_ASCII_DIGITS)


def search_key(text: str) -> str:
    """The form in which two spellings of one word are equal; ZWNJ joins («می‌شود» → «میشود»)."""
    return _key(text, "")


def search_keys(text: str) -> tuple[str, ...]:
    """Both keys of a text: ZWNJ removed, and ZWNJ as a space, because people write it either way."""
    return tuple(dict.fromkeys((_key(text, ""), _key(text, " "))))


def _key(text: str, zwnj: str) -> str:
    folded = unicodedata.normalize("NFKC", text).translate(_LETTERS)
    folded = _MARKS.sub("", unicodedata.normalize("NFC", folded))
    folded = _UNSEEN.sub("", folded.replace(_ZWNJ, zwnj))
    return _SPACES.sub(" ", ascii_digits(folded)).strip().casefold()


def is_one_line(text: str) -> bool:
    """Whether it is what `clean` would leave of it, blanks aside; people are then asked to write it anew."""
    return not any(char != _ZWNJ and unicodedata.category(char) in _FORBIDDEN for char in text)


def clean(text: str, limit: int = 200) -> str:
    """Text from outside, safe to log and to show: no control, bidi or unassigned characters, one line, cut to `limit`.

    ZWNJ stays, because Persian words need it; the joiner, direction marks and isolates go, because with them a name
    can turn the line around it.
    """
    kept = "".join(
        char if char == _ZWNJ or unicodedata.category(char) not in _FORBIDDEN else " " if char.isspace() else ""
        for char in text
    )
    return _SPACES.sub(" ", kept).strip()[:limit]
