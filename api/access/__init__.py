"""Who is asking, and what they may do: the only gate of the house.

In: a session cookie or a bearer token. Out: a `Principal`, or a refusal. Next: `permissions.py` (the one table), `guard.py`.
"""
