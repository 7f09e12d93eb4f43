"""How the tables come to be, step by step (Alembic). A step that was ever run is never changed.

A change in the tables needs a new file in `versions/` with the next number; a test fails when it was forgotten.

In: `python -m api.processes.migrate`. Out: a database at `newest()`. Next: `plan.py`, `env.py`, `versions/`.
"""
