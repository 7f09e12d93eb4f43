"""Deeds of who leads the floor: on waiting callers, on queues, on what everybody is told, on talks.

In: the board, a person, what they want. Out: words to Asterisk (`routing.leading`), files that doors read, and the trail with
before and after. Read `waiting`, `listening`, `closures`, `announcements`; then `closing_out`, which lives with the listener.
"""
