"""How the tables come to be, step by step (Alembic). Nothing is released yet, so there is one step, `0001`.

After a change in `tables.py` write `versions/0001_first_house.py` anew, while nothing is released:
`.venv/bin/python -m api.db.migrations.regenerate` (needs no database). A test fails when it was forgotten.

In: `python -m api.processes.migrate`. Out: a database at `newest()`. Next: `plan.py`, `env.py`, `versions/`.
"""
