"""The stage the line stands on: what a machine lacks is set up, all processes are started and stopped together.

In: a Debian machine and the settings. Out: a line that answers, and `var/run.json` that tells where.
Read `setup.sh` (what must be installed), then `run`, then `programs`.
"""
