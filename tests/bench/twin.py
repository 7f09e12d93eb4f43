"""The twin: an Asterisk of the same build, modules, phones, queues and prompts, with a bare dialplan and no ledger of ours.

It keeps no CEL, so what we make Asterisk write is counted on our side. It runs beside the line the whole time, idle
while the other one is measured.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path

from asterisk_conf import exchange
from asterisk_conf.render import render
from asterisk_conf.robots.sippline import free_port
from asterisk_conf.settings import ExchangeSettings
from tests.asterisk.exchange import free_tcp_port
from tests.line import SHARED_VAR

RTP_PORTS = (30_000, 30_999)
"""Above those of the test lines' slots, below those that Linux hands out."""


class Twin:
    """Start with `start()`; `stop()` ends it and leaves nothing behind."""

    def __init__(self, var: Path, seats: dict[str, str], queues: str) -> None:
        self.var = var
        self.settings = ExchangeSettings(
            var=var,
            systemname="twin",
            sip_port=free_port(),
            ami_port=free_tcp_port(),
            http_port=free_tcp_port(),
            rtp_first=RTP_PORTS[0],
            rtp_last=RTP_PORTS[1],
            agi_token="none",  # pyright: ignore[reportArgumentType]
            ami_listener_secret="none",  # pyright: ignore[reportArgumentType]
            sign_in="telephone",
            seat_secrets=seats,  # pyright: ignore[reportArgumentType]
            queues=json.loads(queues),
        )
        self.root = SHARED_VAR / "asterisk-root"
        self._asterisk: subprocess.Popen[bytes] | None = None

    @property
    def sip_port(self) -> int:
        return self.settings.sip_port

    @property
    def pid(self) -> int:
        assert self._asterisk is not None
        return self._asterisk.pid

    def start(self) -> Twin:
        render(self.settings)
        etc = self.settings.asterisk.resolve() / "etc"
        shutil.rmtree(etc / "extensions")
        spool = self.var.resolve() / "spool" / "calls"
        bare = Path(__file__).with_name("twin.conf").read_text(encoding="utf-8")
        (etc / "extensions.conf").write_text(bare.replace("@SPOOL@", str(spool)), encoding="utf-8")
        (etc / "cel.conf").write_text("[general]\nenable = no\n", encoding="utf-8")
        for name in ("sounds", "moh"):
            shutil.copytree(SHARED_VAR / "asterisk" / name, self.settings.asterisk / name, dirs_exist_ok=True)
        with (self.var / "asterisk.out").open("wb") as out:
            self._asterisk = subprocess.Popen(exchange.argv(self.settings, self.root), stdout=out, stderr=out)
        deadline = time.monotonic() + 30
        while "Asterisk" not in self.remote("core show version"):
            if time.monotonic() > deadline or self._asterisk.poll() is not None:
                raise AssertionError(f"the twin did not start:\n{(self.var / 'asterisk.out').read_text()[-2000:]}")
            time.sleep(0.1)
        exchange.remote(self.settings, self.root, "core waitfullybooted")
        return self

    def remote(self, command: str) -> str:
        try:
            return exchange.remote(self.settings, self.root, command)
        except RuntimeError:
            return ""

    def stop(self) -> None:
        exchange.hang_up_all(self.settings, self.root)
        if self._asterisk is not None:
            self._asterisk.kill()
            self._asterisk.wait()
        shutil.rmtree(self.var, ignore_errors=True)
