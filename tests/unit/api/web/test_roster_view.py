"""What the roster's pages say: marks, words, tones, bars, and the form of a cell."""

from __future__ import annotations

import pytest

from api.roster.view import cell_view, roster_day, roster_month
from api.web.roster_bars import HEIGHT, WIDTH, bars_of
from api.web.roster_day_view import day_view
from api.web.roster_form import Line, lines_of, lines_typed, plans_typed
from api.web.roster_view import coverage_view, month_view
from api.web.texts import texts
from ivr.kernel.errors import Invalid
from routing.roster.stretches import Duty, Pause
from routing.roster.turns import TurnKind
from tests.unit.api.roster.months import SEATS, SHIFTS, a_month
from tests.unit.api.roster.test_view import Need
from tests.unit.routing.roster.planned import EVENING, MORNING, SATURDAY, at, day, hours, turn

FA, EN = texts("fa"), texts("en")
NOON = at("12:00")
TURNS = [
    turn("operator01", SATURDAY, MORNING, seat="seat07"),
    turn("operator01", SATURDAY, "14:00-15:30"),
    turn("operator02", SATURDAY, EVENING),
    turn("operator02", day(1), None, TurnKind.SICK),
]


def test_a_cell_shows_marks_and_says_them_in_words() -> None:
    view = month_view(roster_month(a_month(TURNS), NOON), SATURDAY, FA, may_edit=True)
    cell = view["rows"][0]["cells"][6]
    assert [(mark.code, mark.shade) for mark in cell["marks"]] == [("ص", "shift-1"), ("۱۴-۱۵:۳۰", "hours")]
    assert cell["words"] == ("سارا رضایی، شنبه ۷ آذر ۱۴۰۵: صبح از ۰۸:۰۰ تا ۱۴:۰۰، جایگاه ۷ و کار از ۱۴:۰۰ تا ۱۵:۳۰")
    assert cell["href"] == "/roster/day/1405-09-07/operator01"
    assert (cell["today"], cell["free"]) == (True, False)
    assert view["rows"][0]["cells"][5]["free"], "Friday"
    assert view["rows"][1]["cells"][7]["marks"][0].code == "بی"
    assert view["rows"][1]["cells"][8]["words"].endswith("بدون شیفت")
    english = month_view(roster_month(a_month(TURNS), NOON), SATURDAY, EN, may_edit=False)
    assert english["rows"][0]["cells"][6]["words"].endswith(
        "Saturday 7 Azar 1405: Morning 08:00 to 14:00, Seat 7 and Work 14:00 to 15:30"
    )
    assert english["rows"][0]["cells"][6]["href"] == ""


@pytest.mark.parametrize(
    ("need", "tone", "shown"), [(Need(2, 2), "plain", "2"), (Need(3, 2), "look", "2"), (Need(9, 3), "act", "3")]
)
def test_too_few_in_the_plan_are_for_a_look_or_for_now(need: Need, tone: str, shown: str) -> None:
    turns = [turn(agent, SATURDAY, MORNING) for agent in ("operator01", "operator02")]
    month = roster_month(a_month(turns, needed={(SATURDAY, "M"): need}), NOON)
    told = next(one for one in month.coverage if (one.day, one.shift) == (SATURDAY, "M"))
    view = coverage_view(told, EN)
    assert (view["tone"], view["planned"], view["need"]) == (tone, "2", shown)


def a_day(*duties: Duty, now=NOON):
    turns = [turn("operator01", SATURDAY, MORNING), turn("operator02", SATURDAY, MORNING)]
    return roster_day(a_month(turns, {"operator01": duties}, days=(SATURDAY, SATURDAY)), now)


def test_a_day_says_what_is_out_of_plan() -> None:
    told = a_day(Duty(at("08:07"), None, (Pause("other", at("09:00"), at("09:25")), Pause("meal", at("11:50"), None))))
    first, second = day_view(told, NOON, EN, may_edit=True)["rows"]
    assert first["seen"] == ["from 08:07 until now", "Meal 0:10, Other pause 0:25"]
    assert first["chips"] == [("look", "Late by 0:07")]
    assert (first["adherence"], second["adherence"]) == ("76.2%", "0.0%"), "53 + 35 + 95 of 240 minutes"
    assert second["chips"] == [("look", "Late by 4:00")], "the turn goes on: late, not absent"
    over = day_view(a_day(now=at("20:00")), at("20:00"), FA, may_edit=False)
    assert over["rows"][1]["chips"] == [("act", "نیامد")]
    assert over["rows"][1]["href"] == ""
    figures = {figure.name: (figure.value, figure.tone) for figure in over["figures"]}
    assert figures["absent"] == ("۲", "act")
    assert figures["came"] == ("۰", "plain")


