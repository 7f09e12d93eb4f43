"""Writes `versions/0001_first_house.py` anew from `tables.py`; only as long as nothing is released."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy.dialects import postgresql

from api.db.tables import Base

_FIRST = Path(__file__).parent / "versions" / "0001_first_house.py"

_HEAD = '''"""The first house: all tables of `api/db/tables.py`, pgqueuer's own, and the guards of what is append-only.

Made by `python -m api.db.migrations.regenerate` as long as nothing is released; do not edit by hand.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from api.db.migrations.append_only import forbid_change
from api.db.migrations.scripts import run_script

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_PGQUEUER = Path(__file__).parents[1] / "pgqueuer_1_6.sql"
"""Printed by `pgq sql install` of pgqueuer 1.6.0; a new release of it means a new migration."""


def upgrade() -> None:
'''

_TAIL = """
    run_script(_PGQUEUER)
    forbid_change("ledger_event")
    forbid_change("audit_entry")


def downgrade() -> None:
    raise NotImplementedError("before the first house there was nothing; drop the database instead")
"""


def source() -> str:
    """The text of the migration for the tables as they stand now, before formatting."""
    context = MigrationContext.configure(dialect=postgresql.dialect(), opts={"target_metadata": Base.metadata})
    steps: list[ops.MigrateOperation] = []
    for table in Base.metadata.sorted_tables:
        steps.append(ops.CreateTableOp.from_table(table))
        steps += [ops.CreateIndexOp.from_index(index) for index in sorted(table.indexes, key=lambda one: str(one.name))]
    body = render_python_code(ops.UpgradeOps(ops=steps), migration_context=context)
    lines = [line for line in body.splitlines() if not line.strip().startswith("# ###")]
    return (
        _HEAD + "\n".join(line if not line or line.startswith("    op.") else "    " + line for line in lines) + _TAIL
    )


def main() -> None:
    """Write and format the file."""
    _FIRST.write_text(source(), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", "--quiet", str(_FIRST)], check=True)


if __name__ == "__main__":
    main()
