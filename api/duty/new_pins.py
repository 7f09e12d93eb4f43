"""A new PIN by chance, never one that anybody guesses first."""

from __future__ import annotations

import secrets

from api.duty.pins import DIGITS, is_trivial


def new_pin(number: str) -> str:
    """For the agent with this number."""
    while is_trivial(pin := f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}", number):
        pass
    return pin
