"""What a cell of the roster says, as people write it: `M`, `A@7`, `09:00-13:00`, `TR M`, `LV`, joined by ` + `. Pure.

    cell  = entry { "+" entry }
    entry = [ kind ] [ shift code | HH:MM-HH:MM ] [ "@" number of the seat ]

Without a kind it is work. The kinds are «آم» TR (training), «مر» LV (leave), «بی» SK (sick); leave and sickness without hours
are for the whole day. Either language is read, whatever the file was written in; digits of any kind, dashes of any length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time

from ivr.kernel.errors import Invalid
from ivr.kernel.ids import SeatName
from ivr.kernel.persian_text import persian_digits, search_key
from routing.roster.shifts import Hours, Shift
from routing.roster.turns import Turn, TurnKind, planned

KIND_CODES: dict[TurnKind, tuple[str, str]] = {
    TurnKind.TRAINING: ("آم", "TR"),
    TurnKind.LEAVE: ("مر", "LV"),
    TurnKind.SICK: ("بی", "SK"),
}
"""Persian and Latin; work has none."""

LONGEST_CELL = 120
_HOURS = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_DASHES = re.compile(r"\s*[\u2010-\u2015\u2212-]\s*")
_JOINTS = re.compile("[+,;]")
_SEAT = re.compile(r"@(\d{1,2})")


@dataclass(frozen=True, slots=True)
class Plan:
    """A turn before it has an agent and a day."""

    kind: TurnKind
    shift: Shift | None = None
    hours: Hours | None = None
    seat: SeatName | None = None
    note: str = ""

    def turn(self, agent: str, day: date) -> Turn:
        """Raises `Invalid` for what makes no sense together."""
        return planned(agent, day, self.kind, shift=self.shift, hours=self.hours, seat=self.seat, note=self.note)

    def check(self) -> None:
        """Raises `Invalid` as `turn` would: whether the words make sense together does not depend on agent and day."""
        self.turn("", date(2000, 1, 1))


def read_cell(text: str, shifts: Sequence[Shift], seats: Sequence[SeatName]) -> list[Plan]:
    """Text of a cell → its plans; nothing → none. Raises `Invalid` whose message says what would be right."""
    if len(text) > LONGEST_CELL:
        raise Invalid(f"a cell holds at most {LONGEST_CELL} characters", code="cell_too_long")
    cleaned = _DASHES.sub("-", search_key(text.replace("\n", "+")))
    return [_entry(part.split(), shifts, seats) for part in _JOINTS.split(cleaned) if part.strip()]


def write_cell(turns: Iterable[Turn], language: str) -> str:
    """The text of a cell in `fa` or `en`, turns in the order in which they begin."""
    in_order = sorted(turns, key=lambda turn: (turn.begins, turn.ends))
    return " + ".join(write_turn(turn, language) for turn in in_order)


def write_turn(turn: Turn, language: str) -> str:
    """One entry: `TR 09:00-11:00`."""
    persian = language == "fa"
    words: list[str] = []
    if turn.kind in KIND_CODES:
        words.append(KIND_CODES[turn.kind][0 if persian else 1])
    if turn.shift is not None:
        words.append(turn.shift.code_fa if persian else turn.shift.code_en)
    elif not turn.whole_day:
        words.append(str(turn.hours))
    if turn.seat is not None:
        words.append(f"@{int(turn.seat.removeprefix('seat'))}")
    text = " ".join(words)
    return persian_digits(text) if persian else text


def check_codes(shift: Shift, others: Iterable[Shift]) -> None:
    """No code may mean two things in a cell. Raises `Invalid` that names the one in the way."""
    taken = {search_key(code) for codes in KIND_CODES.values() for code in codes}
    taken |= {search_key(code) for other in others for code in (other.code_fa, other.code_en)}
    for field, code in (("code_fa", shift.code_fa), ("code_en", shift.code_en)):
        if search_key(code) in taken:
            raise Invalid(
                f"The code {code} means something else already; take another.",
                code="shift_code_taken",
                field=f"body.{field}",
            )


def _entry(words: list[str], shifts: Sequence[Shift], seats: Sequence[SeatName]) -> Plan:
    kind, shift, hours, seat = TurnKind.WORK, None, None, None
    codes = {search_key(code): kind for kind, both in KIND_CODES.items() for code in both}
    known = {search_key(code): shift for shift in shifts for code in (shift.code_fa, shift.code_en)}
    for place, word in enumerate(_apart(words)):
        if word in codes and place == 0:
            kind = codes[word]
        elif word in known and shift is None and hours is None:
            shift = known[word]
        elif (match := _HOURS.fullmatch(word)) and shift is None and hours is None:
            hours = _hours(word, *(int(part) for part in match.groups()))
        elif (match := _SEAT.fullmatch(word)) and seat is None:
            seat = _seat(int(match[1]), seats)
        else:
            right = ", ".join(
                [*(f"{one.code_fa}/{one.code_en}" for one in shifts), *map("/".join, KIND_CODES.values())]
            )
            raise Invalid(
                f"{word[:40]!r} does not belong here; write {right} or hours like 09:00-13:00, several joined by +",
                code="cell_word_unknown",
            )
    plan = Plan(kind, shift, hours, seat)
    plan.check()
    return plan


def _apart(words: Iterable[str]) -> list[str]:
    """`a@7` is two words."""
    return [part for word in words for part in re.split(r"(?<=.)(?=@)", word)]


def _hours(word: str, *parts: int) -> Hours:
    first_hour, first_minute, last_hour, last_minute = parts
    if (last_hour, last_minute) == (24, 0):
        last_hour = 0
    try:
        return Hours(time(first_hour, first_minute), time(last_hour, last_minute))
    except ValueError:
        raise Invalid(
            f"{word[:40]} are no hours of a day; write them like 09:00-13:00", code="cell_hours_unreadable"
        ) from None


def _seat(number: int, seats: Sequence[SeatName]) -> SeatName:
    name = f"seat{number:02d}"
    found = next((seat for seat in seats if seat == name), None)
    if found is None:
        raise Invalid(f"there is no seat {number}; the line has {len(seats)}", code="cell_seat_unknown")
    return found
