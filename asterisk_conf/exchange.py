"""How Asterisk is run: from a Debian root (or the host's own files) in a small sandbox, on the host's network.

Bubblewrap gives Asterisk a private view: the root's `/usr` and `/etc` read-only, our `var` at its own absolute path, so
that a path means the same inside and outside. No capability is left, whoever starts it. The control socket lies in
`/run/asterisk`, because a path of ours may be longer than the 108 bytes a socket address can hold.
`python -m asterisk_conf.exchange` runs it in the foreground and hangs calls up cleanly on SIGTERM; with words behind, as in
`python -m asterisk_conf.exchange logger reload`, they are said to the console of the one that runs.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import FrameType

from asterisk_conf.render import HOUSE
from asterisk_conf.rootfs import ensure_root
from asterisk_conf.settings import ExchangeSettings
from asterisk_conf.stage.settings import StageSettings

REMOTE_LIMIT_SECONDS = 10.0
"""A console command answers within this; a stuck Asterisk must not hold a tool for ever."""
STOP_LIMIT_SECONDS = 5.0


def argv(settings: ExchangeSettings, root: Path | None) -> list[str]:
    """The command line that runs Asterisk in the foreground. `root=None` uses the host's own Asterisk."""
    config = settings.asterisk.resolve() / "etc" / "asterisk.conf"
    return [*_sandbox(settings, root), "/usr/sbin/asterisk", "-f", "-C", str(config)]


def remote(settings: ExchangeSettings, root: Path | None, command: str) -> str:
    """What Asterisk's console answers to `command`. Raises `RuntimeError` when nobody answers."""
    config = settings.asterisk.resolve() / "etc" / "asterisk.conf"
    line = [*_sandbox(settings, root), "/usr/sbin/asterisk", "-C", str(config), "-rx", command]
    try:
        done = subprocess.run(
            line, capture_output=True, text=True, errors="replace", timeout=REMOTE_LIMIT_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        raise RuntimeError(f"Asterisk's console did not answer within {REMOTE_LIMIT_SECONDS:.0f} s") from late
    if done.returncode != 0:
        raise RuntimeError(f"Asterisk does not run or refused: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def hang_up_all(settings: ExchangeSettings, root: Path | None) -> None:
    """End Asterisk with its calls hung up, so that their last ledger rows are written. Never raises."""
    line = [*_sandbox(settings, root), "/usr/sbin/asterisk", "-C"]
    line += [str(settings.asterisk.resolve() / "etc" / "asterisk.conf"), "-rx", "core stop now"]
    try:
        subprocess.run(line, capture_output=True, timeout=STOP_LIMIT_SECONDS, check=False)
    except (OSError, subprocess.SubprocessError):
        return


def _sandbox(settings: ExchangeSettings, root: Path | None) -> list[str]:
    base = (root or Path("/")).resolve()
    var = settings.var.resolve()
    run = settings.asterisk.resolve() / "run"
    hosts = _hosts_file(run)
    line = ["bwrap", "--die-with-parent", "--unshare-user", "--unshare-ipc", "--cap-drop", "ALL", "--tmpfs", "/"]
    line += ["--ro-bind", str(base / "usr"), "/usr", "--ro-bind", str(base / "etc"), "/etc"]
    for name in ("bin", "sbin", "lib", "lib64"):
        if (base / name).exists():
            line += ["--symlink", f"usr/{name}", f"/{name}"]
    line += ["--ro-bind", str(hosts), "/etc/hosts"]
    if root is not None and Path("/etc/resolv.conf").exists() and (base / "etc/resolv.conf").is_file():
        line += ["--ro-bind", "/etc/resolv.conf", "/etc/resolv.conf"]
    if settings.process_agi:
        # the menu as a process needs our code and the Python it runs on, both to read only
        for place in dict.fromkeys(str(path) for path in (HOUSE, sys.base_prefix, Path(sys.base_prefix).resolve())):
            line += [] if Path(place).is_relative_to("/usr") else ["--ro-bind", place, place]
    line += ["--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp", "--dir", "/var/lib"]  # noqa: S108 - inside the sandbox
    return [*line, "--bind", str(run), "/run/asterisk", "--bind", str(var), str(var), "--chdir", str(var), "--"]


def _hosts_file(run: Path) -> Path:
    """A hosts file that knows this machine: without it every call waits seconds in a name look-up."""
    run.mkdir(parents=True, exist_ok=True)
    hosts = run / "hosts"
    text = f"127.0.0.1 localhost {socket.gethostname()}\n::1 localhost\n"
    if not hosts.exists() or hosts.read_text(encoding="utf-8") != text:
        part = run / f"hosts.{os.getpid()}"
        part.write_text(text, encoding="utf-8")
        part.replace(hosts)
    return hosts


def main() -> None:
    """Run Asterisk until it ends or SIGTERM comes; then its calls are hung up and it is stopped."""
    settings, stage = ExchangeSettings(), StageSettings()
    root = ensure_root(settings.var, stage.asterisk_root)
    if command := " ".join(sys.argv[1:]):
        try:
            print(remote(settings, root, command), end="")
        except RuntimeError as silent:
            sys.exit(str(silent))
        return
    # Its own process group: a terminal's Ctrl-C would kill the sandbox before the calls are hung up.
    process = subprocess.Popen(argv(settings, root), process_group=0)

    def stop(_number: int, _frame: FrameType | None) -> None:
        hang_up_all(settings, root)
        try:
            process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    sys.exit(process.wait())


if __name__ == "__main__":
    main()
