"""`var/run.json`: how phones, tools and tests find a running line. Written when the line is ready, removed when it ends."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from api.people.seed import demo_number
from api.settings import ApiSettings
from asterisk_conf.settings import ExchangeSettings
from asterisk_conf.stage.settings import StageSettings


def web_url(api: ApiSettings) -> str:
    return f"http://{api.web_host}:{api.web_port}"


def handshake(
    *,
    stage: StageSettings,
    exchange: ExchangeSettings,
    api: ApiSettings,
    passwords: Mapping[str, str],
    pids: Mapping[str, int],
    root: Path | None = None,
) -> dict[str, object]:
    """The document: `urls`, `ports`, `asterisk_root` (of the exchange that runs; empty for this machine's own), `accounts`,
    `seats`, `api_token`, `pids` (ARCHITECTURE, fixed points).

    Where operators sign in, the account of each tells what is keyed for it at a seat's telephone: `agent_number`, `pin`.
    """
    web = web_url(api)
    return {
        "urls": {
            "web": web,
            "floor": f"{web}/floor",
            "calls": f"{web}/calls",
            "cases": f"{web}/cases",
            "api": f"{web}/api/v1",
            "openapi": f"{web}/api/v1/openapi.json",
            "ready": f"{web}/ready",
            "dial": f"sip:{exchange.number}@{exchange.sip_host}:{exchange.sip_port}",
        },
        "ports": {
            "sip": exchange.sip_port,
            "agi": list(exchange.agi_ports),
            "ami": exchange.ami_port,
            "asterisk_http": exchange.http_port,
            "web": api.web_port,
            "postgres": stage.database_port,
        },
        "asterisk_root": str(root.resolve()) if root else "",
        "accounts": {
            name: {"username": name, "password": password, **_keyed(api, name)} for name, password in passwords.items()
        },
        "seats": {
            seat: {"user": seat, "secret": secret.get_secret_value()} for seat, secret in exchange.places.items()
        },
        "api_token": api.api_token.get_secret_value(),
        "pids": dict(pids),
    }


def _keyed(api: ApiSettings, account: str) -> dict[str, str]:
    pin = api.demo_pins.get(account)
    if api.sign_in != "desk" or pin is None:
        return {}
    return {"agent_number": demo_number(account), "pin": pin.get_secret_value()}


def settings_of(var: Path) -> dict[str, str]:
    """Settings (ports, the exchange's root) of the line that runs in this folder, by its handshake; nothing when there is none (one that
    was killed leaves its own). Who types a command beside it need not know how somebody else started it."""
    try:
        document = json.loads((var / "run.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    names = {
        "sip": "SIP_PORT",
        "ami": "AMI_PORT",
        "asterisk_http": "HTTP_PORT",
        "web": "WEB_PORT",
        "postgres": "DATABASE_PORT",
    }
    ports = document["ports"]
    found = {f"LINE1420_{setting}": str(ports[name]) for name, setting in names.items()}
    if root := document.get("asterisk_root"):
        found["LINE1420_ASTERISK_ROOT"] = root
    return {**found, "LINE1420_AGI_PORTS": json.dumps(ports["agi"])}


def write(path: Path, document: Mapping[str, object]) -> None:
    """Whole or not at all, and for the owner only: it holds secrets."""
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        json.dump(document, out, indent=2)
        out.write("\n")
    part.replace(path)


def rewrite(path: Path, document: Mapping[str, object]) -> bool:
    """As `write`, beside a line on which people talk: False where the disk takes nothing, which is no reason to end their
    calls."""
    try:
        write(path, document)
    except OSError:
        return False
    return True
