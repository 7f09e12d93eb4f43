#!/bin/sh
# Starts the process-AGI fallback. SIGHUP is ignored before Python begins and stays ignored across exec: Asterisk sends
# it at every hangup, and a Python that is still importing would die of it.
trap '' HUP
house=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
cd "$house" || exit 1
exec "$house/.venv/bin/python" -m agi_scripts.fallback "$@"
