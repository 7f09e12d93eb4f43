"""What people may write into a cell of the roster, and what it says when it is written back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.roster.plans import Plan, check_codes, read_cell, write_cell
from ivr.kernel.errors import Invalid
from routing.roster.shifts import Shift
from routing.roster.turns import TurnKind
from tests.unit.api.roster.months import SEATS, SHIFTS
from tests.unit.routing.roster.planned import EVENING, MORNING, SATURDAY, hours


def read(text: str) -> list[Plan]:
    return read_cell(text, SHIFTS, SEATS)


def written(text: str, language: str = "en") -> str:
    return write_cell([plan.turn("a", SATURDAY) for plan in read(text)], language)


@pytest.mark.parametrize(
    ("text", "english", "persian"),
    [
        ("", "", ""),
        ("  \u200c ", "", ""),
        ("m", "M", "ص"),
        ("ص", "M", "ص"),
        ("M@7", "M @7", "ص @۷"),
        ("ص @۰۷", "M @7", "ص @۷"),
        ("M + A", "M + A", "ص + ع"),
        ("ع\nص", "M + A", "ص + ع"),
        ("ص، ع", "M + A", "ص + ع"),
        ("9:00 – 13:00", "09:00-13:00", "۰۹:۰۰-۱۳:۰۰"),
        ("۲۰:۰۰-۲۴:۰۰", "20:00-00:00", "۲۰:۰۰-۰۰:۰۰"),
        ("LV", "LV", "مر"),
        ("بی", "SK", "بی"),
        ("مر ص", "LV M", "مر ص"),
        ("TR 09:00-11:00 + 11:00-14:00@3", "TR 09:00-11:00 + 11:00-14:00 @3", "آم ۰۹:۰۰-۱۱:۰۰ + ۱۱:۰۰-۱۴:۰۰ @۳"),
    ],
)
def test_a_cell_is_read_in_either_language_and_written_in_each(text: str, english: str, persian: str) -> None:
    assert (written(text), written(text, "fa")) == (english, persian)
    assert written(persian) == english


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("X", "cell_word_unknown"),
        ("=M", "cell_word_unknown"),
        ("M M", "cell_word_unknown"),
        ("M 09:00-10:00", "cell_word_unknown"),
        ("M LV", "cell_word_unknown"),
        ("M @7 @8", "cell_word_unknown"),
        ("8-14", "cell_word_unknown"),
        ("25:00-26:00", "cell_hours_unreadable"),
        ("08:00-24:30", "cell_hours_unreadable"),
        ("08:00-08:00", "hours_empty"),
        ("M @17", "cell_seat_unknown"),
        ("M @0", "cell_seat_unknown"),
        ("LV @7", "seat_without_work"),
        ("TR", "hours_missing"),
        ("@7", "hours_missing"),
        ("M" * 121, "cell_too_long"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_would_be_right(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(text)
    assert refused.value.code == code
    if code == "cell_word_unknown":
        assert "ص/M, ع/A, آم/TR, مر/LV, بی/SK" in refused.value.message


PLANS = st.builds(
    Plan,
    st.just(TurnKind.WORK),
    st.sampled_from(SHIFTS),
    st.none(),
    st.none() | st.sampled_from(SEATS),
) | st.builds(Plan, st.sampled_from(TurnKind), st.none(), st.sampled_from([hours("09:00-11:00"), hours("21:00-02:15")]))


@given(st.lists(PLANS | st.sampled_from([Plan(TurnKind.LEAVE), Plan(TurnKind.SICK)]), max_size=3))
def test_whatever_is_planned_is_read_back_as_the_same(plans: list[Plan]) -> None:
    turns = sorted((plan.turn("a", SATURDAY) for plan in plans), key=lambda turn: (turn.begins, turn.ends))
    for language in ("fa", "en"):
        again = [plan.turn("a", SATURDAY) for plan in read(write_cell(turns, language))]
        assert again == turns


@given(st.text(max_size=60))
def test_no_text_does_more_than_be_refused(text: str) -> None:
    try:
        plans = read(text)
    except Invalid:
        return
    assert written(write_cell([plan.turn("a", SATURDAY) for plan in plans], "fa")) == written(text)


@pytest.mark.parametrize(
    ("code_fa", "code_en"), [("ص", "X"), ("ظ", "m"), ("مر", "X"), ("ظ", "tr"), ("A", "X"), ("بي", "X")]
)
def test_no_code_may_mean_two_things(code_fa: str, code_en: str) -> None:
    with pytest.raises(Invalid, match="means something else already"):
        check_codes(Shift(code_fa, code_en, "نو", "New", hours("10:00-16:00")), [MORNING, EVENING])


def test_a_new_code_is_free() -> None:
    check_codes(Shift("ظ", "N", "نیم‌روز", "Noon", hours("10:00-16:00")), [MORNING, EVENING])