def test_the_bars_lie_within_their_drawing_on_one_scale() -> None:
    told = a_day(Duty(at("07:40"), at("14:20"), (Pause("meal", at("12:00"), at("12:30")),)), now=at("18:00"))
    bars = bars_of(told, NOON, "fa")
    assert bars is not None
    labels = ["۰۷:۰۰", "۰۸:۰۰", "۰۹:۰۰", "۱۰:۰۰", "۱۱:۰۰", "۱۲:۰۰", "۱۳:۰۰", "۱۴:۰۰", "۱۵:۰۰"]
    assert [hour.label for hour in bars.hours] == labels
    pieces = bars.rows["operator01"]
    assert [piece.kind for piece in pieces] == [
        "planned-working", "planned-resting", "planned-working", "planned-resting", "planned-working",
        "seen-working", "seen-resting", "seen-working",
    ]  # fmt: skip
    assert all(piece.x >= 0 and piece.x + piece.width <= WIDTH for piece in pieces)
    assert all(piece.y >= 0 and piece.y + piece.height <= HEIGHT for piece in pieces)
    assert pieces[3].x == pieces[6].x, "the meal as planned and as taken begin at one place"
    hour = bars.hours[1].x - bars.hours[0].x
    assert sum(piece.width for piece in pieces[:5]) == pytest.approx(6 * hour, abs=0.5)
    assert bars.now == bars.hours[5].x
    assert bars_of(roster_day(a_month(days=(SATURDAY, SATURDAY)), NOON), NOON, "fa") is None


def test_the_form_gives_back_the_turns_it_was_filled_with() -> None:
    mine = TURNS[:2]
    lines = lines_of(cell_view("operator01", SATURDAY, mine), "fa")
    assert lines == [
        Line("work", "M", "", "", "seat07", ""),
        Line("work", "", "۱۴:۰۰", "۱۵:۳۰", "", ""),
        Line(),
    ]
    plans = plans_typed(lines, SHIFTS, SEATS)
    assert [plan.turn("operator01", SATURDAY) for plan in plans] == mine


def test_what_was_typed_is_kept_and_a_line_without_a_kind_is_no_turn() -> None:
    typed = {
        "kind-0": "",
        "shift-0": "M",
        "kind-1": "work",
        "begins-1": "9",
        "ends-1": "13.30",
        "note-1": "x",
        "kind-9": "work",
    }
    lines = lines_typed(typed)
    assert lines == [Line("work", "", "9", "13.30", "", "x"), Line()]
    (plan,) = plans_typed(lines, SHIFTS, SEATS)
    assert (plan.hours, plan.note) == (hours("09:00-13:30"), "x")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (Line("holiday"), "kind_unknown"),
        (Line("work", "M", "08:00", "09:00"), "shift_and_hours"),
        (Line("work", "", "08:00"), "hours_missing"),
        (Line("work", "", "8h", "9"), "cell_hours_unreadable"),
        (Line("work", "", "25", "26"), "cell_hours_unreadable"),
        (Line("work", "X"), "shift_unknown"),
        (Line("work", "M", seat="seat99"), "seat_unknown"),
        (Line("work", "M", note="x" * 201), "note_too_long"),
        (Line("leave", seat="seat01"), "seat_without_work"),
    ],
)
def test_what_cannot_be_planned_has_its_own_words_in_both_languages(line: Line, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        plans_typed([line], SHIFTS, SEATS)
    assert refused.value.code == code
    for say in (FA, EN):
        assert code in say.family("refusal")


def test_each_reason_to_refuse_a_sheet_or_a_rule_has_its_words() -> None:
    cells, rules = FA.family("roster_cell"), FA.family("roster_rule")
    assert {"turns_overlap", "seat_taken", "no_weekly_rest", "too_many_turns"} == rules.keys() <= cells.keys()
