"""Secrets of this installation: made once, kept in `var/line.env` (mode 0600), handed to every process by environment.

A key that a newer version needs is added; what is there is never changed, so phones and tools keep working.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

SEATS = tuple(f"seat{n:02d}" for n in range(1, 17))
ACCOUNTS = ("supervisor", "qa", *(f"operator{n:02d}" for n in range(1, 17)), "casework", "manager", "admin")


def _token() -> str:
    return secrets.token_urlsafe(24)


def _seat_secrets() -> str:
    return json.dumps({seat: secrets.token_urlsafe(18) for seat in SEATS}, separators=(",", ":"))


def _passwords() -> str:
    return json.dumps({name: secrets.token_urlsafe(9) for name in ACCOUNTS}, separators=(",", ":"))


MAKERS: dict[str, Callable[[], str]] = {
    "LINE1420_AMI_LISTENER_SECRET": _token,
    "LINE1420_AGI_TOKEN": _token,
    "LINE1420_API_TOKEN": _token,
    "LINE1420_DOOR_TOKEN": _token,
    "LINE1420_SEAT_SECRETS": _seat_secrets,
    "LINE1420_DEMO_PASSWORDS": _passwords,
}


def read_keys(path: Path) -> dict[str, str]:
    """`KEY=value` lines; blank lines and `#` comments are skipped. A broken line names itself."""
    keys: dict[str, str] = {}
    if not path.exists():
        return keys
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        name, sign, value = line.partition("=")
        if not sign:
            raise SystemExit(
                f"{path}:{number}: expected KEY=value; mend the line or remove the file to get new secrets"
            )
        keys[name.strip()] = value
    return keys


def ensure_keys(path: Path) -> dict[str, str]:
    """Read the secrets and add what is missing, atomically and readable by the owner only."""
    keys = read_keys(path)
    missing = {name: make() for name, make in MAKERS.items() if name not in keys}
    if missing:
        keys |= missing
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write("# Secrets of this installation. Removing a line makes a new secret at the next start.\n")
            out.writelines(f"{name}={value}\n" for name, value in keys.items())
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    path.chmod(0o600)
    return keys
