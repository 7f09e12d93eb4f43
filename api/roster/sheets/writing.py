"""The workbook of a month: a sheet with the roster, from right to left in Persian, and one with the codes.

Everything is written as text, whatever it looks like: a name that begins with `=` stays a name, an account of digits stays
an account.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from io import BytesIO
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from api.roster.plans import KIND_CODES
from api.roster.schemas import RosterMonth, ShiftView
from api.roster.sheets.form import (
    ACCOUNT_COLUMN,
    FIRST_AGENT_ROW,
    FIRST_DAY_COLUMN,
    HEAD_ROW,
    MONTH_ROW,
    NAME_COLUMN,
    WEEKDAY_ROW,
)
from ivr.kernel.jalali import WEEKDAYS, month_text
from ivr.kernel.persian_text import persian_digits

_HERE = Path(__file__).parent


def month_workbook(month: RosterMonth, language: str) -> bytes:
    """The file, in `fa` or `en`."""
    kept = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    words = _words(language)
    with xlsxwriter.Workbook(kept, options) as book:
        formats = _formats(book, language)
        _write_month(book.add_worksheet(words["roster"]), month, formats, language)
        _write_codes(book.add_worksheet(words["codes"]), month.shifts, formats, language)
    return kept.getvalue()


@cache
def _words(language: str) -> dict[str, str]:
    """The file is read once."""
    return tomllib.loads((_HERE / "words.toml").read_text("utf-8"))[language]


Formats = dict[str, Format]


def _formats(book: xlsxwriter.Workbook, language: str) -> Formats:
    """Rule lines and shades; reading order from right to left in Persian."""
    plain = {"font_name": "Tahoma", "font_size": 10, "reading_order": 2 if language == "fa" else 1, "num_format": "@"}
    middle = {**plain, "align": "center", "valign": "vcenter", "border": 1, "border_color": "#DDD4C0"}
    head = {**middle, "bold": True, "bg_color": "#0B343D", "font_color": "#F7F2E6"}
    return {
        "title": book.add_format({**plain, "bold": True, "font_size": 14}),
        "plain": book.add_format({**plain, "border": 1, "border_color": "#DDD4C0"}),
        "cell": book.add_format({**middle, "text_wrap": True}),
        "rest": book.add_format({**middle, "text_wrap": True, "bg_color": "#F6F1E5"}),
        "head": book.add_format(head),
        "rest_head": book.add_format({**head, "bg_color": "#B3261E"}),
        "small": book.add_format({**middle, "font_size": 8, "text_wrap": True}),
    }


def _write_month(sheet: Worksheet, month: RosterMonth, formats: Formats, language: str) -> None:
    words, cells = _words(language), {(cell.agent, cell.day): cell for cell in month.cells}
    title = words["title"].format(month=month_text(month.days[0].day, language))
    sheet.write_string(MONTH_ROW, ACCOUNT_COLUMN, month.month, formats["title"])
    sheet.write_string(MONTH_ROW, NAME_COLUMN, title, formats["title"])
    for column, word in ((ACCOUNT_COLUMN, "account"), (NAME_COLUMN, "name")):
        sheet.write_string(HEAD_ROW, column, words[word], formats["head"])
        sheet.write_string(WEEKDAY_ROW, column, "", formats["small"])
    for place, head in enumerate(month.days):
        column, free = FIRST_DAY_COLUMN + place, bool(head.holiday) or head.weekday == 6
        number = persian_digits(str(place + 1)) if language == "fa" else str(place + 1)
        weekday = "\n".join(filter(None, (WEEKDAYS[language][head.weekday], head.holiday)))
        sheet.write_string(HEAD_ROW, column, number, formats["rest_head" if free else "head"])
        sheet.write_string(WEEKDAY_ROW, column, weekday, formats["small"])
        for line, agent in enumerate(month.agents):
            cell = cells.get((agent.agent, head.day))
            text = "" if cell is None else cell.fa if language == "fa" else cell.en
            sheet.write_string(FIRST_AGENT_ROW + line, column, text, formats["rest" if free else "cell"])
    for line, agent in enumerate(month.agents):
        sheet.write_string(FIRST_AGENT_ROW + line, ACCOUNT_COLUMN, agent.agent, formats["plain"])
        name = agent.name_fa if language == "fa" else agent.name_en
        sheet.write_string(FIRST_AGENT_ROW + line, NAME_COLUMN, name, formats["plain"])
    sheet.set_column(ACCOUNT_COLUMN, ACCOUNT_COLUMN, 13)
    sheet.set_column(NAME_COLUMN, NAME_COLUMN, 24)
    sheet.set_column(FIRST_DAY_COLUMN, FIRST_DAY_COLUMN + len(month.days) - 1, 8)
    sheet.set_row(WEEKDAY_ROW, 36)
    sheet.freeze_panes(FIRST_AGENT_ROW, FIRST_DAY_COLUMN)
    _face(sheet, language)


def _write_codes(sheet: Worksheet, shifts: Sequence[ShiftView], formats: Formats, language: str) -> None:
    words, persian = _words(language), language == "fa"
    rows: list[Sequence[str]] = []
    for shift in shifts:
        code, name = (shift.code_fa, shift.name_fa) if persian else (shift.code_en, shift.name_en)
        breaks = [words["break"].format(at=f"{one.begins:%H:%M}", minutes=one.minutes) for one in shift.breaks]
        rows.append((code, name, f"{shift.begins:%H:%M}-{shift.ends:%H:%M}", " + ".join(breaks)))
    rows += [(codes[0 if persian else 1], words[kind.value], "", "") for kind, codes in KIND_CODES.items()]
    first = rows[0][0] if shifts else ""
    rows += [("09:00-13:00", words["own_hours"], "", ""), (f"{first} @7".strip(), words["seat"], "", "")]
    rows += [(" + ".join(filter(None, (first, "15:00-17:00"))), words["several"], "", "")]
    for column, word in enumerate(("code", "meaning", "hours", "breaks")):
        sheet.write_string(0, column, words[word], formats["head"])
    for line, row in enumerate(rows, 1):
        for column, text in enumerate(row):
            sheet.write_string(line, column, persian_digits(text) if persian else text, formats["plain"])
    for column, width in enumerate((18, 40, 16, 40)):
        sheet.set_column(column, column, width)
    _face(sheet, language)


def _face(sheet: Worksheet, language: str) -> None:
    """On the screen and on paper."""
    if language == "fa":
        sheet.right_to_left()
    sheet.set_landscape()
    sheet.set_paper(8)  # A3
    sheet.fit_to_pages(1, 0)
