"""Which processes the line is made of, as a supervisord configuration.

supervisord restarts what dies (a door must be back before the next caller), keeps logs apart, and answers on a unix
socket. `setpriv --pdeathsig` ties every process to its parent, so that even a `kill -9` of the supervisor leaves
nothing behind.
"""

from __future__ import annotations

import resource
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Program:
    """One process: its command, what it adds to the environment and how it is asked to stop."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = "TERM"
    stop_seconds: int = 10
    whole_group: bool = True
    """Whether the stop signal goes to the whole process group; PostgreSQL wants it at its first process only."""
    niceness: int = 0
    """How much it steps back for the others where the processors are busy (`man 2 nice`)."""


ALLOCATOR = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}
"""glibc gives every few threads a heap of their own and, once a large buffer was freed, keeps large ones in the heap: a
process through whose hands a day's sound goes, in threads that come and go, would grow for hours. So the heaps are few,
and a buffer of a sound goes back to the system when it is done with."""
FILES = 16_384
"""Files and sockets that one process may have open: each caller costs Asterisk several, and doors take a rush in one go."""
BOOKKEEPING = 5
"""Niceness of whoever writes down what has happened: in a rush that may come some seconds later, for a third of what each of
the others gets, while a caller hears every tenth of a second that Asterisk and the doors have to wait."""
DRAIN_SECONDS = 35
"""A door that is asked to stop lets its conversations finish for 30 s (`agi_scripts.settings.drain`); not killed before."""


def python_program(name: str, module: str, *, stop_seconds: int = 10, niceness: int = 0, **environment: str) -> Program:
    """A process of ours, run by the interpreter that runs us."""
    argv, settings = (sys.executable, "-m", module), {"LINE1420_PROCESS": name, **ALLOCATOR, **environment}
    return Program(name, argv, settings, stop_seconds=stop_seconds, niceness=niceness)


def line_programs(
    *, postgres: Sequence[str] | None, asterisk: Sequence[str], agi_ports: tuple[int, int]
) -> list[Program]:
    """All programs in the order they are started; without `postgres` the database is somebody else's."""
    programs = (
        []
        if postgres is None
        else [Program("postgres", postgres, stop_signal="INT", stop_seconds=20, whole_group=False)]
    )
    return [
        *programs,
        *(
            python_program(name, "agi_scripts", stop_seconds=DRAIN_SECONDS, LINE1420_AGI_PORT=str(port))
            for name, port in zip(("doors-a", "doors-b"), agi_ports, strict=True)
        ),
        Program("asterisk", asterisk, whole_group=True, stop_seconds=8),
        python_program("follower", "api.processes.follower", niceness=BOOKKEEPING),
        python_program("worker", "api.processes.worker", niceness=BOOKKEEPING),
        python_program("listener", "api.processes.listener"),
        python_program("web", "api.processes.web"),
    ]


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _section(program: Program, logs: Path) -> str:
    stepping_back = ("nice", "-n", str(program.niceness)) if program.niceness else ()
    command = shlex.join(("setpriv", "--pdeathsig", "KILL", "--", *stepping_back, *program.argv))
    lines = [
        f"[program:{program.name}]",
        f"command={_escaped(command)}",
        "autostart=false",
        "autorestart=true",
        "startsecs=1",
        # A process that cannot start (a port still closing) is tried for about two minutes, later each time.
        "startretries=15",
        f"stopsignal={program.stop_signal}",
        f"stopwaitsecs={program.stop_seconds}",
        f"stopasgroup={str(program.whole_group).lower()}",
        "killasgroup=true",
        f"stdout_logfile={_escaped(str(logs / (program.name + '.log')))}",
        "redirect_stderr=true",
        "stdout_logfile_maxbytes=20MB",
        "stdout_logfile_backups=3",
    ]
    if program.environment:
        pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in program.environment.items())
        lines.append(f"environment={pairs}")
    return "\n".join(lines)


def _files() -> int:
    """What each program may have open, or as much as this machine allows: Debian gives a shell 1,024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    return FILES if most == resource.RLIM_INFINITY else min(FILES, most)


def supervisor_config(programs: Sequence[Program], *, run: Path, logs: Path, socket: Path, user: str | None) -> str:
    """The text of supervisord.conf; `user` is named when we are root, which supervisord wants said aloud."""
    head = [
        "[supervisord]",
        "nodaemon=true",
        "silent=true",
        f"pidfile={_escaped(str(run / 'supervisord.pid'))}",
        f"logfile={_escaped(str(logs / 'supervisord.log'))}",
        "logfile_maxbytes=5MB",
        "logfile_backups=2",
        f"childlogdir={_escaped(str(logs))}",
        "umask=077",
        f"minfds={_files()}",
        *([f"user={user}"] if user else []),
        "",
        "[unix_http_server]",
        f"file={_escaped(str(socket))}",
        "chmod=0600",
        "",
        "[supervisorctl]",
        f"serverurl=unix://{_escaped(str(socket))}",
        "",
        "[rpcinterface:supervisor]",
        "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
        "",
    ]
    return "\n".join(head) + "\n" + "\n\n".join(_section(program, logs) for program in programs) + "\n"
