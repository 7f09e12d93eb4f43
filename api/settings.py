"""Settings of the written side (API, pages, follower, listener, worker), read once by each process root.

Every field is an environment variable with the prefix `LINE1420_` (`LINE1420_WEB_PORT`); `make run` writes the secrets
it generated into `var/line.env` and hands them to every process the same way.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from ivr.kernel.opening import ClockOpen
from routing.callbacks.settings import CallbackSettings
from routing.priority import RoutingRules
from routing.queues import AllQueues, default_queues
from routing.seats import DEFAULT_SEATS, SeatCount, SignIn
from routing.staffing.need import StaffingTarget


def read_settings() -> ApiSettings:
    """The settings of this process, from its environment; ends it with one line for each value that is wrong."""
    try:
        return ApiSettings()
    except ValidationError as error:
        wrong = [
            f"LINE1420_{'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
            for problem in error.errors(include_input=False)  # a wrong secret must not be printed either
        ]
        raise SystemExit("These settings are wrong:\n" + "\n".join(wrong)) from None
    except SettingsError as error:
        raise SystemExit(f"These settings are wrong: {error}; an object is written as JSON.") from None


class ApiSettings(BaseSettings):
    """What api's processes need to know."""

    model_config = SettingsConfigDict(env_prefix="LINE1420_", frozen=True, extra="ignore")

    var: Path = Field(default=Path("var"), description="Folder of all variable data.")
    database_url: str = Field(
        default="postgresql+asyncpg://line1420@127.0.0.1:5420/line1420",
        description="PostgreSQL; the default is the private cluster that `make run` keeps under var/postgres.",
    )
    systemname: str = Field(default="line1420", description="Name of this Asterisk node; part of every call id.")
    web_host: str = "127.0.0.1"
    web_port: int = 8000
    trusted_proxies: str = Field(
        default="",
        description="Addresses of reverse proxies, comma-separated, whose X-Forwarded-For is believed; nobody's by default, "
        "or login limits per address could be talked away.",
    )
    cookie_secure: bool = Field(
        default=False, description="Set when served over HTTPS: cookies become __Host- and Secure."
    )
    session_idle: timedelta = Field(default=timedelta(hours=2), description="A session unused this long ends.")
    session_limit: timedelta = Field(
        default=timedelta(hours=13),
        description="No session outlives one day's two shifts. A wall screen asks for a login then.",
    )
    login_tries: int = Field(default=5, description="Wrong passwords per account in `login_window` before a pause.")
    login_window: timedelta = timedelta(minutes=15)
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    ami_listener_user: str = "listener"
    ami_listener_secret: SecretStr = SecretStr("")
    ami_keeper_user: str = "keeper"
    ami_keeper_secret: SecretStr = SecretStr("")
    ami_lead_user: str = "lead"
    ami_lead_secret: SecretStr = SecretStr("")
    listening_told: bool = Field(
        default=True, description="An operator's desk page says so while somebody listens to their talk."
    )
    ami_dialler_user: str = "dialler"
    ami_dialler_secret: SecretStr = SecretStr("")
    callbacks: CallbackSettings = Field(
        default_factory=CallbackSettings, description="How the line calls back; the exchange reads the same setting."
    )
    sms_hook: str = Field(
        default="",
        pattern=r"^$|^https?://\S+$",
        description="URL that is told by POST when a call back is promised, missed or given up; empty: nobody is.",
    )
    wait_after_closing: timedelta = Field(
        default=timedelta(minutes=10),
        description="Call backs that stand in a queue when it closes are served for so long; the doors read the same setting.",
    )
    sign_in: SignIn = Field(
        default="desk", description="How operators come on duty; the exchange reads the same setting."
    )
    missed_limit: int = Field(
        default=2, ge=1, le=20, description="So many calls in a row that ring unanswered pause the agent."
    )
    phone_gone_limit: timedelta = Field(
        default=timedelta(minutes=5),
        description="A seat's telephone unregistered for longer signs its agent out; longer than a telephone takes to "
        "register anew after Asterisk forgot it.",
    )
    desk_gone_limit: timedelta = Field(
        default=timedelta(minutes=10),
        description="An agent who had the desk page open and has not been heard of for longer is signed out.",
    )
    queues: AllQueues = Field(default_factory=default_queues, description="The exchange reads the same setting.")
    routing: RoutingRules = Field(default_factory=RoutingRules, description="The exchange reads the same setting.")
    seats: SeatCount = DEFAULT_SEATS
    staffing: StaffingTarget = Field(
        default_factory=StaffingTarget, description="What the staffing page aims at; a JSON object."
    )
    forecast_weeks: int = Field(
        default=8, ge=1, le=26, description="A forecast looks at the same weekday of so many weeks before."
    )
    api_token: SecretStr = Field(
        default=SecretStr(""), description="Seeded token with all read scopes, for tests and tools."
    )
    door_token: SecretStr = Field(
        default=SecretStr(""),
        description="Seeded token of the doors: may read a case's state, ask how long a wait will be, and ask about duties "
        "for a seat's telephone.",
    )
    board_stale: timedelta = Field(
        default=timedelta(seconds=6), description="A board older than this is shown as stale; the promise is 10 s."
    )
    advice_kept: timedelta = Field(
        default=timedelta(seconds=3),
        ge=timedelta(),
        description="How old the newest talks and the number of call backs may be from which a caller's wait is estimated.",
    )
    ledger_rest: timedelta = Field(
        default=timedelta(seconds=2),
        gt=timedelta(),
        le=timedelta(seconds=5),
        description="From one look at the ledgers to the next: records, cases, figures and what is known of call backs come so "
        "much later, and cost less.",
    )
    call_open_limit: timedelta = Field(
        default=timedelta(hours=4),
        description="A call open longer than this with no channel is closed as lost_unknown.",
    )
    hours: Path | None = Field(
        default=None,
        description="Another file of hours than the one shipped in ivr/data; doors and web read the same. Read at the start.",
    )
    clock_open: ClockOpen = Field(
        default="auto", description="`auto` follows hours.toml, `always` and `never` are for demos and tests."
    )
    message_min_seconds: float = Field(default=1.0, description="Shorter voice messages are kept for audit as empty.")
    database_pool: int = Field(default=5, description="Connections one process keeps open; as many again in a rush.")
    statement_timeout: timedelta = Field(
        default=timedelta(seconds=10), description="PostgreSQL itself ends a statement that runs longer."
    )
    notify_resync: timedelta = Field(
        default=timedelta(seconds=5),
        description="Notifications are not durable: whoever waits for one looks again after this long without any.",
    )
    follower_late: timedelta = Field(
        default=timedelta(seconds=30), description="A ledger follower silent for longer makes /ready say so."
    )
    stall_limit: timedelta = Field(
        default=timedelta(seconds=15),
        description="The watchdog ends a process whose event loop stands still this long; the supervisor starts it again.",
    )
    sound_limit_bytes: int = Field(
        default=12_582_912, description="The same for the sound of an announcement: a minute as WAV of a good recorder."
    )
    body_limit_bytes: int = Field(default=1_048_576, description="A request body longer than this is refused with 413.")
    demo_passwords: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="JSON object, demo account → password; `make run` generates it at first start.",
    )
    demo_pins: dict[str, SecretStr] = Field(
        default_factory=dict,
        description="JSON object, demo operator → PIN for signing in at a seat's telephone; made like the passwords.",
    )
    demo_accounts: bool = Field(
        default=True,
        description="Seed the demo accounts; at each start they have the passwords and PINs of var/run.json again. Without "
        "them `make administrator NAME=…` makes the first account.",
    )

    @property
    def spool(self) -> Path:
        return self.var / "spool"

    @property
    def archive(self) -> Path:
        return self.var / "archive"

    @property
    def measures(self) -> Path:
        """Folder of every process's measures."""
        return self.var / "run" / "metrics"

    @property
    def asterisk_log(self) -> Path:
        """Folder with `queue_log` and `cel-custom/line.csv`."""
        return self.var / "asterisk" / "log"
