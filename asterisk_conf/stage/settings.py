"""Settings of the stage itself; the exchange, the doors and the desk have their own. Environment prefix `LINE1420_`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from routing.seats import DEFAULT_SEATS, SeatCount


class StageSettings(BaseSettings):
    """What `make run` needs to know beyond the settings of the processes it starts."""

    model_config = SettingsConfigDict(env_prefix="LINE1420_", frozen=True, extra="ignore")

    var: Path = Path("var")
    seats: SeatCount = DEFAULT_SEATS
    database_url: str | None = Field(
        default=None, description="A PostgreSQL of your own. Without it a private cluster is kept under var/postgres."
    )
    database_port: int = Field(default=5420, description="Port of the private cluster.")
    ready_limit: timedelta = Field(
        default=timedelta(seconds=90), description="The line must be ready this soon after its processes were started."
    )
    asterisk_root: Path | None = Field(
        default=None, description="A Debian root that holds Asterisk; default var/asterisk-root, made when missing."
    )
