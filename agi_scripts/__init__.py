"""The doors Asterisk knocks on: one file in `doors/` a route, its name is the `agi://` path.

In: a FastAGI (or process AGI) connection. Out: decisions in channel variables (`variables`), `LINE_DONE=1` last.
Read `server`, then `conversation`, then a door.
"""
