"""The spreadsheet of a month: out and in again is no change, and every bad cell is named."""

from __future__ import annotations

import re
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import python_calamine

from api.roster.agent import Agent
from api.roster.cells import changes_between, held, kept
from api.roster.sheets import writing
from api.roster.sheets.opening import Sheet, Value, open_sheets
from api.roster.sheets.understanding import Understood, understand
from api.roster.sheets.writing import month_workbook
from api.roster.view import roster_month
from routing.roster.rules import Cell
from routing.roster.turns import Turn, TurnKind
from tests.unit.api.roster.months import AGENTS, FIRST, KNOWN, a_month
from tests.unit.routing.roster.planned import EVENING, MORNING, SATURDAY, at, day, hours, turn

NOW = at("12:00")
TURNS = [
    replace(turn("operator01", SATURDAY, MORNING, seat="seat07"), note="جای سارا"),
    turn("operator01", SATURDAY, EVENING),
    turn("operator01", day(1), None, TurnKind.LEAVE),
    turn("operator02", SATURDAY, "09:15-12:45"),
    turn("operator02", day(2), MORNING, TurnKind.TRAINING),
    turn("09121234567", FIRST, None, TurnKind.SICK),
]


def exported(language: str = "fa", turns: list[Turn] = TURNS) -> bytes:
    return month_workbook(roster_month(a_month(turns), NOW), language)


def rows_of(language: str = "en") -> list[list[Value]]:
    return [list(row) for row in open_sheets(exported(language))[0].rows]


def understood(edit: Callable[[list[list[Value]]], object], language: str = "en") -> Understood:
    rows = rows_of(language)
    edit(rows)
    return understand([Sheet("Roster", rows)], KNOWN)


def changes(told: Understood, turns: list[Turn] = TURNS) -> dict[Cell, tuple[Turn, ...]]:
    before = held(turns)
    after = {cell: kept(before.get(cell, ()), plans, cell, notes=True) for cell, plans in told.plans.items()}
    return {(change.agent, change.day): change.after for change in changes_between(before, after)}


@pytest.mark.parametrize("language", ["fa", "en"])
def test_out_and_in_again_changes_nothing(language: str) -> None:
    told = understand(open_sheets(exported(language)), KNOWN)
    assert told.bad == ()
    assert len(told.plans) == 30 * len(AGENTS)
    assert changes(told) == {}


def test_out_and_in_again_changes_nothing_even_when_the_shift_is_held_at_other_hours_by_now() -> None:
    """A turn of the old shift says `M`, and so does one of the new: who did not touch the cell meant what stands there."""
    old = [turn("operator01", SATURDAY, replace(MORNING, id=9, hours=hours("07:00-13:00"), breaks=()))]
    told = understand(open_sheets(exported("fa", old)), KNOWN)
    assert changes(told, old) == {}


def test_the_persian_sheet_runs_from_right_to_left_and_the_codes_are_explained() -> None:
    with zipfile.ZipFile(BytesIO(exported())) as archive:
        assert b'rightToLeft="1"' in archive.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    with zipfile.ZipFile(BytesIO(exported("en"))) as archive:
        assert b"rightToLeft" not in archive.read("xl/worksheets/sheet1.xml")
    month, codes = open_sheets(exported())
    assert (month.name, month.rows[0][0], month.rows[0][1]) == ("برنامه", "1405-09", "برنامهٔ شیفت آذر ۱۴۰۵")
    assert [row[0] for row in codes.rows[:6]] == ["کد", "ص", "ع", "آم", "مر", "بی"]
    assert codes.rows[1][1:4] == ["صبح", "۰۸:۰۰-۱۴:۰۰", "۱۰:۰۰، ۱۵ دقیقه + ۱۲:۰۰، ۳۰ دقیقه"]


def test_what_looks_like_a_formula_or_a_number_stays_text() -> None:
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(exported("en")))
    rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    assert [row[:2] for row in rows[3:6]] == [
        ["operator01", "Sara Rezaei"],
        ["operator02", "=cmd()"],
        ["09121234567", "Operator 3"],
    ]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\r=", "https://", "mailto:", "{="])
