"""The province of a fixed line, by its area code. Pure.

Iran's area codes are those of provinces (31 of 31; after the ITU's plan as in libphonenumber's data, and Wikipedia's
"Telephone numbers in Iran"). A mobile number names none, since people keep theirs wherever they move, and neither does
a number from abroad. The code tells the *line's* province: 021 cannot tell East Tehran from West, nor where the caller
is insured.
"""

from __future__ import annotations

from collections.abc import Mapping

from ivr.kernel.phone_number import Caller, PhoneNumber

PROVINCES: Mapping[str, str] = {
    "11": "mazandaran",
    "13": "gilan",
    "17": "golestan",
    "21": "tehran",
    "23": "semnan",
    "24": "zanjan",
    "25": "qom",
    "26": "alborz",
    "28": "qazvin",
    "31": "isfahan",
    "34": "kerman",
    "35": "yazd",
    "38": "chaharmahal_bakhtiari",
    "41": "east_azerbaijan",
    "44": "west_azerbaijan",
    "45": "ardabil",
    "51": "khorasan_razavi",
    "54": "sistan_baluchestan",
    "56": "south_khorasan",
    "58": "north_khorasan",
    "61": "khuzestan",
    "66": "lorestan",
    "71": "fars",
    "74": "kohgiluyeh_boyer_ahmad",
    "76": "hormozgan",
    "77": "bushehr",
    "81": "hamadan",
    "83": "kermanshah",
    "84": "ilam",
    "86": "markazi",
    "87": "kurdistan",
}
"""Area code without its zero → our own name of the province (not ISO 3166-2: public lists of it disagree)."""

_IRAN = "+98"
_NATIONAL_DIGITS = 10


def province_of(caller: Caller) -> str | None:
    """The slug of the province, or None: mobile, abroad, withheld, not a whole number."""
    if not isinstance(caller, PhoneNumber) or not caller.e164.startswith(_IRAN):
        return None
    national = caller.e164.removeprefix(_IRAN)
    return PROVINCES.get(national[:2]) if len(national) == _NATIONAL_DIGITS else None
