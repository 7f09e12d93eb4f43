"""The private PostgreSQL cluster under `var/postgres`: made once, never the system's own, reachable on loopback only.

PostgreSQL refuses to run as root. There the server's binaries run in a user namespace in which root is called
`postgres`: files stay root's, one process, signals arrive as usual. An ordinary user needs nothing of the sort.

Locale and provider decide whether Persian is sorted and searched at all (with plain `C`, trigrams of «سلام» are an
empty list; with `C.UTF-8` alone پ, چ and گ sort last), so `check_persian` looks at a running server.
"""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import subprocess
import time
from pathlib import Path

USER = "line1420"
DATABASE = "line1420"
OLDEST = 15
"""First major version whose initdb knows ICU."""

_START_SECONDS = 30.0


def ensure_cluster(folder: Path, port: int) -> None:
    """Make the cluster at `folder` unless it stands there; a half-made one (killed in the middle) is made again.

    Raises SystemExit, saying what to install or move, when that is not possible.
    """
    del port  # given at every start, so that a changed port needs no new cluster
    if (folder / "PG_VERSION").exists():
        _binaries(_version_of(folder))
        return
    if folder.exists() and any(folder.iterdir()):
        raise SystemExit(f"{folder} holds something that is no PostgreSQL cluster: move it away and start again.")
    programs = _binaries(None)
    draft = folder.with_name(folder.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.parent.mkdir(parents=True, exist_ok=True)
    password_file = draft.with_name(folder.name + ".password.new")
    password_file.touch(mode=0o600)
    password_file.write_text(secrets.token_hex(24), encoding="ascii")
    _run(
        programs / "initdb",
        *("-D", str(draft), "-U", USER, "-E", "UTF8", "--auth=scram-sha-256", f"--pwfile={password_file}"),
        *("--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=fa", "--no-instructions"),
    )
    _run(programs / "postgres", "--single", "-D", str(draft), "postgres", given=f"CREATE DATABASE {DATABASE}\n")
    password_file.rename(draft / "line1420.password")
    if folder.exists():
        folder.rmdir()
    draft.rename(folder)


def server_argv(folder: Path, port: int, *options: str) -> list[str]:
    """Command line of the server in the foreground; SIGINT ends it fast and cleanly. `options` like `fsync=off`."""
    settings = (
        f"port={port}",
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",  # a path may be too long for a socket, and nobody needs one
        "timezone=UTC",
        "log_timezone=UTC",
        "logging_collector=off",
        "max_connections=100",
        *options,
    )
    program = _binaries(_version_of(folder)) / "postgres"
    return [*_as_postgres(), str(program), "-D", str(folder), *(part for one in settings for part in ("-c", one))]


def database_url(folder: Path, port: int) -> str:
    """How to reach the line's database in the cluster, password included; for `LINE1420_DATABASE_URL`."""
    password = (folder / "line1420.password").read_text(encoding="ascii").strip()
    return f"postgresql+asyncpg://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"


def wait_ready(folder: Path, port: int) -> None:
    """Return once the server takes connections; SystemExit after 30 s, or when another server has the port."""
    ready = [str(_binaries(_version_of(folder)) / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if subprocess.run(ready, check=False).returncode == 0 and _answers_as_ours(folder, port):
            return
        time.sleep(0.1)
    raise SystemExit(
        f"PostgreSQL on 127.0.0.1:{port} (cluster {folder}) took no connection for {_START_SECONDS:.0f} s: read its log, "
        "or give another port by LINE1420_DATABASE_PORT if a different server is there."
    )


def check_persian(folder: Path, port: int) -> None:
    """SystemExit unless this server sorts and searches Persian; for a cluster that somebody else made, too."""
    answer = _psql(
        folder,
        port,
        "CREATE EXTENSION IF NOT EXISTS pg_trgm; SELECT ('پ' < 'ت' AND 'ت' < 'چ' AND 'چ' < 'ک' AND 'ک' < 'گ' AND 'گ' < 'ی') "
        "AND array_length(show_trgm('سلام'), 1) > 0",
    )
    if answer.stdout.strip().splitlines()[-1:] != ["t"]:
        raise SystemExit(
            f"The database of {folder} does not sort or search Persian ({answer.stderr.strip() or 'wrong order'}): "
            "it needs initdb --locale-provider=icu --icu-locale=fa --locale=C.UTF-8 and the extension pg_trgm."
        )


def _answers_as_ours(folder: Path, port: int) -> bool:
    return _psql(folder, port, "SELECT 1").stdout.strip() == "1"


def _psql(folder: Path, port: int, statement: str) -> subprocess.CompletedProcess[str]:
    password = (folder / "line1420.password").read_text(encoding="ascii").strip()
    return subprocess.run(
        [
            str(_binaries(_version_of(folder)) / "psql"),
            *("-X", "-q", "-A", "-t", "-h", "127.0.0.1", "-p", str(port), "-U", USER, "-d", DATABASE, "-c", statement),
        ],
        env={**os.environ, "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "3", "PGCLIENTENCODING": "UTF8"},
        capture_output=True,
        text=True,
        check=False,
    )


def _version_of(folder: Path) -> int:
    return int((folder / "PG_VERSION").read_text(encoding="ascii"))


def _binaries(version: int | None) -> Path:
    """Folder of the server's programs: of `version`, or the newest installed."""
    found = sorted(
        (int(path.parent.parent.name), path.parent)
        for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if path.parent.parent.name.isdecimal()
    )
    fitting = [path for number, path in found if (number >= OLDEST if version is None else number == version)]
    if not fitting:
        wanted = f"{OLDEST} or newer" if version is None else str(version)
        package = "postgresql" if version is None else f"postgresql-{version}"
        raise SystemExit(f"PostgreSQL {wanted} is not installed: apt-get install {package}")
    return fitting[-1]


def _as_postgres() -> list[str]:
    if os.geteuid() != 0:
        return []
    try:
        postgres = pwd.getpwnam("postgres")
    except KeyError:
        raise SystemExit("There is no user postgres on this machine: apt-get install postgresql") from None
    return ["unshare", "--user", f"--map-user={postgres.pw_uid}", f"--map-group={postgres.pw_gid}", "--"]


def _run(program: Path, *arguments: str, given: str = "") -> None:
    command = [*_as_postgres(), str(program), *arguments]
    # a C locale for messages, and a folder that PostgreSQL may surely enter
    done = subprocess.run(
        command,
        input=given,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"{program.name} failed:\n{done.stdout[-1000:]}{done.stderr[-2000:]}")
