"""`make run`: starts the whole line, says where to click and what to dial, and ends it cleanly on Ctrl-C.

Order matters: database, tables, doors, then Asterisk (whose first call may come at once), then the readers and the web.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import types
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agi_scripts.settings import DoorSettings
from agi_scripts.wiring import read_data
from api.settings import ApiSettings
from asterisk_conf import exchange as asterisk
from asterisk_conf import prompts, render, rootfs
from asterisk_conf.settings import ExchangeSettings
from asterisk_conf.stage import handshake, keys, postgres
from asterisk_conf.stage.programs import line_programs, supervisor_config
from asterisk_conf.stage.settings import StageSettings
from asterisk_conf.stage.supervision import Supervision, socket_path
from ivr.kernel.errors import Invalid

LOOK_SECONDS = 2.0
"""So often is looked which processes run: `run.json` tells of one that was started anew."""


def say(text: str) -> None:
    """One line of progress."""
    print(f"line1420: {text}", flush=True)


class Stopped(Exception):
    """Ctrl-C or SIGTERM."""


@contextmanager
def _only_one(var: Path) -> Iterator[None]:
    """Two lines in one folder would write into each other's ledgers."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SystemExit(
                f"a line runs in {var} already; stop it first, or set LINE1420_VAR to another folder"
            ) from None
        yield


def _refuse_taken_ports(wanted: dict[str, tuple[str, int, int]]) -> None:
    for name, (host, port, kind) in wanted.items():
        with socket.socket(socket.AF_INET, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1 if kind == socket.SOCK_STREAM else 0)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise SystemExit(
                    f"port {port} ({name}) is in use on {host}: {error.strerror}; end what uses it, or set {name} to a free port"
                ) from None


def _module(name: str, log: Path) -> None:
    """Run one of our set-up commands to its end; what it said goes to the log, and on a failure to the person."""
    done = subprocess.run([sys.executable, "-m", name], capture_output=True, text=True, check=False)
    with log.open("a", encoding="utf-8") as out:
        out.write(done.stdout + done.stderr)
    if done.returncode:
        raise SystemExit(f"{name} failed with code {done.returncode}:\n{(done.stdout + done.stderr)[-2000:]}")


def _wait_ready(url: str, limit_seconds: float) -> None:
    deadline = time.monotonic() + limit_seconds
    reasons = "no answer yet"
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own web process on loopback
                if answer.status == 200:
                    return
        except urllib.error.HTTPError as error:
            reasons = error.read().decode("utf-8", "replace")[:300]
        except OSError as error:
            reasons = str(error)
        time.sleep(0.2)
    raise SystemExit(f"the line was not ready within {limit_seconds:.0f} s: {reasons}; see the log folder")


def _prepare_environment(stage: StageSettings) -> tuple[StageSettings, ExchangeSettings, ApiSettings, dict[str, str]]:
    """Secrets and paths into our environment, which every process inherits; what the user set wins."""
    var = stage.var.resolve()
    made = keys.ensure_keys(var / "line.env", stage.seats)
    os.environ["LINE1420_VAR"] = str(var)
    for name, value in made.items():
        os.environ.setdefault(name, value)
    if not stage.database_url:
        postgres.ensure_cluster(var / "postgres", stage.database_port)
        os.environ["LINE1420_DATABASE_URL"] = postgres.database_url(var / "postgres", stage.database_port)
    private, api = stage.model_copy(update={"var": var}), ApiSettings()
    passwords = json.loads(os.environ["LINE1420_DEMO_PASSWORDS"]) if api.demo_accounts else {}
    # The doors ask this line's own web process, wherever it listens.
    os.environ.setdefault("LINE1420_DESK_URL", handshake.web_url(api))
    return private, ExchangeSettings(), api, passwords


def _start(supervision: Supervision, stage: StageSettings, api: ApiSettings, *, own_database: bool) -> None:
    if own_database:
        say("starting PostgreSQL")
        supervision.start("postgres")
        postgres.wait_ready(stage.var / "postgres", stage.database_port)
        postgres.check_persian(stage.var / "postgres", stage.database_port)
    say("bringing the tables up to date")
    _module("api.processes.prepare", stage.var / "log" / "setup.log")
    say("starting the doors, Asterisk, the readers and the web")
    for name in ("doors-a", "doors-b", "asterisk", "follower", "worker", "listener", "web"):
        supervision.start(name, wait=False)
    _wait_ready(f"{handshake.web_url(api)}/ready", stage.ready_limit.total_seconds())


def welcome(document: dict[str, object], exchange: ExchangeSettings) -> list[str]:
    """What a person reads when the line is ready. Without demo accounts (LINE1420_DEMO_ACCOUNTS=false) the house makes its own,
    beginning with an administrator's."""
    urls, accounts = document["urls"], document["accounts"]
    assert isinstance(urls, dict)
    assert isinstance(accounts, dict)
    demo = accounts.get("supervisor")
    click = f"as supervisor, password {demo['password']}" if demo else "(first account: make administrator NAME=sara)"
    operator = "operator01" if demo else "an operator"
    return [
        "",
        "  Line 1420 is open.",
        f"    Click   {urls['floor']}   {click}",
        f"    Dial    {urls['dial']}   with any SIP phone (no registration needed from this machine)",
        f"    Answer  register a phone as seat01 at {exchange.sip_host}:{exchange.sip_port}"
        + (f" and dial 10, or sign in at /desk as {operator}" if exchange.sign_in == "desk" else ""),
        f"            secrets{', agent numbers, PINs and all accounts' if demo else ' of the seats'} are in var/run.json",
        *(["    Demo    make demo   (robot operators and callers for some minutes)"] if demo else []),
        "    Stop    Ctrl-C",
        "",
    ]


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that was decided before the first process starts."""

    stage: StageSettings
    exchange: ExchangeSettings
    api: ApiSettings
    passwords: dict[str, str]
    own_database: bool
    root: Path | None
    """The Debian root that holds Asterisk; None when the host's own is used."""
    config: Path


