"""Indexes for years of calls: each list's filter leads to the newest matching rows without reading the others."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"
branch_labels = None
depends_on = None

_BETTER = {
    "ix_call_record_caller": ("call_record", ["caller"], ["caller", "arrived_at", "call_id"]),
    "ix_visit_queue": ("visit", ["queue", "entered_at"], ["queue", "arrived_at", "call_id"]),
    "ix_visit_agent": ("visit", ["agent", "entered_at"], ["agent", "arrived_at", "call_id"]),
}
_NEW = {
    "ix_call_record_disposition": ("call_record", ["disposition", "arrived_at", "call_id"]),
    "ix_visit_entered_at": ("visit", ["entered_at"]),
    "ix_case_opened_at": ("case", ["opened_at", "code"]),
    "ix_case_call": ("case", ["call_id"]),
}


def upgrade() -> None:
    op.add_column("visit", sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE visit SET arrived_at = c.arrived_at FROM call_record AS c WHERE c.call_id = visit.call_id")
    op.alter_column("visit", "arrived_at", nullable=False)
    for name, (table, _, columns) in _BETTER.items():
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns, unique=False)
    for name, (table, columns) in _NEW.items():
        op.create_index(name, table, columns, unique=False)


def downgrade() -> None:
    for name, (table, _) in _NEW.items():
        op.drop_index(name, table_name=table)
    for name, (table, columns, _) in _BETTER.items():
        op.drop_index(name, table_name=table)
        op.create_index(name, table, columns, unique=False)
    op.drop_column("visit", "arrived_at")
