"""The form of the spreadsheet, the same for writing and for reading. Pure.

A1  month `1405-09`   B1  title
A2  account           B2  name        C2…  1, 2, 3 … the days of the month
A3                    B3              C3…  weekday, and the name of a holiday
A4… account           B4… name        C4…  the cell, see `plans`
"""

from __future__ import annotations

MONTH_ROW, HEAD_ROW, WEEKDAY_ROW, FIRST_AGENT_ROW = 0, 1, 2, 3
ACCOUNT_COLUMN, NAME_COLUMN, FIRST_DAY_COLUMN = 0, 1, 2
"""Counted from 0."""

MOST_ROWS, MOST_COLUMNS = 300, 40
MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def cell_name(row: int, column: int) -> str:
    """`C4` for row 3, column 2."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"{letters}{row + 1}"
