"""Spoken numbers, dates, times, durations, codes: checked by what the prompts say, read back as people would."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from ivr.kernel.clock import TEHRAN
from ivr.kernel.errors import Invalid
from ivr.kernel.phone_number import PhoneNumber
from ivr.kernel.tracking_code import TrackingCode
from ivr.prompts import speech
from tests.fakes import line_data

PIECES = speech.every_piece()


def heard(prompts: tuple[str, ...], language: str = "fa") -> str:
    return " ".join(t for name in prompts if (t := line_data.catalogue().prompt(language, name).text))


@pytest.mark.parametrize(
    ("value", "fa", "en"),
    [
        (0, "صفر", "zero"),
        (7, "هفت", "seven"),
        (19, "نوزده", "nineteen"),
        (20, "بیست", "twenty"),
        (31, "سی و یک", "thirty one"),
        (100, "صد", "one hundred"),
        (105, "صد و پنج", "one hundred and five"),
        (110, "صد و ده", "one hundred and ten"),
        (999, "نهصد و نود و نُه", "nine hundred and ninety nine"),
        (1_000, "هزار", "one thousand"),
        (1_001, "هزار و یک", "one thousand one"),
        (1_420, "هزار و چهارصد و بیست", "one thousand four hundred and twenty"),
        (2_000, "دو هزار", "two thousand"),
        (21_000, "بیست و یک هزار", "twenty one thousand"),
        (
            163_754,
            "صد و شصت و سه هزار و هفتصد و پنجاه و چهار",
            "one hundred and sixty three thousand seven hundred and fifty four",
        ),
        (1_000_000, "یک میلیون", "one million"),
        (1_001_000, "یک میلیون و هزار", "one million one thousand"),
    ],
)
def test_numbers(value: int, fa: str, en: str) -> None:
    assert heard(speech.number(value)) == fa
    assert heard(speech.number(value, "en"), "en") == en


def worth(prompts: tuple[str, ...]) -> int:
    """The number that a listener adds up from the pieces."""
    total = group = 0
    for name in (piece.removesuffix("_and") for piece in prompts):
        if name in {"thousand", "million"}:
            total += (group or 1) * (1_000 if name == "thousand" else 1_000_000)
            group = 0
        else:
            group += int(name.removeprefix("num_"))
    return total + group


@given(st.integers(0, speech.LARGEST), st.sampled_from(line_data.LANGUAGES))
def test_a_listener_adds_up_the_same_number(value: int, language: str) -> None:
    prompts = speech.number(value, language)
    assert worth(prompts) == value
    assert set(prompts) <= PIECES
    assert not prompts[-1].endswith("_and")
    if language == "fa":
        # «و» joins every two parts and never stands before the scale of its own group («دو هزار»); a thousand alone is a
        # part of its own («یک میلیون و هزار»).
        for one, following in pairwise(prompts):
            counted = following.startswith(("thousand", "million")) and not one.startswith("million")
            assert one.endswith("_and") != counted


@pytest.mark.parametrize("value", [-1, speech.LARGEST + 1])
def test_numbers_out_of_reach_are_refused(value: int) -> None:
    with pytest.raises(Invalid):
        speech.number(value)


def test_a_date_is_jalali() -> None:
    assert heard(speech.jalali_date(date(2026, 11, 21), weekday=True)) == "شنبه سی‌اُم آبان هزار و چهارصد و پنج"
    assert heard(speech.jalali_date(date(2018, 5, 17), "en", weekday=True), "en") == (
        "Thursday the twenty seventh of Ordibehesht one thousand three hundred and ninety seven"
    )
    assert heard(speech.jalali_date(date(2026, 3, 21), year=False)) == "یکم فروردین"


def test_the_day_of_an_instant_is_the_day_in_tehran() -> None:
    late = datetime(2026, 11, 21, 21, 0, tzinfo=UTC)
    assert speech.jalali_day_of(late, TEHRAN) == speech.jalali_date(date(2026, 11, 22))


@given(st.dates(date(1980, 1, 1), date(2100, 1, 1)))
def test_every_day_has_its_pieces(day: date) -> None:
    prompts = speech.jalali_date(day, weekday=True)
    jalali = JalaliDate(day)
    assert prompts[1:3] == (f"day_{jalali.day}", f"month_{jalali.month}")
    assert worth(prompts[3:]) == jalali.year
    assert set(prompts) <= PIECES


@pytest.mark.parametrize(
    ("at", "fa", "en"),
    [
        (time(8, 0), "ساعت هشت", "at eight o'clock"),
        (time(8, 30), "ساعت هشت و سی دقیقه", "at eight thirty"),
        (time(21, 5), "ساعت بیست و یک و پنج دقیقه", "at twenty one zero five"),
        (time(0, 45), "ساعت صفر و چهل و پنج دقیقه", "at zero forty five"),
        (time(20, 1), "ساعت بیست و یک دقیقه", "at twenty zero one"),
    ],
)
def test_times(at: time, fa: str, en: str) -> None:
    assert heard(speech.clock_time(at)) == fa
    assert heard(speech.clock_time(at, "en"), "en") == en


def test_one_minute_past_twenty_does_not_sound_like_twenty_one() -> None:
    assert speech.clock_time(time(20, 1))[1:3] == ("num_20_and", "pause")
    assert "pause" not in speech.clock_time(time(20, 10))


@given(st.times(), st.sampled_from(line_data.LANGUAGES))
def test_every_time_has_its_pieces(at: time, language: str) -> None:
    assert set(speech.clock_time(at, language)) <= PIECES


@pytest.mark.parametrize(
    ("span", "fa", "en"),
    [
        (timedelta(0), "صفر ثانیه", "zero seconds"),
        (timedelta(minutes=2), "دو دقیقه", "two minutes"),
        (timedelta(days=2, hours=3, minutes=9), "دو روز و سه ساعت", "two days and three hours"),
        (timedelta(hours=1, seconds=9), "یک ساعت", "one hour"),
        (timedelta(seconds=61), "یک دقیقه و یک ثانیه", "one minute and one second"),
    ],
)
def test_durations(span: timedelta, fa: str, en: str) -> None:
    assert heard(speech.duration(span)) == fa
    assert heard(speech.duration(span, "en"), "en") == en


@given(st.timedeltas(timedelta(0), timedelta(days=999)), st.sampled_from(line_data.LANGUAGES))
def test_every_duration_has_its_pieces(span: timedelta, language: str) -> None:
    assert set(speech.duration(span, language)) <= PIECES


def test_a_tracking_code_is_three_groups_of_three_digits() -> None:
    code = TrackingCode.from_number(12_345_678)
    prompts = speech.tracking_code(code)
    assert "".join(p.removeprefix("digit_") for p in prompts if p != "pause") == code
    assert [at for at, p in enumerate(prompts) if p == "pause"] == [3, 7]


@pytest.mark.parametrize(
    ("e164", "groups"),
    [("+989121234567", "0912 123 45 67"), ("+982188884444", "021 8888 4444"), ("+4930123456", "004 930 123 456")],
)
def test_a_phone_number_is_grouped_as_people_read_it(e164: str, groups: str) -> None:
    spoken = speech.phone_number(PhoneNumber(e164))
    assert "".join(" " if p == "pause" else p.removeprefix("digit_") for p in spoken) == groups


@pytest.mark.parametrize("text", ["12a", "۱۲", "1 2", "²", ""])
def test_only_digits_are_spoken_as_digits(text: str) -> None:
    with pytest.raises(Invalid):
        speech.digits(text)
