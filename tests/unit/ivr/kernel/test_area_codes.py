"""From the number of a fixed line to its province."""

from __future__ import annotations

import pytest

from ivr.kernel.area_codes import PROVINCES, province_of
from ivr.kernel.phone_number import parse_caller


def test_there_are_thirty_one_provinces_each_with_one_code() -> None:
    assert len(PROVINCES) == len(set(PROVINCES.values())) == 31


@pytest.mark.parametrize(
    ("number", "province"),
    [
        ("02188001420", "tehran"),
        ("+982188001420", "tehran"),
        ("۰۸۴۳۳۳۳۱۲۳۴", "ilam"),
        ("0098 87 3366 1234", "kurdistan"),
        ("07733321234", "bushehr"),
    ],
)
def test_a_fixed_line_names_its_province_however_it_is_written(number: str, province: str) -> None:
    assert province_of(parse_caller(number)) == province


@pytest.mark.parametrize(
    "number",
    ["09121234567", "", "anonymous", "88001420", "1420", "+4930123456", "+1 212 555 0100", "02988001420", "seat07"],
)
def test_mobiles_strangers_and_half_numbers_name_none(number: str) -> None:
    assert province_of(parse_caller(number)) is None
