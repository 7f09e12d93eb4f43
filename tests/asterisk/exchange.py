"""A real Asterisk of its own with real door servers, no database: own folder, own ports, short prompts."""

from __future__ import annotations

import csv
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl

from asterisk_conf import exchange
from asterisk_conf.render import render
from asterisk_conf.robots.sippline import free_port
from asterisk_conf.settings import ExchangeSettings
from ivr.kernel.clock import SystemClock
from ivr.kernel.failpoints import SETTING
from ivr.kernel.ids import QueueName
from ivr.prompts.catalogue import load_catalogue
from routing.ledger.cel import COLUMNS
from routing.queues import QUEUES, QueueSettings
from routing.seats import SignIn
from tests.sounds import tone, write_wav

REPOSITORY = Path(__file__).resolve().parents[2]
TOKEN = "test-token"
MUSIC_HERTZ = 200.0
PROMPT_SECONDS = 0.3
DIGIT_SECONDS = 0.1
WAIT_AFTER_CLOSING = 3
"""Seconds; ten minutes on a real line."""
VANISHED_SECONDS = 5
"""Longer than the pauses of a robot that sends keys only."""
HOLD_SILENCE_SECONDS = 12
"""Longer than any hold of these tests."""
LIMIT = 60.0
"""Seconds for what must happen: only a thing that never does reaches it. When it happened is asked of the rows' instants."""
BOOT_LIMIT = 120.0
PATIENT_DOORS = {"LINE1420_LEASE_SLACK": "PT10S", "LINE1420_SEAT_LIMIT": "PT20S", "LINE1420_DESK_LIMIT": "PT5S"}
"""A door of the line gives up sooner, and the caller is served otherwise: right there, and a machine's stall here."""
RTP_BLOCKS = range(12_000, 15_000, 200)
"""Below the ports that Linux hands out: a robot of another lane that drew one of ours would be heard as our Asterisk."""


@dataclass(frozen=True)
class Row:
    """One CEL row, read by Python's own csv: a second opinion beside our reader."""

    name: str
    """Asterisk's event, or our milestone's name."""
    at: float
    columns: dict[str, str]

    @property
    def call(self) -> str:
        return self.columns["linkedid"]

    @property
    def fields(self) -> dict[str, str]:
        """A milestone's own fields."""
        extra = self.columns["extra"].removeprefix('{"extra":"').removesuffix('"}')
        return dict(parse_qsl(extra, keep_blank_values=True))


