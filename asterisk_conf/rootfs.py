"""Gets an Asterisk where the system has none of the right age.

Debian 12 and 13 ship no Asterisk, and below 22.10.1 are known security holes. So: the host's own when it is new enough,
else a small Debian root with nothing but Asterisk under `<var>/asterisk-root`, made by mmdebstrap in about half a minute.
It is built in a folder beside and renamed when whole: a broken-off first try can never be taken for an Asterisk.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from asterisk_conf.stage.settings import StageSettings

NEEDED = (22, 10)
SUITE = "forky"
_LATE = "--aptopt=Acquire::Check-Valid-Until false"


def ensure_root(var: Path, root: Path | None) -> Path | None:
    """The folder Asterisk runs from; `None` means the host's own files. Builds `<var>/asterisk-root` when needed.

    A `root` that is given is taken as it is, and refused when it holds no Asterisk.
    """
    if root is not None:
        if not _holds_asterisk(root):
            raise SystemExit(f"{root} holds no usr/sbin/asterisk; name another folder, or none to have one built")
        return root
    if version_of(Path("/usr/sbin/asterisk")) >= NEEDED:
        return None
    target = var.resolve() / "asterisk-root"
    if not _holds_asterisk(target):
        build(target)
    return target


def version_of(binary: Path) -> tuple[int, ...]:
    """(22, 10, 1) of an Asterisk binary; () when there is none or it says nothing."""
    if not binary.exists():
        return ()
    said = subprocess.run([str(binary), "-V"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"Asterisk (\d+(?:\.\d+)*)", said)
    return tuple(int(part) for part in match.group(1).split(".")) if match else ()


def build(target: Path) -> None:
    """Make the root at `target`. Raises `SystemExit` with what to install or what went wrong."""
    missing = [tool for tool in ("mmdebstrap", "bwrap") if shutil.which(tool) is None]
    if missing:
        packages = " ".join("bubblewrap" if tool == "bwrap" else tool for tool in missing)
        raise SystemExit(f"Asterisk must be fetched, and for that is missing: sudo apt-get install -y {packages}")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    _say(f"fetching Asterisk from Debian {SUITE} into {target} (about 350 MB, half a minute to some minutes)")
    if not _bootstrap(part, []):
        # Mirrors that are behind serve release files past their date; signatures are still checked.
        _say("WARNING: first try failed; trying once more without the release file's expiry date")
        if not _bootstrap(part, [_LATE]):
            _remove(part)
            raise SystemExit(f"mmdebstrap could not build {target}; its own words stand above. Is the network there?")
    if not _holds_asterisk(part):
        _remove(part)
        raise SystemExit("the built root holds no usr/sbin/asterisk; please report this with the output above")
    for name in ("hosts", "resolv.conf"):  # places for our own files to be mounted over
        (part / "etc" / name).touch()
    if target.exists():
        _remove(target)
    part.rename(target)
    _say(f"Asterisk {'.'.join(map(str, version_of_root(target)))} is ready in {target}")


def version_of_root(root: Path) -> tuple[int, ...]:
    """Version of the Asterisk inside `root`, from its package list: nothing is run for it."""
    status = (root / "var/lib/dpkg/status").read_text(encoding="utf-8", errors="replace")
    match = re.search(r"^Package: asterisk\n(?:.+\n)*?Version: (?:\d+:)?(\d+(?:\.\d+)*)", status, re.MULTILINE)
    return tuple(int(part) for part in match.group(1).split(".")) if match else ()


def _bootstrap(part: Path, more: list[str]) -> bool:
    _remove(part)  # a failed try leaves a half-filled folder
    mode = "root" if os.geteuid() == 0 else "unshare"
    line = ["mmdebstrap", f"--mode={mode}", "--variant=minbase", "--include=asterisk", *more]
    # In unshare mode files would belong to sub-ids that we may not read or remove; packed and unpacked, they are ours.
    if mode == "root":
        return subprocess.run([*line, SUITE, str(part)], check=False).returncode == 0
    part.mkdir(parents=True)
    with subprocess.Popen([*line, "--format=tar", SUITE, "-"], stdout=subprocess.PIPE) as maker:
        unpack = ["tar", "-x", "--no-same-owner", "--no-same-permissions", "--exclude=./dev/*", "-C", str(part)]
        unpacked = subprocess.run(unpack, stdin=maker.stdout, check=False).returncode
        if maker.stdout is not None:
            maker.stdout.close()
        made = maker.wait()
    return unpacked == 0 and made == 0


def _holds_asterisk(root: Path) -> bool:
    return (root / "usr/sbin/asterisk").is_file()


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _say(text: str) -> None:
    print(f"rootfs: {text}", file=sys.stderr, flush=True)


def main() -> None:
    settings = StageSettings()
    root = ensure_root(settings.var, settings.asterisk_root)
    _say(f"Asterisk runs from {root if root is not None else 'the host'}")


if __name__ == "__main__":
    main()
