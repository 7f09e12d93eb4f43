"""Which migration is the newest, and bringing a database there."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


@cache
def newest() -> str:
    """The revision that this code needs."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("api/db/migrations/versions holds no migration: the installation is incomplete")
    return head


def migrate(connection: Connection) -> None:
    """Bring the database at `connection` to `newest()`; does nothing when it is there. One transaction, the caller's."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
