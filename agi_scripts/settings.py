"""Settings of the doors, read once by `agi_scripts.__main__`. Environment prefix `LINE1420_`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from ivr.kernel.opening import ClockOpen


class DoorSettings(BaseSettings):
    """What a door server needs to know."""

    model_config = SettingsConfigDict(env_prefix="LINE1420_", frozen=True, extra="ignore")

    var: Path = Path("var")
    process: str = Field(default="doors", pattern=r"[a-z][a-z0-9-]*", description="Name of this process in measures.")
    agi_host: str = "127.0.0.1"
    agi_port: int = Field(default=4573, description="This server's port; the second server runs on 4574.")
    agi_token: SecretStr = Field(
        default=SecretStr(""), description="First AGI argument the dialplan sends; others are refused."
    )
    header_limit: int = Field(default=16_384, description="Bytes of AGI environment accepted.")
    header_deadline: timedelta = Field(default=timedelta(seconds=2), description="Time to send the AGI environment.")
    reply_slack: timedelta = Field(
        default=timedelta(seconds=5), description="A reply may take the command's own time and this much more."
    )
    lease_slack: timedelta = Field(
        default=timedelta(seconds=0.9),
        description="Added to each prompt or wait when the lease (TIMEOUT(absolute)) is renewed. With a piece of three "
        "seconds and one second for the second server, a freeze of both is over within five.",
    )
    stall_limit: timedelta = Field(
        default=timedelta(seconds=3), description="The watchdog aborts a process whose loop stalls this long."
    )
    connections_limit: int = Field(
        default=500,
        description="Conversations at once; one more is turned away to the fallback. As many as the exchange has pairs of "
        "sound ports, so that no caller whom it can carry is.",
    )
    silent_limit: int = Field(
        default=1024,
        description="Connections that have not said who they are; one more closes the oldest of them. As many as a server may take "
        "in one go after it was busy, so that no caller of a rush is taken for a silent one.",
    )
    conversation_limit: timedelta = Field(
        default=timedelta(minutes=15),
        description="No conversation with a machine is longer; the dialplan's fallback takes over.",
    )
    drain: timedelta = Field(
        default=timedelta(seconds=30), description="SIGTERM: conversations under way may finish this long."
    )
    desk_url: str = "http://127.0.0.1:8000"
    desk_limit: timedelta = Field(
        default=timedelta(milliseconds=300), description="A look-up in the call path may take this long."
    )
    desk_rest: timedelta = Field(
        default=timedelta(seconds=5),
        description="After three look-ups in a row failed, callers are told at once for this long.",
    )
    seat_limit: timedelta = Field(
        default=timedelta(seconds=3),
        description="An agent at a seat's telephone waits so long for an answer: a PIN is checked slowly by design.",
    )
    door_token: SecretStr = SecretStr("")
    message_room: int = Field(
        default=64 * 1024 * 1024, description="Bytes free on the spool's disk below which no message is recorded."
    )
    clock_open: ClockOpen = "auto"
    wait_after_closing: timedelta = Field(
        default=timedelta(minutes=10),
        description="Whoever waits when a queue closes may still be answered for so long, and is then offered a message.",
    )
    menu: Path | None = Field(default=None, description="Another menu file than the one shipped in ivr/data.")
    hours: Path | None = Field(default=None, description="Another file of hours than the one shipped in ivr/data.")

    @property
    def spool(self) -> Path:
        return self.var / "spool"

    @property
    def measures(self) -> Path:
        """Folder of every process's measures."""
        return self.var / "run" / "metrics"

    @property
    def sounds(self) -> Path:
        """Folder with `fa/line/*.wav` and `en/line/*.wav`, made by `make prompts`."""
        return self.var / "asterisk" / "sounds"
