"""What a PIN must be: six digits that nobody guesses first. Pure."""

from __future__ import annotations

from itertools import pairwise

from ivr.kernel.errors import Invalid

DIGITS = 6


def check_pin(pin: str, number: str) -> None:
    """Raises `Invalid` unless `pin` may be the PIN of the agent with this number. Never says the digits."""
    if not (len(pin) == DIGITS and pin.isascii() and pin.isdigit()):
        raise Invalid(f"A PIN has exactly {DIGITS} digits, 0 to 9.", code="pin_form", field="pin")
    if is_trivial(pin, number):
        raise Invalid(
            "This PIN is among the first that anybody tries: no row of digits (123456, 864208), nothing that repeats "
            "(111111, 121212, 123123) and not the agent's own number.",
            code="pin_trivial",
            field="pin",
        )


def is_trivial(pin: str, number: str) -> bool:
    """Whether it is a row (each digit as far from the one before: 123456, 890123, 864208), a group of one to three digits
    repeated (111111, 121212, 123123), or holds the agent's number, forwards or backwards."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    repeats = any(pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3))
    own = bool(number) and (number in pin or number[::-1] in pin)
    return len(steps) == 1 or repeats or own
