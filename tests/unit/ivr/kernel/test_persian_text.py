"""Search keys, digits, and hostile text made harmless."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.kernel.persian_text import ascii_digits, clean, persian_digits, search_key, search_keys


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("علي كريمي", "علی کریمی"),
        ("می‌شود", "میشود"),
        ("خانهٔ", "خانه"),
        ("ۀ", "ه"),
        ("مدرسة", "مدرسه"),
        ("أحمد", "احمد"),
        ("مسؤول", "مسوول"),
        ("مُحَمَّد", "محمد"),
        ("سلامـــ", "سلام"),
        ("۱۴۲۰", "1420"),
        ("٠٩١٢", "0912"),
        ("ﻋﻠﯽ", "علی"),
        ("الف\u00a0  ب", "الف ب"),
        ("\u202bتأمین\u202c", "تامین"),
        ("کجا؟", "کجا?"),
        ("ALI", "ali"),
    ],
)
def test_two_spellings_have_one_key(one: str, other: str) -> None:
    assert search_key(one) == search_key(other)


def test_zwnj_is_found_joined_and_apart() -> None:
    assert search_keys("می‌شود") == ("میشود", "می شود")
    assert search_keys("سلام") == ("سلام",)


def test_alef_with_madda_stays() -> None:
    assert search_key("آب") == "آب"


def test_digits_there_and_back() -> None:
    assert persian_digits("1420-10") == "۱۴۲۰-۱۰"
    assert ascii_digits("۱۴۲۰٫٠٩") == "1420٫09"


@given(st.text())
def test_a_key_of_a_key_is_the_key(text: str) -> None:
    assert search_key(search_key(text)) == search_key(text)


@pytest.mark.parametrize(
    ("hostile", "harmless"),
    [
        ("Ali\r\nAction: Originate", "Ali Action: Originate"),
        ("\u202eevil\u2066", "evil"),
        ("a\x00b\x1b[31m", "ab[31m"),
        ("می‌شود", "می‌شود"),
        ("  x\t y ", "x y"),
        ("\u2028line", "line"),
        ("x" * 300, "x" * 200),
    ],
)
def test_hostile_text_becomes_one_harmless_line(hostile: str, harmless: str) -> None:
    assert clean(hostile) == harmless


@given(st.text(max_size=400))
def test_clean_text_has_no_control_or_direction_characters(text: str) -> None:
    cleaned = clean(text)
    assert len(cleaned) <= 200
    assert not [
        c
        for c in cleaned
        if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} or (c != "\u200c" and unicodedata.category(c) == "Cf")
    ]
    assert clean(cleaned) == cleaned
