"""Hours of the house's own: a file beside the shipped one, for doors, board and deadlines alike."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from agi_scripts.settings import DoorSettings
from agi_scripts.wiring import read_data
from api.floor.opening import Opening
from api.house_hours import hours_of
from api.settings import ApiSettings
from ivr.kernel.errors import Invalid
from tests.fakes import line_data

SATURDAY_AT_19 = datetime(2026, 11, 21, 15, 30, tzinfo=UTC)
RAMADAN = line_data.text("hours.toml").replace('"14:00-20:00"', '"14:00-18:00"')
DATABASE = "postgresql+asyncpg://nobody@127.0.0.1:9/none"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    file = tmp_path / "hours.toml"
    file.write_text(RAMADAN, encoding="utf-8")
    return file


def of_api(hours: Path | None, var: Path) -> ApiSettings:
    return ApiSettings(var=var, database_url=DATABASE, hours=hours)


def test_board_and_doors_close_by_the_house_s_own_hours(house: Path, tmp_path: Path) -> None:
    assert Opening.of(of_api(None, tmp_path)).is_open("insurance", SATURDAY_AT_19)
    assert not Opening.of(of_api(house, tmp_path)).is_open("insurance", SATURDAY_AT_19)
    _, calendar, queues = read_data(DoorSettings(var=tmp_path, hours=house))  # pyright: ignore[reportCallIssue]
    assert calendar == hours_of(of_api(house, tmp_path)).calendar
    assert queues == line_data.QUEUES


def test_deadlines_run_in_them(house: Path, tmp_path: Path) -> None:
    house.write_text(RAMADAN.replace("question = 5", "question = 9"), encoding="utf-8")
    theirs, shipped = (hours_of(of_api(file, tmp_path)).allowance("question") for file in (house, None))
    assert theirs / shipped == 9 / 5


@pytest.mark.parametrize("text", [None, "[sections.general]\nsaturday = 8", "not toml"])
def test_a_file_that_cannot_be_used_is_named_or_told_what_is_wrong_in_it(
    text: str | None, house: Path, tmp_path: Path
) -> None:
    house.unlink() if text is None else house.write_text(text, encoding="utf-8")
    for read in (lambda: hours_of(of_api(house, tmp_path)), lambda: read_data(DoorSettings(var=tmp_path, hours=house))):  # pyright: ignore[reportCallIssue]
        with pytest.raises(Invalid) as refused:
            read()
        assert (str(house) if text is None else "hours") in refused.value.message
