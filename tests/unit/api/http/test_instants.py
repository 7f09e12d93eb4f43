"""Instants and days of queries."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from api.http.instants import Day, Instant


@pytest.mark.parametrize("number", ["0", "1795249800", "2.57e-198", "-1", "nan", "inf", 0, 1.5])
@pytest.mark.parametrize("kind", [Day, Instant], ids=["day", "instant"])
def test_a_bare_number_is_no_date(kind: object, number: object) -> None:
    with pytest.raises(ValidationError, match="write it out"):
        TypeAdapter(kind).validate_python(number)


def test_what_is_written_out_is_taken() -> None:
    assert TypeAdapter(Day).validate_python("2026-11-22").isoformat() == "2026-11-22"
    told = TypeAdapter(Instant).validate_python("2026-11-21T08:00:00+03:30")
    assert told.isoformat() == "2026-11-21T08:00:00+03:30"


def test_an_instant_without_a_zone_is_none() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Instant).validate_python("2026-11-21T08:00:00")
