"""What the API tells of a reconciliation."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class DifferenceView(BaseModel):
    """One disagreement between the ledgers and the database."""

    about: str = Field(description="`call`, `visit`, `recording`, `case` or `score`.")
    subject: str = Field(description="Id of the call or recording, or the case's code.")
    ledger: str = Field(description="What Asterisk's ledgers say.")
    stored: str = Field(description="What the database says.")


class ReconciliationView(BaseModel):
    """The outcome for one day."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    node: str = Field(description="Asterisk node whose ledgers were read.")
    day: date = Field(description="Day of Tehran, Gregorian date.")
    ran_at: datetime
    alarm: bool = Field(description="More than 0.1 % of the calls differ, or any case or score does.")
    difference_count: int = Field(description="All differences, also those beyond the listed thousand.")
    totals: dict[str, Any] = Field(description="What was counted on both sides, with sums by queue and hour.")
    differences: list[DifferenceView]
