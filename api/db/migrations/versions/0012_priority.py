"""Groups of callers with a priority, and what each call record knows of its caller's: province, priority, repeat."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")
_PROVINCES = {
    "11": "mazandaran",
    "13": "gilan",
    "17": "golestan",
    "21": "tehran",
    "23": "semnan",
    "24": "zanjan",
    "25": "qom",
    "26": "alborz",
    "28": "qazvin",
    "31": "isfahan",
    "34": "kerman",
    "35": "yazd",
    "38": "chaharmahal_bakhtiari",
    "41": "east_azerbaijan",
    "44": "west_azerbaijan",
    "45": "ardabil",
    "51": "khorasan_razavi",
    "54": "sistan_baluchestan",
    "56": "south_khorasan",
    "58": "north_khorasan",
    "61": "khuzestan",
    "66": "lorestan",
    "71": "fars",
    "74": "kohgiluyeh_boyer_ahmad",
    "76": "hormozgan",
    "77": "bushehr",
    "81": "hamadan",
    "83": "kermanshah",
    "84": "ilam",
    "86": "markazi",
    "87": "kurdistan",
}
"""As `ivr.kernel.area_codes` had them when this was written: a migration stays what it was."""

_PAIRS = ", ".join(f"('+98{code}', '{name}')" for code, name in _PROVINCES.items())
PROVINCES_OF_BEFORE = (
    f"UPDATE call_record SET province = p.name FROM (VALUES {_PAIRS}) AS p (begins, name)"  # noqa: S608 - our own words
    " WHERE length(caller) = 13 AND left(caller, 5) = p.begins"
)
"""What the fold says of a call that is stored already must be what is stored of it."""


def _instant(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "caller_group",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name_fa", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        _instant("retired_at", nullable=True),
        sa.CheckConstraint("priority BETWEEN 0 AND 10", name=op.f("ck_caller_group_priority")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_caller_group")),
    )
    op.create_table(
        "caller_group_member",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("group_code", sa.Text(), nullable=False),
        sa.Column("caller", sa.Text(), nullable=False),
        _instant("since"),
        _instant("until", nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        _instant("ended_at", nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["group_code"], ["caller_group.code"], name=op.f("fk_caller_group_member_group_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caller_group_member")),
    )
    op.create_index(
        "ux_caller_group_member_open",
        "caller_group_member",
        ["group_code", "caller"],
        unique=True,
        postgresql_where=_OPEN,
    )
    op.create_index(
        "ix_caller_group_member_caller", "caller_group_member", ["caller"], unique=False, postgresql_where=_OPEN
    )
    op.create_index("ix_caller_group_member_group", "caller_group_member", ["group_code", "id"], unique=False)
    op.add_column("call_record", sa.Column("province", sa.Text(), nullable=True))
    op.add_column("call_record", sa.Column("priority", sa.SmallInteger(), nullable=True))
    op.add_column("call_record", sa.Column("caller_group", sa.Text(), nullable=True))
    op.add_column("call_record", sa.Column("repeat", sa.Integer(), nullable=True))
    op.execute(PROVINCES_OF_BEFORE)


def downgrade() -> None:
    for column in ("repeat", "caller_group", "priority", "province"):
        op.drop_column("call_record", column)
    for table in ("caller_group_member", "caller_group"):
        op.drop_table(table)