class Exchange:
    """Start with `start()`; `stop()` ends everything it started."""

    def __init__(
        self,
        var: Path,
        root: Path | None,
        *,
        process_agi: bool = False,
        sign_in: SignIn = "telephone",
        desk_url: str = "http://127.0.0.1:9",
        queues: Mapping[QueueName, QueueSettings] | None = None,
        browser_phones: bool = False,
    ) -> None:
        self.var, self.root, self._desk_url = var, root, desk_url
        self._claim, first, last = claim_rtp_ports()
        self.settings = ExchangeSettings(
            var=var,
            systemname="bench",
            sip_port=free_port(),
            rtp_first=first,
            rtp_last=last,
            browser_phones=browser_phones,
            http_port=free_tcp_port(),
            ami_port=free_tcp_port(),
            agi_ports=(free_tcp_port(), free_tcp_port()),
            agi_token=TOKEN,  # pyright: ignore[reportArgumentType]
            ami_listener_secret="listen",  # pyright: ignore[reportArgumentType]
            ami_lead_secret="lead",  # pyright: ignore[reportArgumentType]
            seat_secrets={f"seat{n:02d}": f"secret{n:02d}" for n in range(1, 17)},  # pyright: ignore[reportArgumentType]
            test_contexts=True,
            sign_in=sign_in,
            silence_seconds=2,
            vanished_seconds=VANISHED_SECONDS,
            hold_silence_seconds=HOLD_SILENCE_SECONDS,
            queues={name: QueueSettings(wrapup_seconds=2) for name in QUEUES} | dict(queues or {}),
            process_agi=process_agi,
        )
        self.doors: list[subprocess.Popen[bytes]] = []
        self._asterisk: subprocess.Popen[bytes] | None = None

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.settings.sip_port}"

    def start(self) -> Exchange:
        render(self.settings)
        self._make_prompts()
        self._launch()
        self.open_doors()
        self._await_boot()
        return self

    def start_asterisk(self) -> None:
        """Again, after `kill_asterisk`."""
        self._launch()
        self._await_boot()

    def kill_asterisk(self) -> None:
        """As a power cut would; its sandbox takes it along."""
        assert self._asterisk is not None
        self._asterisk.kill()
        self._asterisk.wait()

    def _launch(self) -> None:
        with (self.var / "asterisk.out").open("ab") as out:
            self._asterisk = subprocess.Popen(
                exchange.argv(self.settings, self.root), env=self._environment(), stdout=out, stderr=out
            )

    def _await_boot(self) -> None:
        self.until(lambda: "fully booted" in self.remote("core waitfullybooted"), "no Asterisk", limit=BOOT_LIMIT)

    def open_doors(self, *, patient: bool = True) -> None:
        """Both door servers, freshly started and answering; those who are not `patient` give up when the line's own would."""
        self.close_doors()
        for port in self.settings.agi_ports:
            environment = self._environment(patient=patient) | {"LINE1420_AGI_PORT": str(port)}
            with (self.var / f"doors-{port}.out").open("ab") as out:
                self.doors.append(
                    subprocess.Popen(
                        [sys.executable, "-m", "agi_scripts"], cwd=REPOSITORY, env=environment, stdout=out, stderr=out
                    )
                )
        for port in self.settings.agi_ports:
            self.until(lambda port=port: answers(port), f"no door server on {port}", limit=BOOT_LIMIT)

    def close_doors(self) -> None:
        for door in self.doors:
            door.send_signal(signal.SIGKILL)
            door.wait()
        self.doors = []

    def failpoint(self, place: str, word: str) -> None:
        """What shall happen when a door passes that place next."""
        folder = self.var / "failpoints"
        folder.mkdir(exist_ok=True)
        (folder / place).write_text(word, encoding="ascii")

    def stop(self) -> None:
        exchange.hang_up_all(self.settings, self.root)
        self.close_doors()
        if self._asterisk is not None:
            self._asterisk.kill()
            self._asterisk.wait()
        self._claim.close()
        shutil.rmtree(self.var, ignore_errors=True)

    def clear(self) -> None:
        """No call is left: a robot that was ended in mid-call has sent no BYE, and its seat would look busy."""

        def none_is_left() -> bool:
            self.remote("channel request hangup all")  # each time: the INVITE of such a robot may still be on its way
            return self.is_idle()

        self.until(none_is_left, "calls did not end")

    def is_idle(self) -> bool:
        return self.remote("core show channels count").startswith("0 active channels")

    def hang_up(self, start: str) -> None:
        """Every channel whose name begins so (`PJSIP/seat12-`), now: a talk lasts as long as the test needs, and no pause too long."""
        for line in self.remote("core show channels concise").splitlines():
            if line.startswith(start):
                self.remote(f"channel request hangup {line.partition('!')[0]}")

    def remote(self, command: str) -> str:
        """What the console says; nothing while Asterisk is not up."""
        try:
            return exchange.remote(self.settings, self.root, command)
        except RuntimeError:
            return ""

    def rows(self, caller: str = "") -> list[Row]:
        """The CEL so far; of calls `caller` made when given."""
        path = self.settings.asterisk / "log" / "cel-custom" / "line.csv"
        text = path.read_bytes().decode("utf-8", "surrogateescape") if path.exists() else ""
        read = csv.reader(io.StringIO(text[: text.rfind("\n") + 1], newline=""), strict=True)
        rows = [dict(zip(COLUMNS, fields, strict=True)) for fields in read]
        calls = {row["linkedid"] for row in rows if row["cid_num"] == caller}
        return [
            Row(row["userdeftype"] or row["eventtype"], float(row["eventtime"]), row)
            for row in rows
            if not caller or row["linkedid"] in calls
        ]

    def await_row(self, caller: str, name: str, *, limit: float = LIMIT, **fields: str) -> Row:
        """The first milestone `name` of this caller with these fields; waits for it, as `until` does."""

        def found() -> Row | None:
            rows = (row for row in self.rows(caller) if row.name == name)
            return next((row for row in rows if fields.items() <= row.fields.items()), None)

        self.until(lambda: found() is not None, f"no {name} {fields} of {caller}", limit=limit)
        row = found()
        assert row is not None
        return row

    def queue_log(self) -> list[list[str]]:
        path = self.settings.asterisk / "log" / "queue_log"
        return [line.split("|") for line in path.read_text(encoding="utf-8").splitlines()]

    def until(self, true: Callable[[], bool], otherwise: str, *, limit: float = LIMIT) -> None:
        """Wait for what must happen."""
        deadline = time.monotonic() + limit
        while not true():
            if time.monotonic() > deadline:
                seen = "\n".join(f"{row.at} {row.name} {row.fields}" for row in self.rows()[-25:])
                raise AssertionError(f"{otherwise} within {limit} s; last rows:\n{seen}\n{self.tail()}")
            time.sleep(0.05)

    def tail(self) -> str:
        """Last words of Asterisk and of the doors."""
        parts = [self.settings.asterisk / "log" / "messages.log", *self.var.glob("doors-*.out")]
        return "\n".join(p.read_text(errors="replace")[-1500:] for p in parts if p.exists())

    def _environment(self, *, patient: bool = True) -> dict[str, str]:
        """What doors are told, whether they are servers or a process of Asterisk's."""
        told = {name: value for name, value in os.environ.items() if not name.startswith("LINE1420_")}
        return told | (PATIENT_DOORS if patient else {}) | {
            "LINE1420_VAR": str(self.var),
            "LINE1420_AGI_TOKEN": TOKEN,
            "LINE1420_CLOCK_OPEN": "always",
            "LINE1420_WAIT_AFTER_CLOSING": f"PT{WAIT_AFTER_CLOSING}S",
            "LINE1420_DOOR_TOKEN": "none",
            SETTING: str(self.var / "failpoints"),
            "LINE1420_DESK_URL": self._desk_url,
        }  # fmt: skip

    def _make_prompts(self) -> None:
        data = REPOSITORY / "ivr" / "data"
        texts = {tongue: (data / f"prompts_{tongue}.toml").read_text(encoding="utf-8") for tongue in ("fa", "en")}
        catalogue = load_catalogue(texts)
        for language in texts:
            for name in catalogue.names(language):
                path = self.settings.asterisk / "sounds" / language / "line" / f"{name}.wav"
                seconds = DIGIT_SECONDS if name.startswith("digit_") else PROMPT_SECONDS
                write_wav(path, tone(seconds, 300.0, 0.1))
        write_wav(self.settings.asterisk / "moh" / "line.wav", tone(2.0, MUSIC_HERTZ, 0.05))


def claim_rtp_ports() -> tuple[socket.socket, int, int]:
    """First and last port of a block of its own, and what keeps every other process off it until it is closed."""
    for first in RTP_BLOCKS:
        claim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            claim.bind(("127.0.0.1", first + RTP_BLOCKS.step - 1))
        except OSError:
            claim.close()
        else:
            return claim, first, first + RTP_BLOCKS.step - 3
    raise AssertionError(f"all {len(RTP_BLOCKS)} blocks of RTP ports are taken: too many exchanges run at once")


def now() -> float:
    """By the clock of the rows."""
    return SystemClock().now().timestamp()


def free_tcp_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
