"""The roots: one module for each process that `make run` starts, `python -m api.processes.<name>`.

Each reads the settings once, wires its parts, runs until SIGTERM. Next: `migrate.py`, `seed.py`, `web.py`.
"""
