"""Agents on duty: who sits where, free or paused and why, at work after a talk, and Asterisk told of it.

In: the desk page, the telephone's sign-in, supervisors, live events of the listener. Out: `duty`, `duty_pause` and `wrap_up`
rows, queue members of Asterisk. Read `service` (what may happen), then `keeper` (how Asterisk comes to agree).
"""
