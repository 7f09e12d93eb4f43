"""Who sits where: agents, their skills, duties at seats, pauses with causes, and wrap-up as it lasted."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "agent",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("pin_hash", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_agent_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_agent")),
        sa.UniqueConstraint("number", name=op.f("uq_agent_number")),
    )
    op.create_table(
        "agent_skill",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_agent_skill_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "queue", name=op.f("pk_agent_skill")),
    )
    op.create_table(
        "duty",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        _instant("began_at"),
        sa.Column("began_by", sa.Text(), nullable=False),
        _instant("ended_at", nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        _instant("desk_seen_at", nullable=True),
        _instant("phone_gone_at", nullable=True),
        sa.Column("missed", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_duty_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty")),
    )
    op.create_index("ux_duty_open_person", "duty", ["person_id"], unique=True, postgresql_where=_OPEN)
    op.create_index("ux_duty_open_seat", "duty", ["seat"], unique=True, postgresql_where=_OPEN)
    op.create_index("ix_duty_began_at", "duty", ["began_at"], unique=False)
    op.create_index("ix_duty_person", "duty", ["person_id", "began_at"], unique=False)
    op.create_table(
        "duty_pause",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("duty_id", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        _instant("began_at"),
        sa.Column("began_by", sa.Text(), nullable=False),
        _instant("ended_at", nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_duty_pause_duty_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_pause")),
    )
    op.create_index("ux_duty_pause_open", "duty_pause", ["duty_id", "cause"], unique=True, postgresql_where=_OPEN)
    op.create_index("ix_duty_pause_duty", "duty_pause", ["duty_id", "began_at"], unique=False)
    op.create_table(
        "wrap_up",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("duty_id", sa.BigInteger(), nullable=False),
        sa.Column("queue", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        _instant("began_at"),
        _instant("ended_at", nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["duty_id"], ["duty.id"], name=op.f("fk_wrap_up_duty_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wrap_up")),
        sa.UniqueConstraint("duty_id", "call_id", "began_at", name=op.f("uq_wrap_up_duty_id")),
    )
    op.create_index("ux_wrap_up_open", "wrap_up", ["duty_id"], unique=True, postgresql_where=_OPEN)
    op.create_index("ix_wrap_up_began_at", "wrap_up", ["began_at", "queue"], unique=False)


def downgrade() -> None:
    for table in ("wrap_up", "duty_pause", "duty", "agent_skill", "agent"):
        op.drop_table(table)
