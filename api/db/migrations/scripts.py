"""Whole SQL scripts inside a migration. The driver prepares each statement by itself, so scripts take its simple way."""

from pathlib import Path

from alembic import op


def run_script(path: Path) -> None:
    """Run all statements of `path` in the migration's transaction."""
    script = path.read_text(encoding="utf-8")
    connection = op.get_bind().connection.dbapi_connection
    assert connection is not None
    connection.run_async(lambda driver: driver.execute(script))