def _plan(asked: StageSettings) -> Plan:
    """Secrets, menu and hours, free ports, Asterisk, prompts, configuration, cluster: all that can fail before anything runs."""
    stage, exchange, api, passwords = _prepare_environment(asked)
    try:
        read_data(DoorSettings())
    except Invalid as error:
        raise SystemExit(f"{error.message}\nThe line was not started.") from None
    own_database = asked.database_url is None
    run, logs = stage.var / "run", stage.var / "log"
    for folder in (run, logs):
        folder.mkdir(parents=True, exist_ok=True)
    (stage.var / "run.json").unlink(missing_ok=True)
    shutil.rmtree(run / "metrics", ignore_errors=True)  # what processes of an earlier run counted is not of this one
    _refuse_taken_ports(
        {
            "LINE1420_WEB_PORT": (api.web_host, api.web_port, socket.SOCK_STREAM),
            "LINE1420_SIP_PORT": (exchange.sip_host, exchange.sip_port, socket.SOCK_DGRAM),
            "LINE1420_AMI_PORT": (exchange.ami_host, exchange.ami_port, socket.SOCK_STREAM),
            "LINE1420_AGI_PORTS (first)": (exchange.agi_host, exchange.agi_ports[0], socket.SOCK_STREAM),
            "LINE1420_AGI_PORTS (second)": (exchange.agi_host, exchange.agi_ports[1], socket.SOCK_STREAM),
            **(
                {"LINE1420_HTTP_PORT": (exchange.http_host, exchange.http_port, socket.SOCK_STREAM)}
                if exchange.browser_phones
                else {}
            ),
            **(
                {"LINE1420_DATABASE_PORT": ("127.0.0.1", stage.database_port, socket.SOCK_STREAM)}
                if own_database
                else {}
            ),
        }
    )
    root = rootfs.ensure_root(stage.var, stage.asterisk_root)
    if root is None:
        exchange = exchange.model_copy(update={"process_agi": True})
    prompts.make(exchange)
    render.render(exchange)
    database_argv = None
    if own_database:
        database_argv = postgres.server_argv(stage.var / "postgres", stage.database_port)
    programs = line_programs(
        postgres=database_argv, asterisk=asterisk.argv(exchange, root), agi_ports=exchange.agi_ports
    )
    config = run / "supervisord.conf"
    user = "root" if os.getuid() == 0 else None
    config.write_text(
        supervisor_config(programs, run=run, logs=logs, socket=socket_path(stage.var), user=user), encoding="utf-8"
    )
    config.chmod(0o600)
    return Plan(stage, exchange, api, passwords, own_database, root, config)


def _hold(plan: Plan) -> None:
    """Start everything, tell, and wait until told to stop; whatever happens, nothing is left running."""
    stage = plan.stage
    # A group of its own: Ctrl-C reaches only us, and we end the parts in order. Not a session of its own: Linux shares
    # processors out by sessions, and a line that was started nicely would be as heavy as any other.
    process = subprocess.Popen(
        [
            "setpriv",
            "--pdeathsig",
            "TERM",
            "--",
            sys.executable,
            "-m",
            "supervisor.supervisord",
            "-c",
            str(plan.config),
        ],
        process_group=0,
    )
    supervision = Supervision(stage.var)
    try:
        while not supervision.answers():
            if process.poll() is not None:
                raise SystemExit(f"supervisord does not start; see {stage.var}/log/supervisord.log")
            time.sleep(0.05)
        _start(supervision, stage, plan.api, own_database=plan.own_database)
        pids = supervision.pids()
        document = handshake.handshake(
            stage=stage, exchange=plan.exchange, api=plan.api, passwords=plan.passwords, pids=pids, root=plan.root
        )
        handshake.write(stage.var / "run.json", document)
        print("\n".join(welcome(document, plan.exchange)), flush=True)
        while (code := _ended(process)) is None:
            found = supervision.pids_if_told()
            if found and found != pids and handshake.rewrite(stage.var / "run.json", {**document, "pids": found}):
                pids = found
        raise SystemExit(f"the supervisor ended by itself (code {code}); see {stage.var}/log/supervisord.log")
    except Stopped:
        say("stopping")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (stage.var / "run.json").unlink(missing_ok=True)
        asterisk.hang_up_all(plan.exchange, plan.root)
        supervision.shutdown(process)
        socket_path(stage.var).unlink(missing_ok=True)
        say("stopped")


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    """The exit code; None after a while in which it went on."""
    try:
        return process.wait(LOOK_SECONDS)
    except subprocess.TimeoutExpired:
        return None


def main() -> None:
    """Runs until Ctrl-C or SIGTERM; exit code 0 when the line ended cleanly."""

    def stop(_signal: int, _frame: types.FrameType | None) -> None:
        raise Stopped

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    asked = StageSettings()
    with _only_one(asked.var.resolve()):
        try:
            plan = _plan(asked)
        except Stopped:
            raise SystemExit("stopped before the start") from None
        _hold(plan)


if __name__ == "__main__":
    main()
