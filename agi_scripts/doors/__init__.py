"""One door a file; the file's name is its `agi://` path.

In: a `Knock`, and the `House` that the wiring built. Out: a decision in channel variables. A door gathers what its
dialogue must know, lets `conversation` run it, and leaves. Read `reception` first; `ping` is for health checks.
"""
