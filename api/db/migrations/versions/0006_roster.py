"""Shifts, and the turns planned for agents."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_HELD = sa.text("retired_at IS NULL")


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _list(name: str) -> sa.Column[Any]:
    return sa.Column(name, postgresql.JSONB(none_as_null=True), nullable=False)


def upgrade() -> None:
    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("code_fa", sa.Text(), nullable=False),
        sa.Column("code_en", sa.Text(), nullable=False),
        sa.Column("name_fa", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("begins", sa.Time(), nullable=False),
        sa.Column("ends", sa.Time(), nullable=False),
        _list("breaks"),
        _list("weekdays"),
        _instant("retired_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    op.create_index("ux_shift_code_fa", "shift", ["code_fa"], unique=True, postgresql_where=_HELD)
    op.create_index("ux_shift_code_en", "shift", ["code_en"], unique=True, postgresql_where=_HELD)
    op.create_table(
        "roster_turn",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        _instant("begins_at"),
        _instant("ends_at"),
        _list("breaks"),
        sa.Column("seat", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        _instant("planned_at"),
        sa.Column("planned_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_roster_turn_person_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_roster_turn_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_turn")),
    )
    op.create_index("ix_roster_turn_day", "roster_turn", ["day"], unique=False)
    op.create_index("ix_roster_turn_person", "roster_turn", ["person_id", "day"], unique=False)
    op.create_index("ix_roster_turn_begins_at", "roster_turn", ["begins_at"], unique=False)


def downgrade() -> None:
    for table in ("roster_turn", "shift"):
        op.drop_table(table)
