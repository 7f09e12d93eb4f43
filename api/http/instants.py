"""Instants and days in queries: written out, never as a bare number, which could be seconds, milliseconds or a mistake."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator


def _written_out(value: Any) -> Any:
    """Raises `ValueError` for a number: pydantic would take it for seconds since 1970."""
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return value
    elif not isinstance(value, int | float):
        return value
    raise ValueError("write it out, like 2026-11-22 or 2026-11-21T08:00:00+03:30")


Instant = Annotated[AwareDatetime, BeforeValidator(_written_out)]
Day = Annotated[date, BeforeValidator(_written_out)]
