"""How call backs are made: `LINE1420_CALLBACKS`, a JSON object that the exchange and the listener both read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_AREAS = (
    "011", "013", "017", "021", "023", "024", "025", "026", "028", "031", "034", "035", "038", "041", "044", "045", "051",
    "054", "056", "058", "061", "066", "071", "074", "076", "077", "081", "083", "084", "086", "087",
)  # fmt: skip
_MOBILE = ("0900", "0901", "0902", "0903", "0904", "0905", "091", "092", "093", "099")
"""Without 0906 to 0909: calls to 0909 are charged as a service."""

NUMBER_DIGITS = 11
"""A number in Iran as it is dialled there: 0 and ten digits."""


class CallbackSettings(BaseModel):
    """Without a carrier nobody is dialled: a request is a case for people, as any other."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    automatic: bool = Field(default=True, description="False: people call back, the line dials nobody.")
    carrier: Annotated[str, StringConstraints(pattern=r"^$|^[A-Za-z0-9.-]{1,200}(:[0-9]{1,5})?$")] = Field(
        default="", description="Where calls go out: the carrier's host, or host:port. Empty: nobody is dialled."
    )
    tries: int = Field(
        default=3, ge=1, le=10, description="So often a number is dialled before it is left to a person."
    )
    apart_seconds: int = Field(
        default=900,
        ge=1,
        le=86_400,
        description="Between a try that reached nobody and the next; in opening hours only.",
    )
    ring_seconds: int = Field(default=30, ge=5, le=120, description="A caller's telephone rings so long.")
    in_line: int = Field(
        default=20, ge=1, le=200,
        description="Of one queue's call backs so many stand in Asterisk's queue at once, the earliest; more than operators.",
    )  # fmt: skip
    allowed: tuple[Annotated[str, StringConstraints(pattern=r"^0[0-9]{1,9}$")], ...] = Field(
        default=(*_AREAS, *_MOBILE),
        description="How a number may begin that the line dials: area codes and mobile networks, nothing that costs extra.",
    )

    @property
    def on(self) -> bool:
        """Whether the line calls back by itself."""
        return self.automatic and bool(self.carrier)

    def may_dial(self, national: str) -> bool:
        """Whether `national` (`09121234567`) is a number we ring. The dialplan asks the same once more."""
        digits = national.isascii() and national.isdigit() and len(national) == NUMBER_DIGITS
        return digits and national.startswith(self.allowed)
