"""How long a wait the caller of a visit was told of."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit", sa.Column("told_seconds", sa.Float(), nullable=True))


def downgrade() -> None:
    op.drop_column("visit", "told_seconds")
