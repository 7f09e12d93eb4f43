"""Numbers, dates, times, durations, codes and phone numbers as prompt names, Persian first.

Asterisk has no Persian number grammar: thirty-one is «سی و یک», so every part that is followed by another is a piece of
its own (`num_30_and`, `num_1`); spoken in one breath it sounds like speech and not like a list. The same names exist in
English with their own sound (`num_20_and` is "twenty", `num_100_and` "one hundred and").
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from ivr.kernel.errors import Invalid
from ivr.kernel.phone_number import PhoneNumber
from ivr.kernel.tracking_code import TrackingCode

LARGEST = 999_999_999
PAUSE = "pause"
_SCALES = ((1_000_000, "million"), (1_000, "thousand"))
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))

Prompts = tuple[str, ...]


def number(value: int, language: str = "fa") -> Prompts:
    """A cardinal number from 0 to 999,999,999: 31 → `num_30_and num_1`."""
    if not 0 <= value <= LARGEST:
        raise Invalid(f"a number from 0 to {LARGEST} can be spoken, not {value}")
    if value == 0:
        return ("num_0",)
    return tuple(_cardinal(value, language))


def _cardinal(value: int, language: str) -> list[str]:
    pieces: list[str] = []
    for size, name in _SCALES:
        count, value = divmod(value, size)
        if not count:
            continue
        # Persian says «هزار», not «یک هزار»; English says "one thousand"; a million is counted in both.
        if not (count == 1 and name == "thousand" and language == "fa"):
            pieces += _below_thousand(count)
        pieces.append(f"{name}_and" if value else name)
    return pieces + _below_thousand(value)


def _below_thousand(value: int) -> list[str]:
    hundreds, rest = value // 100 * 100, value % 100
    parts = [hundreds] if hundreds else []
    if rest >= 20:
        parts += [rest // 10 * 10, rest % 10]
    else:
        parts.append(rest)
    parts = [part for part in parts if part]
    return [f"num_{part}_and" for part in parts[:-1]] + [f"num_{part}" for part in parts[-1:]]


def _joined(value: int) -> list[str]:
    """A number below 100 that is followed by a smaller part: every piece carries its «و»."""
    return [f"{piece.removesuffix('_and')}_and" for piece in _below_thousand(value)] or ["num_0_and"]


def jalali_date(day: date, language: str = "fa", *, weekday: bool = False, year: bool = True) -> Prompts:
    """A day in the Jalali calendar: «سی‌ام آبان هزار و چهارصد و پنج», with its weekday in front when wanted."""
    jalali = JalaliDate(day)
    pieces = [f"weekday_{(day.weekday() + 2) % 7}"] if weekday else []
    pieces += [f"day_{jalali.day}", f"month_{jalali.month}"]
    return (*pieces, *(number(jalali.year, language) if year else ()))


def jalali_day_of(instant: datetime, zone: ZoneInfo, language: str = "fa", *, weekday: bool = False) -> Prompts:
    """The Jalali day of an aware instant, as people in `zone` see it."""
    return jalali_date(instant.astimezone(zone).date(), language, weekday=weekday)


def clock_time(at: time, language: str = "fa") -> Prompts:
    """A time of day, 24 hours: «ساعت هشت و سی دقیقه», "at eight thirty"."""
    if not at.minute:
        ending = ("o_clock",) if language == "en" else ()
        return ("clock", *number(at.hour, language), *ending)
    minute = number(at.minute, language)
    if language == "en":
        oh = ("digit_0",) if at.minute < 10 else ()
        return ("clock", *_joined(at.hour), *oh, *minute)
    # «بیست و … یک دقیقه»: without a breath, one minute past twenty would sound like twenty-one.
    breath = (PAUSE,) if at.hour == 20 and at.minute < 10 else ()
    return ("clock", *_joined(at.hour), *breath, *minute, "unit_minute")


def duration(span: timedelta, language: str = "fa") -> Prompts:
    """A span in its two largest parts, rounded down to seconds: «دو روز و سه ساعت». Under a second is "0 seconds"."""
    seconds = int(span.total_seconds())
    if seconds < 0:
        raise Invalid("a duration cannot be negative")
    parts: list[tuple[int, str]] = []
    for name, size in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append((count, name))
        elif parts:
            break
        if len(parts) == 2:
            break
    parts = parts or [(0, "second")]
    pieces: list[str] = []
    for index, (count, name) in enumerate(parts):
        plural = "s" if language == "en" and count != 1 else ""
        ending = "_and" if index < len(parts) - 1 else ""
        pieces += [*number(count, language), f"unit_{name}{plural}{ending}"]
    return tuple(pieces)


def digits(text: str) -> Prompts:
    """Digit by digit, nothing between."""
    if not (text.isascii() and text.isdigit()):
        raise Invalid("only the digits 0 to 9 can be spoken one by one")
    return tuple(f"digit_{digit}" for digit in text)


def tracking_code(code: TrackingCode) -> Prompts:
    """Three groups of three digits with a pause between, the way it is written down."""
    return _grouped(code.groups)


def phone_number(phone: PhoneNumber) -> Prompts:
    """The national form digit by digit, grouped as people read it: 0912 123 45 67, 021 8888 4444."""
    text = phone.national
    if text.startswith("09") and len(text) == 11:
        return _grouped((text[:4], text[4:7], text[7:9], text[9:]))
    if len(text) == 11 and not text.startswith("00"):
        return _grouped((text[:3], text[3:7], text[7:]))
    return _grouped(tuple(text[at : at + 3] for at in range(0, len(text), 3)))


def _grouped(groups: tuple[str, ...]) -> Prompts:
    pieces: list[str] = []
    for group in groups:
        pieces += [PAUSE, *digits(group)] if pieces else digits(group)
    return tuple(pieces)


def every_piece() -> frozenset[str]:
    """Every prompt name that this module can give; a catalogue must have them all."""
    tens, hundreds = range(20, 100, 10), range(100, 1000, 100)
    cardinals = [*range(1, 20), *tens, *hundreds]
    units = [f"unit_{name}{plural}{ending}" for name, _ in _UNITS for plural in ("", "s") for ending in ("", "_and")]
    return frozenset(
        [
            "num_0", "num_0_and", *(f"num_{n}" for n in cardinals), *(f"num_{n}_and" for n in cardinals),
            "thousand", "thousand_and", "million", "million_and",
            *(f"digit_{n}" for n in range(10)), *(f"day_{n}" for n in range(1, 32)),
            *(f"month_{n}" for n in range(1, 13)), *(f"weekday_{n}" for n in range(7)),
            "clock", "o_clock", PAUSE, *units,
        ]
    )  # fmt: skip
