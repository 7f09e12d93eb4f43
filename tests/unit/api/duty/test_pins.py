"""Which PINs may be: six digits, none of those that are tried first."""

from __future__ import annotations

import pytest

from api.duty.pins import check_pin, is_trivial
from ivr.kernel.errors import Invalid

NUMBER = "107"


@pytest.mark.parametrize("pin", ["482913", "100200", "907651", "112358", "000001"])
def test_most_pins_are_good(pin: str) -> None:
    check_pin(pin, NUMBER)


@pytest.mark.parametrize(
    "pin",
    ["123456", "654321", "012345", "890123", "098765", "246802", "864208", "111111", "000000", "121212", "123123",
     "107107", "107482", "482107", "481079", "701482"],
)  # fmt: skip
def test_what_anybody_tries_first_is_refused(pin: str) -> None:
    with pytest.raises(Invalid, match="among the first"):
        check_pin(pin, NUMBER)


@pytest.mark.parametrize("pin", ["", "48291", "4829131", "48291a", "۴۸۲۹۱۳", " 48291", "-48291", "48291\n"])
def test_anything_but_six_digits_is_refused(pin: str) -> None:
    with pytest.raises(Invalid, match="exactly 6 digits"):
        check_pin(pin, NUMBER)


def test_a_refusal_does_not_repeat_what_was_tried() -> None:
    with pytest.raises(Invalid) as refused:
        check_pin("107482", NUMBER)
    assert "107482" not in refused.value.message


def test_few_of_all_pins_are_refused() -> None:
    trivial = sum(is_trivial(f"{pin:06d}", NUMBER) for pin in range(0, 1_000_000, 97))
    assert 0 < trivial / (1_000_000 / 97) < 0.02


def test_a_six_digit_number_is_no_pin_either_way_round() -> None:
    assert is_trivial("482913", "482913")
    assert is_trivial("319284", "482913")
    assert not is_trivial("482914", "482913")
