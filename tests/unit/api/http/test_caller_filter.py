"""What may stand in a caller filter, and what must not quietly become another question."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.caller_filter import caller_filter
from ivr.kernel.errors import Invalid
from ivr.kernel.phone_number import PhoneNumber, parse_caller


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("09121234567", "+989121234567"),
        ("۰۹۱۲ ۱۲۳ ۴۵۶۷", "+989121234567"),
        ("\u202a+98 912 123 4567\u202c", "+989121234567"),
        ("withheld", ""),
        ("1420", "1420"),
    ],
)
def test_a_number_is_read_as_people_write_it(written: str, stored: str) -> None:
    assert caller_filter(written) == stored


@pytest.mark.parametrize("written", ["०", "०९१२१२३४५६७", "1²", "Ⅷ", "٫", "+", "", "0912x", "=1+1", "' OR 1=1", "\x00"])
def test_what_is_no_number_is_refused_and_never_means_withheld(written: str) -> None:
    """Digits of scripts nobody here writes were let through, came to nothing, and listed all withheld callers."""
    with pytest.raises(Invalid):
        caller_filter(written)


def test_a_number_to_be_called_back_has_ascii_digits_only() -> None:
    assert not isinstance(parse_caller("09१२३४५६७८९"), PhoneNumber)


@given(st.text(max_size=40))
def test_any_text_is_a_stored_form_or_refused(text: str) -> None:
    try:
        stored = caller_filter(text)
    except Invalid:
        return
    assert re.fullmatch(r"\+?[0-9]{1,20}", stored) or (stored == "" and "withheld" in text.lower())
