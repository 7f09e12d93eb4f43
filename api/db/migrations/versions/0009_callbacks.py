"""Call backs that keep their place in line, and the calls that were made for them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('pending', 'placed', 'dialling', 'retry')")


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _word(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "callback",
        _word("code"),
        _word("number"),
        sa.Column("keyed", sa.Boolean(), nullable=False),
        _word("queue"),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        _word("asked_call"),
        _instant("asked_at"),
        _instant("joined_at"),
        _word("state"),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        _instant("not_before", nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        _word("attempt_call", nullable=True),
        _instant("attempt_at", nullable=True),
        _word("same_as", nullable=True),
        _instant("ended_at", nullable=True),
        _word("ended_by", nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_callback")),
    )
    op.create_index("ux_callback_open_number", "callback", ["number"], unique=True, postgresql_where=_OPEN)
    op.create_index("ix_callback_open", "callback", ["queue", "joined_at"], unique=False, postgresql_where=_OPEN)
    op.create_index("ix_callback_asked_at", "callback", ["asked_at"], unique=False)
    shared = sa.text("same_as IS NOT NULL")
    op.create_index("ix_callback_same_as", "callback", ["same_as"], unique=False, postgresql_where=shared)
    op.create_table(
        "callback_call",
        _word("call_id"),
        _word("code"),
        sa.Column("n", sa.Integer(), nullable=False),
        _instant("begun_at"),
        _instant("placed_at", nullable=True),
        _instant("taken_at", nullable=True),
        _instant("dialled_at", nullable=True),
        _instant("reached_at", nullable=True),
        _instant("ended_at", nullable=True),
        _word("seat", nullable=True),
        _word("agent", nullable=True),
        _word("status", nullable=True),
        _word("outcome", nullable=True),
        sa.Column("rang_seconds", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["code"], ["callback.code"], name=op.f("fk_callback_call_code"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name=op.f("pk_callback_call")),
        sa.UniqueConstraint("code", "n", name=op.f("uq_callback_call_code")),
    )
    unfinished = sa.text("outcome IS NULL OR ended_at IS NULL")
    op.create_index("ix_callback_call_open", "callback_call", ["begun_at"], unique=False, postgresql_where=unfinished)
    op.create_index("ix_callback_call_begun_at", "callback_call", ["begun_at"], unique=False)


def downgrade() -> None:
    for table in ("callback_call", "callback"):
        op.drop_table(table)
