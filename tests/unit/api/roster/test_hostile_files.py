"""Files that want to do harm: refused within bounds, each with what is wrong."""

from __future__ import annotations

import io
import random
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest

from api.roster.sheets import opening
from api.roster.sheets.opening import MOST_BYTES, MOST_UNPACKED, open_sheets
from ivr.kernel.errors import Invalid
from tests.patience import quickest
from tests.unit.api.roster.test_sheets import exported

GOOD = exported()
SHEET = "xl/worksheets/sheet1.xml"
TEXTS = "xl/sharedStrings.xml"


def parts() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(changed: dict[str, bytes], *, deflated: bool = True) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED) as archive:
        for name, part in changed.items():
            archive.writestr(name, part)
    return kept.getvalue()


def edited(name: str, old: bytes, new: bytes) -> bytes:
    told = parts()
    assert old in told[name]
    return packed(told | {name: told[name].replace(old, new, 1)})


def bomb() -> bytes:
    """A thousand to one."""
    return packed(parts() | {SHEET: b" " * 60_000_000})


def lying_about_its_size() -> bytes:
    """A part that says it is small: whoever believes it unpacks the rest elsewhere."""
    told = parts()
    data = bytearray(packed(told | {SHEET: told[SHEET] + b"<!--" + b"x" * 5_000_000 + b"-->"}))
    size = (len(told[SHEET]) + 5_000_007).to_bytes(4, "little")
    where = data.rfind(size)
    assert where > 0
    data[where : where + 4] = len(told[SHEET]).to_bytes(4, "little")
    return bytes(data)


ENTITIES = b'<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: b"", "sheet_not_xlsx"),
        (lambda: b"account,1,2\noperator01,M,A\n", "sheet_not_xlsx"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000, "sheet_not_xlsx"),
        (lambda: b"%PDF-1.7", "sheet_not_xlsx"),
        (lambda: GOOD[: len(GOOD) // 2], "sheet_not_xlsx"),
        (lambda: packed({"hello.txt": b"x"}), "sheet_not_xlsx"),
        (lambda: packed({"content.xml": b"<x/>", "mimetype": b"application/vnd.oasis"}), "sheet_not_xlsx"),
        (lambda: GOOD + b"\0" * MOST_BYTES, "sheet_too_large"),
        (lambda: b"\0" * 50_000_000, "sheet_too_large"),
        (bomb, "sheet_swells"),
        (lying_about_its_size, "sheet_not_xlsx"),
        (lambda: packed(parts() | {"xl/vbaProject.bin": b"x"}), "sheet_macros"),
        (lambda: packed(parts() | {"xl/macrosheets/sheet1.xml": b"<x/>"}), "sheet_macros"),
        (lambda: packed(parts() | {"xl/externalLinks/externalLink1.xml": b"<x/>"}), "sheet_macros"),
        (lambda: packed(parts() | {"xl/embeddings/oleObject1.bin": b"x"}), "sheet_macros"),
        (lambda: packed(parts() | {f"x{n}": b"" for n in range(200)}), "sheet_broken"),
        (lambda: edited(SHEET, b"</v>", b"</v><f>1+1</f>"), "sheet_formula"),
        (lambda: edited(SHEET, b"<sheetData>", b'<sheetData><row r="1048576"/>'), "sheet_too_wide"),
        (lambda: edited(SHEET, b'<c r="A1"', b'<c r="XFD1"'), "sheet_too_wide"),
        (lambda: edited(SHEET, b'<c r="A1"', b"<c"), "sheet_broken"),
        (lambda: edited(SHEET, b'<dimension ref="A1:', b'<dimension ref="A1:ZZZ99999" x="'), "sheet_too_wide"),
        (lambda: edited(SHEET, b"<worksheet", ENTITIES + b"<worksheet"), "sheet_broken"),
        (lambda: edited(SHEET, b"</worksheet>", b""), "sheet_broken"),
        (lambda: edited(TEXTS, b"<t>", b"<t>" + b"x" * 600), "sheet_long_text"),
        (lambda: edited("xl/workbook.xml", b"r:id=", b"r:nowhere="), "sheet_broken"),
        (lambda: packed({name: part for name, part in parts().items() if name != SHEET}), "sheet_broken"),
    ],
)
def test_a_hostile_file_is_refused_quickly(make: Callable[[], bytes], code: str) -> None:
    data = make()

    def spent() -> float:
        began = time.process_time()
        with pytest.raises(Invalid) as refused:
            open_sheets(data)
        seconds = time.process_time() - began
        assert refused.value.code == code, refused.value.message
        assert len(refused.value.message) > 20
        return seconds

    assert quickest(spent, 2) < 2


def test_a_formula_is_named_by_its_cell() -> None:
    with pytest.raises(Invalid, match="The cell A1 holds a formula"):
        open_sheets(edited(SHEET, b"</v>", b"</v><f>HYPERLINK()</f>"))


def test_a_sheet_that_is_named_a_thousand_times_is_read_twice() -> None:
    told = parts()
    sheet = b'<sheet name="x%d" sheetId="%d" r:id="rId1"/>'
    many = b"".join(sheet % (n, n) for n in range(1, 5000))
    book = told["xl/workbook.xml"]
    first, last = book.index(b"<sheets>") + 8, book.index(b"</sheets>")

    def spent() -> float:
        began = time.process_time()
        assert len(open_sheets(packed(told | {"xl/workbook.xml": book[:first] + many + book[last:]}))) == 2
        return time.process_time() - began

    assert quickest(spent, 2) < 2


def test_what_is_not_needed_never_reaches_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bytes] = []

    class Reader:
        @staticmethod
        def from_filelike(file: io.BytesIO) -> object:
            given.append(file.read())
            raise opening.python_calamine.CalamineError("seen")

    monkeypatch.setattr(opening.python_calamine, "CalamineWorkbook", Reader)
    with pytest.raises(Invalid):
        open_sheets(packed(parts() | {"xl/media/image1.png": b"\x89PNG", "docProps/custom.xml": b"<x/>"}))
    with zipfile.ZipFile(io.BytesIO(given[0])) as archive:
        assert not {"xl/media/image1.png", "docProps/custom.xml"} & set(archive.namelist())
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())
        assert sum(info.file_size for info in archive.infolist()) < MOST_UNPACKED


@pytest.mark.parametrize(
    "examples", [pytest.param(150, id="quick"), pytest.param(10_000, id="thorough", marks=pytest.mark.slow)]
)
def test_a_damaged_file_is_read_or_refused_and_nothing_else(examples: int) -> None:
    """Bytes of the sheet, the texts and the workbook turned over, packed as if nothing had happened."""
    choice, told = random.Random(1420), parts()
    outcomes = set()
    for _ in range(examples):
        name = choice.choice([SHEET, TEXTS, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
        part = bytearray(told[name])
        for _ in range(choice.randint(1, 4)):
            part[choice.randrange(len(part))] = choice.choice(b"<>\"'&/ =0A\xff\0z9")
        try:
            open_sheets(packed(told | {name: bytes(part)}, deflated=False))
            outcomes.add("read")
        except Invalid as refused:
            outcomes.add(refused.code)
    assert {"read", "sheet_broken"} <= outcomes


def test_random_bytes_behind_the_first_letters_of_a_zip_are_refused() -> None:
    choice = random.Random(9)
    for _ in range(50):
        with pytest.raises(Invalid):
            open_sheets(b"PK\x03\x04" + choice.randbytes(400) + zlib.compress(b"x"))
