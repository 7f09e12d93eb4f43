"""Alembic's entrance. The connection (and with it the transaction) is always handed in by `plan.migrate`."""

from alembic import context

from api.db.metadata import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, compare_server_default=True
)
with context.begin_transaction():
    context.run_migrations()
