"""Settings of the exchange and of the stage it stands on. Environment prefix `LINE1420_`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from routing.callbacks.settings import CallbackSettings
from routing.priority import RoutingRules
from routing.queues import AllQueues, default_queues
from routing.seats import DEFAULT_SEATS, SeatCount, SignIn, seat_names


class ExchangeSettings(BaseSettings):
    """What the rendered configuration depends on."""

    model_config = SettingsConfigDict(env_prefix="LINE1420_", frozen=True, extra="ignore")

    var: Path = Path("var")
    systemname: str = "line1420"
    sip_host: str = "127.0.0.1"
    sip_port: int = 5060
    trunk_addresses: tuple[str, ...] = Field(
        default=("127.0.0.1",), description="Addresses the carrier's calls come from."
    )
    number: str = "1420"
    rtp_first: int = 10_000
    rtp_last: int = 10_999
    browser_phones: bool = Field(
        default=False,
        description="Let telephones in browsers register over a WebSocket at `http_host`, `http_port`: for agents' machines "
        "alone, behind a proxy that knows WebSocket. Off, nobody listens there.",
    )
    http_host: str = "127.0.0.1"
    http_port: int = 8088
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    agi_host: str = "127.0.0.1"
    agi_ports: tuple[int, int] = (4573, 4574)
    agi_token: SecretStr = SecretStr("")
    ami_listener_secret: SecretStr = SecretStr("")
    ami_keeper_secret: SecretStr = Field(
        default=SecretStr(""), description="Of the user who may move seats in and out of queues; none, no such user."
    )
    ami_lead_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Of the user who takes waiting callers out of a queue and lets supervisors listen; none, no such user.",
    )
    ami_dialler_secret: SecretStr = Field(
        default=SecretStr(""), description="Of the user who may put call backs into queues; none, no such user."
    )
    callbacks: CallbackSettings = Field(
        default_factory=CallbackSettings, description="The listener and the worker read the same setting."
    )
    sign_in: SignIn = Field(
        default="desk", description="How operators come on duty; the listener reads the same setting."
    )
    seat_secrets: dict[str, SecretStr] = Field(default_factory=dict, description="seat01, seat02, … → SIP secret.")
    seats: SeatCount = DEFAULT_SEATS
    queues: AllQueues = Field(default_factory=default_queues, description="The listener reads the same setting.")
    routing: RoutingRules = Field(default_factory=RoutingRules, description="The API reads the same setting.")
    call_limit_seconds: int = Field(default=3600, description="Longest talk; a forgotten call ends here.")
    vanished_seconds: int = Field(
        default=30,
        description="A caller whose sound stops for this long (not on hold) is gone without a goodbye; the call ends. An "
        "operator whose sound stops so has lost the phone; the caller goes on to the survey.",
    )
    hold_silence_seconds: int = Field(
        default=600,
        ge=10,
        description="An operator's telephone may be silent for so long while its caller is on hold; then it is taken for dead, "
        "and the caller goes on to the survey.",
    )
    message_seconds: int = Field(default=180, description="Longest voice message.")
    silence_seconds: int = Field(default=8, description="Silence that ends a voice message.")
    process_agi: bool = Field(
        default=False,
        description="When both door servers are gone, Asterisk itself starts the menu as a process. Only an Asterisk that "
        "sees our Python can: `make run` switches it on when the host's own Asterisk is used.",
    )
    test_contexts: bool = Field(
        default=False, description="Render the contexts that tests use to set hostile identities."
    )

    @property
    def places(self) -> dict[str, SecretStr]:
        """The seats that stand in the exchange now, with their secrets. A seat without a secret is not there."""
        return {name: self.seat_secrets[name] for name in seat_names(self.seats) if name in self.seat_secrets}

    @property
    def asterisk(self) -> Path:
        """Folder of Asterisk's own data: etc, log, run, lib, sounds."""
        return self.var / "asterisk"
