"""Who comes before others, and what that does to everybody else.

In: a caller's number; what those who keep the groups write down; a period. Out: a `Standing` for the door, groups with their
members and trail, waits by group beside all others. Read `routing/priority.py`, then `standings`, `groups`, `effect`.
"""
