"""What each line of the tests starts from: a database with its tables, accounts and shifts, made once for this state of the
code. Making it takes longer than all the rest of a start, and the suite starts a line some twenty times."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

from asterisk_conf.stage import keys, postgres
from routing.seats import DEFAULT_SEATS

REPOSITORY = Path(__file__).resolve().parent.parent
MADE_OF = ("api", "asterisk_conf/stage", "routing/seats.py", "requirements.lock")
"""Where code stands that decides what the first start leaves behind."""


def begin_with_first_start(var: Path, shared: Path) -> None:
    """Copy it into `var`, unless that has a database already. Whoever calls holds the lock of all starts."""
    if (var / "postgres" / "PG_VERSION").exists():
        return
    kept = shared / "first-start" / _fingerprint()
    if not kept.exists():
        shutil.rmtree(kept.parent, ignore_errors=True)  # those of older code
        draft = kept.with_name("draft")
        _make(draft)
        draft.rename(kept)
    shutil.copytree(kept, var, dirs_exist_ok=True)


def _fingerprint() -> str:
    files = [file for place in MADE_OF for file in _files(REPOSITORY / place)]
    told = b"".join(hashlib.sha256(file.read_bytes()).digest() for file in sorted(files))
    return hashlib.sha256(told).hexdigest()[:16]


def _files(place: Path) -> list[Path]:
    return list(place.rglob("*.py")) if place.is_dir() else [place]


def _make(folder: Path) -> None:
    folder.mkdir(parents=True)
    secrets = keys.ensure_keys(folder / "line.env", DEFAULT_SEATS)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    postgres.ensure_cluster(folder / "postgres", port)
    server = subprocess.Popen(
        postgres.server_argv(folder / "postgres", port), cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        postgres.wait_ready(folder / "postgres", port)
        postgres.check_persian(folder / "postgres", port)  # makes the extension too
        url = postgres.database_url(folder / "postgres", port)
        given = {name: value for name, value in os.environ.items() if not name.startswith("LINE1420_")}
        environment = given | secrets | {"LINE1420_VAR": str(folder), "LINE1420_DATABASE_URL": url}
        subprocess.run(
            [sys.executable, "-m", "api.processes.prepare"],
            cwd=REPOSITORY,
            env=environment,
            check=True,
            capture_output=True,
        )
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
