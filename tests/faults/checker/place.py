"""Where a line lies: its folder, database, manager interface and secrets. From a test's line, or from an installation."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from asterisk_conf.stage import postgres
from asterisk_conf.stage.handshake import settings_of
from asterisk_conf.stage.keys import read_keys
from tests.faults.checker import limits
from tests.line import Line


@dataclass(frozen=True, slots=True)
class Place:
    """Everything the readers need to find their sources."""

    var: Path
    database_url: str
    """For asyncpg: `postgresql://…`."""
    node: str = "line1420"
    ami_host: str = "127.0.0.1"
    ami_port: int = 5038
    ami_user: str = "listener"
    ami_secret: str = ""
    """Empty: Asterisk is not asked."""
    secrets: tuple[str, ...] = ()
    """Values that may stand in no log."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """The settings of the line's processes, for its console."""

    @property
    def calls_back(self) -> bool:
        """Whether the line calls back by itself: a carrier is named and it is not switched off."""
        asked = json.loads(self.environment.get("LINE1420_CALLBACKS") or "{}")
        return bool(asked.get("carrier")) and asked.get("automatic", True) is not False

    @property
    def own_rest(self) -> float:
        """Seconds after a talk in which Asterisk calls a seat free and no call reaches it: all of the work after it where a
        telephone alone signs in."""
        by_telephone = self.environment.get("LINE1420_SIGN_IN") == "telephone"
        return float("inf") if by_telephone else limits.OWN_REST

    @property
    def cel(self) -> Path:
        return self.var / "asterisk" / "log" / "cel-custom" / "line.csv"

    @property
    def queue_log(self) -> Path:
        return self.var / "asterisk" / "log" / "queue_log"


def place_of(line: Line) -> Place:
    """The place of a line that a test started."""
    return _place(line.var, line.environment)


def place_here() -> Place:
    """The line of this machine: `LINE1420_VAR` (or `var`) with its `line.env` and `run.json`, and the environment."""
    var = Path(os.environ.get("LINE1420_VAR", "var"))
    ours = {name: value for name, value in os.environ.items() if name.startswith("LINE1420_")}
    return _place(var, {**read_keys(var / "line.env"), **settings_of(var), **ours})


def _place(var: Path, settings: Mapping[str, str]) -> Place:
    cluster = var / "postgres"
    url = settings.get("LINE1420_DATABASE_URL") or postgres.database_url(
        cluster, int(settings.get("LINE1420_DATABASE_PORT", "5420"))
    )
    return Place(
        var=var,
        database_url=urlunsplit(urlsplit(url)._replace(scheme="postgresql")),
        node=settings.get("LINE1420_SYSTEMNAME", "line1420"),
        ami_host=settings.get("LINE1420_AMI_HOST", "127.0.0.1"),
        ami_port=int(settings.get("LINE1420_AMI_PORT", "5038")),
        ami_secret=settings.get("LINE1420_AMI_LISTENER_SECRET", ""),
        secrets=tuple(sorted(_secrets(settings) | _cluster_password(cluster))),
        environment=dict(settings),
    )


def _secrets(settings: Mapping[str, str]) -> set[str]:
    found: set[str] = set()
    for name, value in settings.items():
        if not name.startswith("LINE1420_"):
            continue
        if name.endswith(("_SECRET", "_TOKEN")):
            found.add(value)
        elif name.endswith(("_SECRETS", "_PASSWORDS")):
            found |= set(json.loads(value or "{}").values())
    return {value for value in found if len(value) >= 8}


def _cluster_password(cluster: Path) -> set[str]:
    kept = cluster / "line1420.password"
    return {kept.read_text(encoding="utf-8").strip()} if kept.is_file() else set()
