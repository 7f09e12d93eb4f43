"""The roster of a month and of a day, made from turns and duties; and what is said of a change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from api.roster.cells import Change
from api.roster.notices import notices_of
from api.roster.view import roster_day, roster_month
from routing.roster.stretches import Duty, Pause
from routing.roster.turns import TurnKind
from tests.unit.api.roster.months import CALENDAR, FIRST, LAST, a_month
from tests.unit.routing.roster.planned import EVENING, MORNING, NIGHT, SATURDAY, at, day, turn

NOW = at("12:00", date(2026, 12, 1))
HOUR = 3600


@dataclass(frozen=True)
class Need:
    by_c: int
    by_a: int


def test_a_month_has_its_days_agents_and_only_cells_with_turns() -> None:
    month = roster_month(a_month([turn("operator01", SATURDAY, MORNING, seat="seat07")]), NOW)
    assert (month.month, len(month.days), month.days[0].jalali) == ("1405-09", 30, "1405/09/01")
    assert [head.weekday for head in month.days[:7]] == [1, 2, 3, 4, 5, 6, 0]
    (cell,) = month.cells
    assert (cell.agent, cell.day, cell.fa, cell.en) == ("operator01", SATURDAY, "ص @۷", "M @7")


def test_coverage_counts_who_is_planned_beside_the_need_on_the_days_of_the_shift() -> None:
    turns = [turn("operator01", SATURDAY, MORNING), turn("operator02", SATURDAY, "08:00-14:00")]
    month = roster_month(a_month(turns, needed={(SATURDAY, "M"): Need(5, 3), (SATURDAY, "A"): None}), NOW)
    told = {(one.day, one.shift): (one.planned, one.need_c, one.need_a) for one in month.coverage}
    assert told[SATURDAY, "M"] == (2, 5, 3)
    assert told[SATURDAY, "A"] == (0, None, None)
    assert not any(on.weekday() == 4 for on, _ in told), "no shift on Fridays"
    assert roster_month(a_month(turns, covered=False), NOW).coverage == []


def test_the_days_of_a_month_add_up_to_the_month_nights_included() -> None:
    turns = [
        turn("operator01", FIRST, NIGHT),
        turn("operator01", FIRST + timedelta(days=2), MORNING),
        turn("operator01", LAST, NIGHT),
        turn("operator01", FIRST - timedelta(days=1), NIGHT),
        turn("operator02", SATURDAY, EVENING),
    ]
    duties = {
        "operator01": [
            Duty(one.begins + timedelta(minutes=7), one.ends - timedelta(minutes=3), (Pause("meal", one.begins + timedelta(hours=3), one.begins + timedelta(hours=4)),))
            for one in turns[:4]
        ]
    }  # fmt: skip
    late = at("12:00", LAST + timedelta(days=3))
    month = roster_month(a_month(turns, duties), late).measured
    days = [
        roster_day(a_month(turns, duties, days=(on, on)), late).measured
        for on in (FIRST + timedelta(days=n) for n in range(30))
    ]
    assert sum(one.adherence.part for one in days) == month.adherence.part
    assert sum(one.adherence.whole for one in days) == month.adherence.whole
    assert sum(one.worked_seconds for one in days) == month.worked_seconds
    assert sum(one.unplanned_seconds for one in days) == month.unplanned_seconds
    assert sum(one.late_turns for one in days) == month.late_turns == 3, "that of the night before belongs to its month"
    assert sum(one.absent_turns for one in days) == month.absent_turns == 1


def test_a_day_tells_who_was_planned_or_seen_and_who_is_free() -> None:
    told = roster_day(
        a_month(
            [turn("operator01", SATURDAY, None, TurnKind.LEAVE)],
            {"operator02": [Duty(at("09:00"), at("10:00"))]},
            days=(SATURDAY, SATURDAY),
        ),
        NOW,
    )
    assert [one.agent.agent for one in told.agents] == ["operator01", "operator02"]
    assert [one.agent for one in told.free] == ["09121234567"]
    assert told.measured.unplanned_seconds == HOUR
    assert told.measured.adherence.value is None


def test_work_on_a_holiday_is_named_and_leave_is_not() -> None:
    bahman = date(2027, 2, 11)
    work, leave = turn("operator01", bahman, MORNING), turn("operator01", bahman, None, TurnKind.LEAVE)
    (notice,) = notices_of([Change("operator01", bahman, (), (work,))], CALENDAR)
    assert (notice.code, "پیروزی انقلاب" in notice.holiday) == ("work_on_holiday", True)
    assert notices_of([Change("operator01", bahman, (work,), (leave,))], CALENDAR) == []
    (friday,) = notices_of([Change("operator01", day(6), (), (turn("operator01", day(6), MORNING),))], CALENDAR)
    assert (friday.code, friday.shift) == ("shift_not_held", "M")


def test_a_turn_of_nearly_a_day_is_pointed_out() -> None:
    (notice,) = notices_of(
        [Change("operator01", SATURDAY, (), (turn("operator01", SATURDAY, "08:00-07:59"),))], CALENDAR
    )
    assert (notice.code, notice.agent) == ("turn_is_long", "operator01")
    whole_line = turn("operator01", SATURDAY, "08:00-20:00")
    assert notices_of([Change("operator01", SATURDAY, (), (whole_line,))], CALENDAR) == []
