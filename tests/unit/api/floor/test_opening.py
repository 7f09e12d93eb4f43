"""Whether the board shows a queue as open: hours, demo settings, and a closure written down in a hurry."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.floor.opening import Opening
from tests.fakes import line_data

HOURS = line_data.hours().calendar
SATURDAY_NOON = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
SATURDAY_NIGHT = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
CLOSURE = '[[closure]]\nfrom = 2026-11-21T11:00:00+03:30\nto = 2026-11-21T13:00:00+03:30\nreason = "snow"\n'


@pytest.mark.parametrize(
    ("clock_open", "now", "is_open"),
    [
        ("auto", SATURDAY_NOON, True),
        ("auto", SATURDAY_NIGHT, False),
        ("always", SATURDAY_NIGHT, True),
        ("never", SATURDAY_NOON, False),
    ],
)
def test_hours_and_demo_settings(tmp_path: Path, clock_open: str, now: datetime, is_open: bool):
    assert Opening(tmp_path / "closures.toml", clock_open, HOURS).is_open("general", now) is is_open


@pytest.mark.parametrize("clock_open", ["auto", "always"])
def test_a_sudden_closure_shows_at_once_and_a_broken_file_changes_nothing(tmp_path: Path, clock_open: str):
    closures = tmp_path / "closures.toml"
    opening = Opening(closures, clock_open, HOURS)
    assert opening.is_open("general", SATURDAY_NOON)
    closures.write_text(CLOSURE, encoding="utf-8")
    assert not opening.is_open("general", SATURDAY_NOON)
    closures.write_text("[[closure]\nnot toml, and longer than before " * 4, encoding="utf-8")
    assert not opening.is_open("general", SATURDAY_NOON)
    closures.unlink()
    assert opening.is_open("general", SATURDAY_NOON)