def test_no_name_that_somebody_chose_becomes_a_formula_or_a_link(begin: str) -> None:
    name = f"{begin}cmd|'/C calc'!A0"
    agents = (Agent("operator01", name, name), Agent(f"{name}2", "x", "x"))
    shifts = (replace(MORNING, name_fa="=1+1", name_en="@SUM(A1)"), EVENING)
    month = replace(a_month(TURNS, shifts=shifts), agents=agents)
    for language in ("fa", "en"):
        with zipfile.ZipFile(BytesIO(month_workbook(roster_month(month, NOW), language))) as book:
            sheets = [book.read(part) for part in book.namelist() if part.startswith("xl/worksheets/sheet")]
            texts = book.read("xl/sharedStrings.xml")
        assert len(sheets) == 2
        assert [text for text in sheets if b"<f>" in text or b"<f " in text or b"hyperlink" in text] == []
        assert texts.count(b"calc") == 2


def test_a_cell_that_was_edited_changes_and_an_empty_one_removes() -> None:
    def edit(rows: list[list[Value]]) -> None:
        column = rows[1].index("7")
        rows[3][column], rows[4][column] = "A", ""

    told = changes(understood(edit))
    assert told == {("operator01", SATURDAY): (TURNS[1],), ("operator02", SATURDAY): ()}


def test_an_agent_without_a_row_is_left_alone_and_columns_may_stand_in_any_order() -> None:
    def edit(rows: list[list[Value]]) -> None:
        del rows[4]
        for row in rows[1:]:
            row[2], row[8] = row[8], row[2]

    told = understood(edit)
    assert told.bad == ()
    assert {agent for agent, _ in told.plans} == {"operator01", "09121234567"}
    assert changes(told) == {}


def put(row: int, column: int, value: Value) -> Callable[[list[list[Value]]], None]:
    def edit(rows: list[list[Value]]) -> None:
        rows[row][column] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "cell", "code"),
    [
        (put(3, 8, "M + X"), "I4", "cell_word_unknown"),
        (put(4, 2, 3.5), "C5", "cell_not_text"),
        (put(4, 31, "A @99"), "AF5", "cell_seat_unknown"),
        (put(4, 3, "M + A + TR 01:00-02:00 + 02:00-03:00 + 03:00-04:00"), "D5", "too_many_turns"),
        (put(4, 0, "operator99"), "A5", "account_unknown"),
        (put(4, 0, "operator01"), "A5", "account_twice"),
        (put(1, 2, "32"), "C2", "day_column"),
        (put(1, 2, "2"), "D2", "day_column"),
        (put(0, 0, "1405-08"), "A1", "month_other"),
        (put(0, 0, ""), "A1", "month_other"),
    ],
)
def test_every_bad_cell_is_named(edit: Callable[[list[list[Value]]], None], cell: str, code: str) -> None:
    told = understood(edit)
    assert [(bad.sheet, bad.cell, bad.code) for bad in told.bad] == [("Roster", cell, code)]
    assert len(told.bad[0].message) > 20


def test_all_bad_cells_are_told_at_once_but_not_without_end() -> None:
    told = understood(lambda rows: [row.__setitem__(slice(2, None), ["?"] * 30) for row in rows[3:]])
    assert len(told.bad) == 90
    assert understand([], KNOWN).bad[0].code == "sheet_empty"
    assert understood(lambda rows: rows.clear()).bad[0].code == "month_other"
    few = understood(lambda rows: [row.__delitem__(slice(20, None)) for row in rows[1:]])
    assert [bad.code for bad in few.bad] == ["day_column_missing"]


def test_numbers_that_a_program_made_of_heads_are_understood() -> None:
    def edit(rows: list[list[Value]]) -> None:
        rows[1] = [*rows[1][:2], *(float(n) for n in range(1, 31))]
        rows[5][0] = "09121234567"

    assert understood(edit).bad == ()


def test_the_words_of_both_languages_have_the_same_keys_and_gaps() -> None:
    words = tomllib.loads((Path(writing.__file__).parent / "words.toml").read_text("utf-8"))
    assert words["fa"].keys() == words["en"].keys()
    for key, text in words["fa"].items():
        assert set(re.findall(r"{(\w+)}", text)) == set(re.findall(r"{(\w+)}", words["en"][key])), key
