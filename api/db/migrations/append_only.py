"""Tables in which nothing is ever changed or removed: what happened, happened. PostgreSQL itself refuses."""

from alembic import op

_FUNCTION = """
CREATE OR REPLACE FUNCTION line1420_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$
"""


def forbid_change(table: str) -> None:
    """UPDATE, DELETE and TRUNCATE on `table` fail from now on, for its owner too."""
    op.execute(_FUNCTION)
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION line1420_append_only()"
    )
    op.execute(
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION line1420_append_only()"
    )
