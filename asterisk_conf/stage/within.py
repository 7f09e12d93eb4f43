"""`python -m asterisk_conf.stage.within COMMAND …`: run a command with the environment of the line in this folder.

The line's processes get their secrets and their database from `make run`; a command that a person starts beside them
(`make refold`, a health check) has neither. What is set already wins, as it does there.
"""

from __future__ import annotations

import os
import sys

from asterisk_conf.stage import postgres
from asterisk_conf.stage.handshake import settings_of
from asterisk_conf.stage.keys import read_keys
from asterisk_conf.stage.settings import StageSettings


def environment() -> dict[str, str]:
    """This process's environment and, below it, the line's."""
    stage = StageSettings()
    var = stage.var.resolve()
    running = settings_of(var)
    found = {"LINE1420_VAR": str(var), **read_keys(var / "line.env"), **running}
    cluster = var / "postgres"
    if stage.database_url is None and (cluster / "PG_VERSION").exists():
        port = {**running, **os.environ}.get("LINE1420_DATABASE_PORT", str(stage.database_port))
        found["LINE1420_DATABASE_URL"] = postgres.database_url(cluster, int(port))
    return {**found, **os.environ}


def main() -> None:
    if len(sys.argv) < 2:
        raise SystemExit("usage: python -m asterisk_conf.stage.within COMMAND [ARGUMENT …]")
    os.execvpe(sys.argv[1], sys.argv[1:], environment())  # noqa: S606 - the command of whoever typed it


if __name__ == "__main__":
    main()
