"""Opening a spreadsheet that came from outside: what it may hold, what is refused, and never more work than it is worth.

An XLSX file is a ZIP of XML. Each part is unpacked by us, within limits, and looked at by a parser that refuses document
types; what is left is packed anew, stored and whole, and only that is given to the reader. So sizes that lie, parts that
swell, entities, formulas, macros and cells far out in the sheet never reach it.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from xml.parsers import expat

import python_calamine

from api.roster.sheets.form import MOST_COLUMNS, MOST_ROWS
from ivr.kernel.errors import Invalid

MOST_BYTES = 500_000
"""Of the file as it comes; a full month of a hundred agents has a tenth of it."""
MOST_UNPACKED = 3_000_000
MOST_PARTS = 100
SHEETS_READ = 2
"""The roster and its codes; a workbook may name the same sheet a thousand times."""
LONGEST_TEXT = 500
"""Characters of one shared text."""
_FIELD = "body"

_KEPT = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels"
    r"|xl/sharedStrings\.xml|xl/styles\.xml|xl/worksheets/sheet\d{1,3}\.xml"
)
_MACROS = re.compile(
    r"vbaProject|macrosheets|dialogsheets|activeX|embeddings|externalLinks|connections\.xml", re.IGNORECASE
)
_REFERENCE = re.compile(r"([A-Z]{1,3})?([1-9][0-9]{0,6})")

Value = str | int | float | bool | date | datetime | time | timedelta


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet from its first row and column on; an empty cell is an empty text."""

    name: str
    rows: Sequence[Sequence[Value]]


def open_sheets(data: bytes) -> list[Sheet]:
    """The first sheets of a file in the order of the workbook. Raises `Invalid` that says what is wrong with the file."""
    if len(data) > MOST_BYTES:
        raise _refused(
            f"The file is larger than {MOST_BYTES // 1000} kB; a month's roster is far smaller.", "sheet_too_large"
        )
    checked = _packed_anew(_parts_of(data))
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(checked))
        return [
            Sheet(name, book.get_sheet_by_index(place).to_python(skip_empty_area=False))
            for place, name in enumerate(book.sheet_names[:SHEETS_READ])
        ]
    except (python_calamine.CalamineError, ValueError, OSError):
        raise _broken() from None


def _parts_of(data: bytes) -> dict[str, bytes]:
    """The parts that a roster needs, unpacked and looked at."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            names = [info.filename for info in archive.infolist()]
            if len(names) > MOST_PARTS or len(set(names)) != len(names):
                raise _broken()
            if "xl/workbook.xml" not in names:
                raise _refused("This is no XLSX workbook; export the month and fill that file in.", "sheet_not_xlsx")
            if any(_MACROS.search(name) for name in names):
                raise _refused(
                    "The file holds macros, embedded files or links to others; save it as a plain .xlsx.",
                    "sheet_macros",
                )
            return _unpacked(archive, [name for name in names if _KEPT.fullmatch(name)])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError, OSError):
        raise _refused("This is no XLSX workbook; export the month and fill that file in.", "sheet_not_xlsx") from None


def _unpacked(archive: zipfile.ZipFile, names: Sequence[str]) -> dict[str, bytes]:
    left, parts = MOST_UNPACKED, dict[str, bytes]()
    for name in names:
        with archive.open(name) as packed:
            part = packed.read(left + 1)
        left -= len(part)
        if left < 0:
            raise _refused("Unpacked, the file is far larger than any roster.", "sheet_swells")
        _look_through(name, part)
        parts[name] = part
    return parts


def _packed_anew(parts: dict[str, bytes]) -> bytes:
    kept = BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return kept.getvalue()


class _Looking:
    """Goes through one part without keeping it; raises `Invalid` for what does not belong into a roster."""

    def __init__(self, name: str) -> None:
        self._shared = name == "xl/sharedStrings.xml"
        self._sheet = name.startswith("xl/worksheets/")
        self._cell = ""
        self._letters = self._cells = self._rows = 0

    def element(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "si":
            self._letters = 0
        if not self._sheet:
            return
        if name in {"dimension", "mergeCell"}:
            self._within(attributes.get("ref", "A1"))
        elif name in {"c", "row"}:
            self._within(attributes.get("r", ""))
            self._cell = attributes["r"]
            self._cells += name == "c"
            self._rows += name == "row"
            if self._cells > MOST_ROWS * MOST_COLUMNS or self._rows > MOST_ROWS:
                raise _too_far()
        elif name == "f":
            message = f"The cell {self._cell} holds a formula; write what it gives as text."
            raise Invalid(message, code="sheet_formula", field=f"{_FIELD}.{self._cell}")

    def text(self, text: str) -> None:
        self._letters += len(text)
        if self._shared and self._letters > LONGEST_TEXT:
            raise _refused(f"A text in the file is longer than {LONGEST_TEXT} characters.", "sheet_long_text")

    def doctype(self, *_: object) -> None:
        raise _broken()

    def _within(self, reference: str) -> None:
        """`C4`, `A1:AG20` or `4`; anything else, nothing too, and the place would be for the reader to guess."""
        for corner in reference.split(":"):
            match = _REFERENCE.fullmatch(corner)
            if match is None:
                raise _broken()
            column = 0
            for letter in match[1] or "A":
                column = 26 * column + ord(letter) - ord("A") + 1
            if column > MOST_COLUMNS or int(match[2]) > MOST_ROWS:
                raise _too_far()


def _look_through(name: str, part: bytes) -> None:
    looking = _Looking(name)
    parser = expat.ParserCreate("UTF-8")  # as the reader takes it, whatever the part says of itself
    parser.StartElementHandler = looking.element
    parser.CharacterDataHandler = looking.text
    parser.StartDoctypeDeclHandler = looking.doctype
    try:
        parser.Parse(part, True)
    except expat.ExpatError:
        raise _broken() from None


def _refused(message: str, code: str) -> Invalid:
    return Invalid(message, code=code, field=_FIELD)


def _broken() -> Invalid:
    return _refused("The file is damaged or not made by a spreadsheet program; export the month anew.", "sheet_broken")


def _too_far() -> Invalid:
    return _refused(
        f"The sheet goes beyond {MOST_ROWS} rows or {MOST_COLUMNS} columns; export the month anew.", "sheet_too_wide"
    )
