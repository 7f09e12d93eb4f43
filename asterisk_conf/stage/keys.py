"""Secrets of this installation: made once, kept in `var/line.env` (mode 0600), handed to every process by environment.

A key that a newer version needs is added; what is there is never changed, so phones and tools keep working.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from api.duty.new_pins import new_pin
from api.people.seed import demo_number
from routing.seats import DEFAULT_SEATS, seat_names

OFFICE = ("supervisor", "qa", "casework", "manager", "admin")
"""Demo accounts besides the operators, one for each seat."""


def _token() -> str:
    return secrets.token_urlsafe(24)


def _with_seats(known: dict[str, str], seats: int) -> dict[str, str]:
    """A secret for each seat; those that exist stay."""
    return known | {seat: secrets.token_urlsafe(18) for seat in seat_names(seats) if seat not in known}


def _with_accounts(known: dict[str, str], seats: int) -> dict[str, str]:
    names = (*OFFICE, *(seat.replace("seat", "operator") for seat in seat_names(seats)))
    return known | {name: secrets.token_urlsafe(9) for name in names if name not in known}


def _with_pins(known: dict[str, str], seats: int) -> dict[str, str]:
    """A PIN for each operator, for signing in at a seat's telephone."""
    names = [seat.replace("seat", "operator") for seat in seat_names(seats)]
    return known | {name: new_pin(demo_number(name)) for name in names if name not in known}


TOKENS = (
    "LINE1420_AMI_LISTENER_SECRET",
    "LINE1420_AMI_KEEPER_SECRET",
    "LINE1420_AMI_LEAD_SECRET",
    "LINE1420_AMI_DIALLER_SECRET",
    "LINE1420_AGI_TOKEN",
    "LINE1420_API_TOKEN",
    "LINE1420_DOOR_TOKEN",
)
COLLECTIONS: dict[str, Callable[[dict[str, str], int], dict[str, str]]] = {
    "LINE1420_SEAT_SECRETS": _with_seats,
    "LINE1420_DEMO_PASSWORDS": _with_accounts,
    "LINE1420_DEMO_PINS": _with_pins,
}
"""JSON objects of name → secret, which grow with the number of seats."""


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


def ensure_keys(path: Path, seats: int = DEFAULT_SEATS) -> dict[str, str]:
    """Read the secrets and add what is missing (also for a seat that is new), atomically and readable by the owner only."""
    found = read_keys(path)
    keys = found | {name: _token() for name in TOKENS if name not in found}
    for name, grown in COLLECTIONS.items():
        known = _collection(path, name, found.get(name, "{}"))
        wanted = grown(known, seats)
        if wanted != known:
            keys[name] = json.dumps(wanted, separators=(",", ":"))
    if keys != found:
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


def _collection(path: Path, name: str, value: str) -> dict[str, str]:
    try:
        return dict(json.loads(value))
    except (ValueError, TypeError) as error:
        raise SystemExit(
            f"{path}: {name} must be a JSON object; mend it or remove the line to get new secrets"
        ) from error
